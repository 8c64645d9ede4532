"""Small documents of one person: preferences, drafts, marks; or of everybody."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from codybatch.domain.identifiers import Person
from codybatch.domain.records import Record

MAX_DOCUMENT_BYTES = 256 * 1024
"""Of a document's content in UTF-8: the longest prompt (100,000 bytes) fits as JSON, and so does an
item of DynamoDB (400 KB)."""
EVERYBODY = Person("*")
"""Whose documents are of all people; nobody is called so."""


_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"{text!r} is no document's name: 1 to 100 lowercase letters, digits, dashes and dots"
        )
    return text


DocumentName = Annotated[str, AfterValidator(_name)]


class PersonDocument(Record):
    """One named document of one person, as its writer wrote it."""

    person: Person
    name: DocumentName
    content: str
    """JSON. What is in it is a matter of who writes it: a store never reads it."""
    version: int = 0
    """Rises with every change; a writer names the one it read, 0 where there was none."""

"""What is asked for: the bodies and query parameters of requests, read strictly."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from codybatch.domain.records import Record

MOST_ITEMS = 200
"""Of one page: an answer fits into what a gateway lets through."""


class Asked(Record):
    """Something that a program asks for: only by the names of the wire, and no other field."""

    model_config = ConfigDict(validate_by_name=False)


def strictly(kind: type[Asked]) -> BeforeValidator:
    """How a body of JSON is read: every value has the type that the document says, and none is
    bent to it. A value that is JSON already is read once more as JSON, since only there a list is
    a tuple and a text an amount, and a number still no text.
    """

    def read(given: Any) -> Asked:
        return kind.model_validate_json(json.dumps(given), strict=True)

    return BeforeValidator(read)


def _flag(written: Any) -> Any:
    if isinstance(written, str) and written not in {"true", "false"}:
        raise ValueError("true or false")
    return written


Flag = Annotated[bool, BeforeValidator(_flag)]
"""A query parameter that is true or false, and nothing like it."""
Limit = Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many at most.")]
Cursor = Annotated[
    str | None, Field(max_length=512, description="Of the page before, to go on from there.")
]


class Paged(Asked):
    """Which page of a list."""

    limit: Limit = 25
    cursor: Cursor = None

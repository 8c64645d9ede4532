"""The part of the records port about documents of one person."""

from __future__ import annotations

from typing import Protocol

from codybatch.domain.documents import PersonDocument
from codybatch.domain.identifiers import Person


class PersonDocuments(Protocol):
    """Small named documents of one person, each changed whole; promises as ``Records`` does."""

    def person_document(self, person: Person, name: str) -> PersonDocument | None:
        """One document; None where there is none."""
        ...

    def put_person_document(
        self, document: PersonDocument, *, overwrite: bool = False
    ) -> PersonDocument:
        """Store a document where ``document.version`` is still the stored one (0: there is none);
        gives it back with its new version, which no earlier document of this name ever had.

        Args:
            document: the new content.
            overwrite: whether to store it whatever the stored version is.

        Raises:
            StaleWrite: it was changed or forgotten since.
            DocumentTooLarge: the content has more than MAX_DOCUMENT_BYTES.
        """
        ...

    def forget_person_document(self, person: Person, name: str) -> bool:
        """Drop a document, whatever its version; False where there is none."""
        ...

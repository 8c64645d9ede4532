"""Documents of one person: what is refused, the same for every store."""

from __future__ import annotations

from codybatch.domain.documents import MAX_DOCUMENT_BYTES, PersonDocument
from codybatch.domain.errors import DocumentTooLarge, StaleWrite


def check_size(document: PersonDocument) -> None:
    """Refuse a document that is no small one.

    Raises:
        DocumentTooLarge: its content has more than MAX_DOCUMENT_BYTES.
    """
    size = len(document.content.encode())
    if size > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(
            f"{document.name!r} would have {size:,} bytes, and at most {MAX_DOCUMENT_BYTES:,} are "
            "kept of one document. Make it smaller; what was stored before is kept."
        )


def check_current(document: PersonDocument, stored: int) -> None:
    """Refuse a stale writer.

    Args:
        document: what it writes.
        stored: the stored version; 0 where there is no such document.

    Raises:
        StaleWrite: it did not read that version.
    """
    if document.version != stored:
        raise StaleWrite(
            f"{document.name!r} of {document.person} was changed since it was read, perhaps in "
            "another window. Read it again first, or overwrite it."
        )

"""The port of immutable objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from codybatch.domain.threads import BlobRef


class Blobs(Protocol):
    """Immutable objects.

    A key is ``/``-separated parts of ``[A-Za-z0-9._-]``, no part ``.`` or ``..``. All methods
    may be called from any thread and any process, and raise StoreFull and StoreDamaged. A store on
    other machines also raises StoreUnavailable, StoreRefused and StoreNotSetUp.
    """

    def put(self, key: str, content: bytes | Iterator[bytes]) -> BlobRef:
        """Store an object under a new key; when this returns it outlives a power cut.

        The same bytes under the same key again are the same object; a reader sees all of it or
        nothing.

        Raises:
            BlobExists: the key holds other bytes.
        """
        ...

    def find(self, key: str) -> BlobRef | None:
        """What is stored under a key, whether or not a record points to it."""
        ...

    def get(self, ref: BlobRef, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from ``start`` up to ``end``, checked against a digest of each part they touch.

        Raises:
            BlobMissing: there is no such object.
            BlobDamaged: the bytes are not those that were stored.
        """
        ...

    def stream(self, ref: BlobRef) -> Iterator[bytes]:
        """All the bytes in pieces, each checked before it is given out.

        Raises:
            BlobMissing: there is no such object.
            BlobDamaged: the bytes are not those that were stored.
        """
        ...

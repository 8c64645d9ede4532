"""The port of immutable objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

from codybatch.domain.threads import BlobRef

LINK_LIFETIME = timedelta(minutes=5)
"""Long enough to begin a download, too short to be passed on."""


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

    def link(self, ref: BlobRef, file_name: str, lifetime: timedelta = LINK_LIFETIME) -> str | None:
        """An address from which whoever has it downloads the object, past us, for a while. None
        where the store has no addresses: stream it then. Its bytes are not checked on that way;
        ``ref.sha256`` is for who downloads them. It is a secret: never log it.

        Args:
            ref: the object.
            file_name: what the file is to be called; what is not safe in a name is replaced.
            lifetime: how long a download may begin: from a second to an hour.

        Raises:
            BlobMissing: there is no such object.
            BlobDamaged: what is there is not what the record names, as far as that is known
                without reading it.
        """
        ...

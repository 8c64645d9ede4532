"""Long texts of items: small ones as they are, longer ones compressed, huge ones in the bucket.

An item has at most 400 KB, and each KB of it is paid for with each write.
"""

from __future__ import annotations

import hashlib
import zlib

from codybatch.domain.errors import BlobMissing
from codybatch.domain.threads import BlobRef
from codybatch.ports.blobs import Blobs
from codybatch.stores.aws.items import Item, Value, damaged

PLAIN_BYTES = 512
"""Up to here a text stays readable in the item; beyond, JSON shrinks to about a third."""
INLINE_BYTES = 32 * 1024
"""Of a compressed text; beyond, it stands in the bucket and the item names it. So a transaction
holds 100 of the longest in its 4 MB (API_TransactWriteItems)."""
_MOST_BYTES = 1 << 28
"""Of a text that is unpacked."""


class Texts:
    """Writes long texts into attributes and reads them again."""

    def __init__(self, blobs: Blobs) -> None:
        """Keep where huge texts go."""
        self._blobs = blobs

    def packed(self, name: str, text: str) -> dict[str, Value]:
        """The attributes that hold a text: ``name``, or with a suffix that says how."""
        content = text.encode()
        if len(content) <= PLAIN_BYTES:
            return {name: text}
        shrunk = zlib.compress(content)
        if len(shrunk) <= INLINE_BYTES:
            return {f"{name}_z": shrunk}
        key = f"records/{hashlib.sha256(shrunk).hexdigest()}"
        ref = self._blobs.put(key, shrunk)
        return {f"{name}_at": ref.to_json()}

    def text(self, item: Item, name: str) -> str:
        """The text that ``packed`` put into an item.

        Raises:
            StoreDamaged: it is not there whole.
        """
        plain = item.maybe_text(name)
        if plain is not None:
            return plain
        shrunk = item.attributes.get(f"{name}_z")
        if shrunk is None:
            shrunk = self._from_bucket(item, name)
        if not isinstance(shrunk, bytes):
            raise damaged(item.key, f"{name} is missing")
        return _unpacked(item, name, shrunk)

    def _from_bucket(self, item: Item, name: str) -> bytes:
        try:
            return self._blobs.get(BlobRef.model_validate_json(item.text(f"{name}_at")))
        except (ValueError, BlobMissing) as error:
            raise damaged(item.key, f"{name} is not in the bucket") from error


def _unpacked(item: Item, name: str, shrunk: bytes) -> str:
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(shrunk, _MOST_BYTES)
        if not unpacking.eof:
            raise damaged(item.key, f"{name} does not end")
        return content.decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise damaged(item.key, f"{name} cannot be read") from error


def variants(name: str) -> tuple[str, str, str]:
    """The attributes that one text may stand in: writing one removes the others."""
    return (name, f"{name}_z", f"{name}_at")

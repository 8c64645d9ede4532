"""What is known of an object's bytes, kept with it as metadata: S3 gives both in one answer, and
they come into being together, so that there is never an object without its digests.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from codybatch.domain.errors import BlobDamaged
from codybatch.domain.threads import BlobRef

_SMALLEST_PART = 1 << 20
_MOST_PARTS = 40
"""Their digests must fit into the 2 KB that S3 keeps as metadata
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html)."""
_DIGEST_BYTES = hashlib.sha256().digest_size
_SIZE, _SHA256, _PARTS = "codybatch-size", "codybatch-sha256", "codybatch-parts"


@dataclass(frozen=True)
class Stamp:
    """The digest of an object's bytes, and that of each of its parts."""

    size: int
    """Bytes."""
    sha256: str
    """Hex digest of all of them."""
    parts: tuple[bytes, ...]
    """The digest of each part of ``part_bytes(size)``; empty where one part is the whole."""

    def ref(self, key: str) -> BlobRef:
        """The name of these bytes under ``key``."""
        return BlobRef(key=key, size=self.size, sha256=self.sha256)

    def digest_of(self, part: int) -> bytes:
        """The digest that the part must have (from 0)."""
        return self.parts[part] if self.parts else bytes.fromhex(self.sha256)

    def metadata(self) -> dict[str, str]:
        """As it is kept with the object."""
        parts = base64.b64encode(b"".join(self.parts)).decode()
        return {_SIZE: str(self.size), _SHA256: self.sha256} | ({_PARTS: parts} if parts else {})


def part_bytes(size: int) -> int:
    """How long the parts of an object of ``size`` bytes are that have digests of their own."""
    length = _SMALLEST_PART
    while size > _MOST_PARTS * length:
        length *= 2
    return length


def stamp_of(source: IO[bytes], size: int) -> Stamp:
    """The stamp of the bytes of ``source``, read from its beginning."""
    whole, parts = hashlib.sha256(), []
    for content in pieces(source, part_bytes(size)):
        whole.update(content)
        parts.append(hashlib.sha256(content).digest())
    return Stamp(size, whole.hexdigest(), tuple(parts) if len(parts) > 1 else ())


def pieces(source: IO[bytes], length: int) -> Iterator[bytes]:
    """The bytes of ``source`` from its beginning, ``length`` at a time."""
    source.seek(0)
    while piece := source.read(length):
        yield piece


def stamp_in(metadata: Mapping[str, str], stored_bytes: int, key: str) -> Stamp:
    """The stamp that stands in an object's metadata.

    Raises:
        BlobDamaged: there is none, or it does not fit an object of so many bytes.
    """
    try:
        joined = base64.b64decode(metadata.get(_PARTS, ""), validate=True)
        stamp = Stamp(int(metadata[_SIZE]), metadata[_SHA256], _divided(joined))
        bytes.fromhex(stamp.sha256)
    except (KeyError, ValueError) as error:
        raise damaged(key, "its metadata is not ours") from error
    count = max(1, -(-stamp.size // part_bytes(stamp.size)))
    if stamp.size != stored_bytes or len(stamp.parts or [b""]) != count:
        raise damaged(key, f"it has {stored_bytes} bytes where {stamp.size} were stored")
    return stamp


def damaged(key: str, why: str) -> BlobDamaged:
    """The error of an object that is not what was stored."""
    return BlobDamaged(
        f"The object {key} does not hold the bytes that were stored: {why}. Somebody changed it in "
        "the bucket; put its earlier version back, or run its job again."
    )


def _divided(joined: bytes) -> tuple[bytes, ...]:
    return tuple(
        joined[start : start + _DIGEST_BYTES] for start in range(0, len(joined), _DIGEST_BYTES)
    )

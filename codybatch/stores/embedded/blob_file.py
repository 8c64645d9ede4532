"""One object's file: its bytes, then a footer with their digests.

The footer is JSON (size, digest of all, and for more than one part the digest of each part),
then its length as 8 hex digits and a mark, so that it is read from the end without the bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import BinaryIO

from codybatch.domain.errors import BlobDamaged
from codybatch.domain.records import Record
from codybatch.domain.threads import BlobRef

PART_BYTES = 1 << 20
_MARK = b"codyblob"
_TAIL_BYTES = 8 + len(_MARK)


class Footer(Record):
    """What is known of an object's bytes."""

    size: int
    sha256: str
    parts: tuple[str, ...] = ()
    """The digest of each part of PART_BYTES; empty where there is one part: it is the whole."""

    def ref(self, key: str) -> BlobRef:
        """The name of these bytes under ``key``."""
        return BlobRef(key=key, size=self.size, sha256=self.sha256)

    def digest_of(self, part: int) -> str:
        """The digest that the part must have (from 0)."""
        return self.parts[part] if self.parts else self.sha256


class Digests:
    """The digests of bytes that come in pieces."""

    def __init__(self) -> None:
        """Begin with no bytes."""
        self._whole = hashlib.sha256()
        self._part = hashlib.sha256()
        self._parts: list[str] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        self._whole.update(piece)
        rest = memoryview(piece)
        while rest:
            room = PART_BYTES - self._size % PART_BYTES
            taken, rest = rest[:room], rest[room:]
            self._part.update(taken)
            self._size += len(taken)
            if self._size % PART_BYTES == 0:
                self._end_part()

    def footer(self) -> Footer:
        """The footer of all that was added."""
        if self._size % PART_BYTES:
            self._end_part()
        parts = tuple(self._parts) if len(self._parts) > 1 else ()
        return Footer(size=self._size, sha256=self._whole.hexdigest(), parts=parts)

    def _end_part(self) -> None:
        self._parts.append(self._part.hexdigest())
        self._part = hashlib.sha256()


def footer_bytes(footer: Footer) -> bytes:
    """A footer as it stands in the file."""
    content = footer.to_json().encode()
    return content + f"{len(content):08x}".encode() + _MARK


def read_footer(file: BinaryIO, key: str) -> Footer:
    """An object's footer.

    Raises:
        BlobDamaged: there is none, or it does not fit the file.
    """
    total = file.seek(0, os.SEEK_END)
    try:
        length = int(_read_at(file, total - _TAIL_BYTES, 8), 16)
        stored = _read_at(file, total - _TAIL_BYTES - length, length + _TAIL_BYTES)
        footer = Footer.model_validate_json(stored[:-_TAIL_BYTES])
    except ValueError as error:
        raise damaged(key) from error
    part_count = max(1, -(-footer.size // PART_BYTES))
    fits = footer.size + len(stored) == total and len(footer.parts or "1") == part_count
    if not fits or stored != footer_bytes(footer):
        raise damaged(key)
    return footer


def read_range(file: BinaryIO, footer: Footer, key: str, start: int, end: int) -> Iterator[bytes]:
    """The bytes from ``start`` up to ``end`` in pieces, each of a part that was checked whole.

    Raises:
        BlobDamaged: a part's bytes do not have its digest.
    """
    end = min(end, footer.size)
    for part in range(start // PART_BYTES, -(-end // PART_BYTES)):
        begin = part * PART_BYTES
        content = _read_at(file, begin, min(PART_BYTES, footer.size - begin))
        if hashlib.sha256(content).hexdigest() != footer.digest_of(part):
            raise damaged(key)
        yield content[max(0, start - begin) : end - begin]


def damaged(key: str) -> BlobDamaged:
    """The error of an object that is not what was stored."""
    return BlobDamaged(
        f"The object {key} does not hold the bytes that were stored. "
        "Put it back from a backup, or run its job again."
    )


def _read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(max(0, offset))
    return file.read(length)

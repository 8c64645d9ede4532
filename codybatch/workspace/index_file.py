"""The index, read and copied without git: what was checked out, and by which status it is known."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Self

# gitformat-index(5): signature, version, number of entries. Then of each entry ctime and mtime
# (seconds, nanoseconds), device, inode, mode, owner, group, size, object id and flags; the name;
# NULs up to a multiple of eight bytes. Extensions follow, and a SHA-1 of all before.
_HEAD = struct.Struct(">4sII")
_ENTRY = struct.Struct(">IIIIIIIIII20sH")
_EXTENDED = 0x4000
_TO_MODE, _AFTER_MODE, _TO_NAME = 24, 28, 40
_CHECKSUM_BYTES = 20
_SECOND = 1_000_000_000


class Indexed(NamedTuple):
    """What the index holds of a file, and the status by which its content is known."""

    place: int
    """Where the entry begins in the index."""
    mode: int
    changed: int
    """Nanoseconds since the epoch."""
    modified: int
    """The same."""
    inode: int
    size: int


class IndexFile:
    """An index as git wrote it.

    Arguments:
        data: all of the file.
        written: when it was written, in nanoseconds since the epoch.

    Raises:
        ValueError: it is no index of version 2 or 3.
    """

    def __init__(self, data: bytes, written: int) -> None:
        self._data = data
        self.written = written
        self.entries: dict[bytes, Indexed] = {}
        """By their paths."""
        signature, version, count = _HEAD.unpack_from(data.ljust(_HEAD.size))
        if signature != b"DIRC" or version not in {2, 3}:
            raise ValueError("This is no index of version 2 or 3.")
        place = _HEAD.size
        for _ in range(count):
            place = self._read(place)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an index.

        Raises:
            OSError: there is none.
            ValueError: it is no index of version 2 or 3.
        """
        return cls(path.read_bytes(), path.stat().st_mtime_ns)

    def copy(self, target: Path, doubtful: Iterable[Indexed]) -> None:
        """Write a copy that no longer knows the content of ``doubtful`` by their status.

        Without that, git takes a file for unchanged whose status differs by less than a second.
        """
        data = bytearray(self._data[:-_CHECKSUM_BYTES])
        for entry in doubtful:
            data[entry.place : entry.place + _TO_MODE] = bytes(_TO_MODE)
            rest = slice(entry.place + _AFTER_MODE, entry.place + _TO_NAME)
            data[rest] = bytes(_TO_NAME - _AFTER_MODE)
        target.write_bytes(data + hashlib.sha1(data, usedforsecurity=False).digest())

    def _read(self, place: int) -> int:
        """Read the entry at ``place`` and return where the next begins."""
        changed, changed_ns, modified, modified_ns, _, inode, mode, _, _, size, _, flags = (
            _ENTRY.unpack_from(self._data, place)
        )
        name = place + _ENTRY.size + (2 if flags & _EXTENDED else 0)
        end = self._data.index(b"\0", name)
        times = (changed * _SECOND + changed_ns, modified * _SECOND + modified_ns)
        self.entries[self._data[name:end]] = Indexed(place, mode, *times, inode, size)
        return place + ((end - place + 8) & ~7)

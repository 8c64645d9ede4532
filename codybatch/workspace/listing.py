"""The listing of a commit: read as git streams it, and refused as soon as a limit is crossed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codybatch.domain.errors import RepositoryTooLarge, RepositoryUnsupported
from codybatch.workspace.manifest import (
    EXECUTABLE,
    FILE,
    SUBMODULE,
    SYMLINK,
    ManifestEntry,
    folded,
)
from codybatch.workspace.paths import MAX_NAME_BYTES, MAX_PATH_BYTES, is_git_name, shown

# Whatever fits none of these is harmless; whatever fits is looked at part by part.
_SUSPECT = re.compile(rb"(?i)[\x00-\x1f\x7f-\xff\\]|(?:^|/)(?:\.{0,2}(?:/|$)|\.git|git~1)")
_MODES = {mode.encode("ascii"): mode for mode in (FILE, EXECUTABLE, SYMLINK, SUBMODULE)}
_LONGEST_RECORD = 1 << 16
_REFUSED_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(frozen=True)
class ListingLimits:
    """How much a commit may hold.

    Arguments:
        max_files: entries.
        max_bytes: of all files together.
        max_file_bytes: of one file.
    """

    max_files: int = 100_000
    max_bytes: int = 2 << 30
    max_file_bytes: int = 512 << 20


class Listing:
    """Reads what ``git ls-tree -r -l -z`` prints, block by block.

    Arguments:
        limits: what to stop at.
    """

    def __init__(self, limits: ListingLimits) -> None:
        self._limits = limits
        self._entries: list[ManifestEntry] = []
        self._bytes = 0
        self._rest = b""

    def add(self, block: bytes) -> None:
        """Take the next block of output.

        Raises:
            RepositoryTooLarge: a limit is crossed.
            RepositoryUnsupported: a name is one that git or a file system refuses.
        """
        *records, self._rest = (self._rest + block).split(b"\0")
        for record in records:
            self._take(record)
        if len(self._entries) > self._limits.max_files:
            raise RepositoryTooLarge(
                f"The repository holds more than {self._limits.max_files:,} files, the limit."
            )
        if self._bytes > self._limits.max_bytes:
            raise RepositoryTooLarge(
                f"The repository's files have more than {self._limits.max_bytes:,} bytes, the "
                "limit."
            )
        if len(self._rest) > _LONGEST_RECORD:
            raise _too_long(self._rest.partition(b"\t")[2].decode("utf-8", "surrogateescape"))

    def _take(self, record: bytes) -> None:
        fields, _, name = record.partition(b"\t")
        mode, _, blob, written_size = fields.split()
        size = 0 if written_size == b"-" else int(written_size)
        path = checked_path(name)
        if size > self._limits.max_file_bytes:
            raise RepositoryTooLarge(
                f"{shown(path)} has {size:,} bytes; the limit for one file is "
                f"{self._limits.max_file_bytes:,}."
            )
        self._bytes += size
        known = _MODES.get(mode) or _canonical_mode(mode)
        self._entries.append(ManifestEntry(path, known, blob.decode("ascii"), size))

    def entries(self) -> list[ManifestEntry]:
        """Every entry, once the output has ended.

        Raises:
            RepositoryUnsupported: two names are one on a file system without regard to case.
        """
        refuse_collisions(self._entries)
        return self._entries


def checked_path(name: bytes) -> str:
    """A name of git's as a path, when every file system of ours can hold it.

    Bytes that are not UTF-8 are kept as surrogates.

    Raises:
        RepositoryUnsupported: a part is empty, ``.``, ``..`` or some spelling of ``.git``; the name
            holds a backslash or a control character, or is too long.
    """
    path = name.decode("utf-8", "surrogateescape")
    if len(name) <= MAX_NAME_BYTES and not _SUSPECT.search(name):
        return path
    parts = path.split("/")
    if any(part in {"", ".", ".."} or is_git_name(part) for part in parts):
        raise RepositoryUnsupported(
            f"The repository holds {shown(path)!r}, a name that would lead into a git directory or "
            "out of the work tree."
        )
    if _REFUSED_CHARACTERS.search(path):
        raise RepositoryUnsupported(
            f"The repository holds {shown(path)!r}; names with a backslash or a control character "
            "are not supported."
        )
    longest = max(len(part) for part in name.split(b"/"))
    if len(name) > MAX_PATH_BYTES or longest > MAX_NAME_BYTES:
        raise _too_long(path)
    return path


def refuse_collisions(entries: list[ManifestEntry]) -> None:
    """Refuse paths that are one and the same on a file system without regard to case.

    Raises:
        RepositoryUnsupported: two files would be one, or a file would be a folder.
    """
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for entry in entries:
        key = folded(entry.path)
        if key in seen:
            raise _collision(seen[key], entry.path)
        seen[key] = entry.path
        folder = key.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for folder in folders & seen.keys():
        raise _collision(seen[folder], f"{folder}/")


def _too_long(path: str) -> RepositoryUnsupported:
    return RepositoryUnsupported(
        f"The repository holds the path {shown(path[:80])!r}…, which is too long: at most "
        f"{MAX_PATH_BYTES:,} bytes, and {MAX_NAME_BYTES} a part."
    )


def _collision(one: str, other: str) -> RepositoryUnsupported:
    return RepositoryUnsupported(
        f"The repository holds {shown(one)!r} and {shown(other)!r}, which are one file on systems "
        "that take no notice of case. Rename one of them."
    )


def _canonical_mode(mode: bytes) -> str:
    """The mode as git's index has it; old commits hold others, such as 100664."""
    bits = int(mode, 8)
    kind = bits & 0o170000
    if kind == 0o120000:
        return SYMLINK
    if kind != 0o100000:
        return SUBMODULE
    return EXECUTABLE if bits & 0o100 else FILE

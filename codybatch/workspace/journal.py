"""The journal of a work tree: what differs from the pinned commit, exactly and cheaply.

For each changed path it holds the mode and the sha git would give the bytes, so that a file that is
put back as it was counts as unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from codybatch.workspace.manifest import Manifest, ManifestEntry, folded
from codybatch.workspace.paths import name_bytes


class Journal:
    """The base's entries with the changes over them."""

    def __init__(self, manifest: Manifest) -> None:
        """Begin with nothing changed."""
        self._base = manifest.entries
        self._changes: dict[str, ManifestEntry | None] = {}
        self._paths: tuple[str, ...] | None = None
        self._spellings: dict[str, str] | None = None
        self._digest: str | None = None
        self.new_files = 0
        """How many files there are that the base does not have."""

    def entry(self, path: str) -> ManifestEntry | None:
        """What a path holds now; None where there is no such file."""
        return self._changes[path] if path in self._changes else self._base.get(path)

    def is_new(self, path: str) -> bool:
        """Whether the base has no such file."""
        return path not in self._base

    def paths(self) -> tuple[str, ...]:
        """Every path there is now, sorted."""
        if self._paths is None:
            gone = {path for path, entry in self._changes.items() if entry is None}
            self._paths = tuple(sorted((self._base.keys() | self._changes.keys()) - gone))
        return self._paths

    def note(self, path: str, entry: ManifestEntry | None) -> None:
        """Write down what a path holds from now on; None where it was deleted."""
        existed = self.entry(path) is not None
        base = self._base.get(path)
        if _same(entry, base):
            self._changes.pop(path, None)
        else:
            self._changes[path] = entry
        self._digest = None
        if existed != (entry is not None):
            self._paths = self._spellings = None
            self.new_files += (base is None) * (-1 if existed else 1)

    def changed(self) -> tuple[str, ...]:
        """Paths whose bytes, mode or existence differ from the base, sorted."""
        return tuple(sorted(self._changes))

    def digest(self) -> str:
        """A sha256 that the same changes of the same base always give.

        Over ``mode blob path`` of each changed path (``0 - path`` where it was deleted), sorted by
        path, each ended by a NUL, which no path holds; of nothing where nothing changed.
        """
        if self._digest is None:
            lines = (_line(path, self._changes[path]) for path in self.changed())
            self._digest = hashlib.sha256(b"".join(lines)).hexdigest()
        return self._digest

    def other_spelling(self, path: str) -> tuple[str, str] | None:
        """Where ``path`` or a folder above it differs only by case or accents from a name that is
        there: that part of it, and how it is spelled there.
        """
        if self._spellings is None:
            self._spellings = {
                folded(name): name for known in self.paths() for name in names(known)
            }
        for name in names(path):
            known = self._spellings.get(folded(name), name)
            if known != name:
                return name, known
        return None


def blob_sha(data: bytes) -> str:
    """The object id that git gives these bytes (git-hash-object: ``blob SIZE NUL bytes``)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def names(path: str) -> Iterator[str]:
    """Every folder above a path, outermost first, then the path itself."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
    yield path


def _same(one: ManifestEntry | None, other: ManifestEntry | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.mode, one.blob) == (other.mode, other.blob)


def _line(path: str, entry: ManifestEntry | None) -> bytes:
    head = "0 -" if entry is None else f"{entry.mode} {entry.blob}"
    return f"{head} ".encode() + name_bytes(path) + b"\0"

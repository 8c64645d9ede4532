"""The manifest: what the pinned commit holds, file by file, beside the work tree.

Paths are POSIX, relative to the repository's root, and `str` with surrogate escapes where a name
is not UTF-8 (as `os.fsdecode` makes them), so that untouched files keep their names byte for byte.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self

FILE = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"


class ManifestEntry(NamedTuple):
    """One file of the pinned commit."""

    path: str
    mode: str
    """As git writes it: ``100644``, ``100755``, ``120000`` (symlink) or ``160000`` (submodule)."""
    blob: str
    """The git object id of its content, 40 hex digits; of a submodule, its commit."""
    size: int
    """Bytes; 0 for a submodule."""


@dataclass(frozen=True)
class Manifest:
    """The files of the pinned commit, by path.

    ``changed_before`` is for a follow-up: the paths that its parent's patch added, changed or
    deleted in the work tree before the conversation began. Entries describe the pinned commit all
    the same, since a job's patch is cumulative.
    """

    entries: Mapping[str, ManifestEntry]
    commit: str = ""
    """The pinned commit, 40 hex digits."""
    changed_before: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, entries: Iterable[ManifestEntry], commit: str = "", changed_before: Iterable[str] = ()
    ) -> Self:
        """Make a manifest from its entries, in any order."""
        by_path = {entry.path: entry for entry in sorted(entries)}
        return cls(MappingProxyType(by_path), commit, tuple(sorted(changed_before)))

    def __iter__(self) -> Iterator[ManifestEntry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def get(self, path: str) -> ManifestEntry | None:
        """The entry of exactly this path, or None."""
        return self.entries.get(path)

    def save(self, path: Path) -> None:
        """Write the manifest to a new file."""
        stored = {
            "commit": self.commit,
            "changedBefore": self.changed_before,
            "entries": list(self.entries.values()),
        }
        # ASCII only: the escapes of names that are not UTF-8 come back as they were.
        path.write_text(json.dumps(stored, separators=(",", ":")), encoding="ascii")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            OSError: there is no such file.
            ValueError: it is not a manifest.
        """
        try:
            stored = json.loads(path.read_text(encoding="ascii"))
            entries = [ManifestEntry(*fields) for fields in stored["entries"]]
            return cls.of(entries, stored["commit"], stored["changedBefore"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name} is not a manifest: {error}") from error


def folded(path: str) -> str:
    """What a file system without regard to case and Unicode normalisation makes of a path.

    Canonical caseless matching, The Unicode Standard, section 3.13, definition D145.
    """
    if path.isascii():
        return path.lower()
    decomposed = unicodedata.normalize("NFD", path)
    return unicodedata.normalize("NFD", decomposed.casefold())

"""The files that a patch changes, with blocks for what was added and removed."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.services.patch_files import read_patch
from codybatch.services.wording import MINUS

BLOCKS = 5
"""Blocks of a file, as people know them from code hosts."""
MOST_SHOWN = 200
"""Files that a list shows; the diff shows all."""


@dataclass(frozen=True)
class ChangedFile:
    """A file of a patch. ``path`` is as the patch has it, so still to be shown with care."""

    path: str
    added: int
    removed: int
    is_binary: bool = False

    @property
    def lines(self) -> str:
        """How many lines, in words."""
        return "binary" if self.is_binary else f"+{self.added} {MINUS}{self.removed}"

    @property
    def blocks(self) -> tuple[int, int]:
        """How many of ``BLOCKS`` stand for added and for removed lines."""
        changed = self.added + self.removed
        if not changed:
            return 0, 0
        shown = min(BLOCKS, changed)
        plus = round(shown * self.added / changed)
        if self.added and self.removed:
            plus = min(max(plus, 1), shown - 1)
        return plus, shown - plus


def changed_files(patch: bytes) -> tuple[ChangedFile, ...]:
    """The files of a git patch, in its order; binary ones have no lines."""
    return tuple(
        ChangedFile(
            file.path.decode(errors="replace"), file.additions, file.deletions, file.is_binary
        )
        for file in read_patch(patch)
    )

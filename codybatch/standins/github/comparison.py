"""What git says about two commits: ahead, merged, in conflict, and by how much they differ."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from codybatch.standins.git.bare import BareRepository


@dataclass(frozen=True)
class Size:
    """How much a pull request changes."""

    commits: int
    files: int
    additions: int
    deletions: int


class Comparisons:
    """Answers about pairs of commits, kept: commits never change."""

    def __init__(self) -> None:
        self._merges: dict[tuple[str, str], str | bool | None] = {}
        self._sizes: dict[tuple[str, str], Size] = {}
        self._lock = threading.Lock()

    def merged_tree(self, repository: BareRepository, base: str, head: str) -> str | bool | None:
        """Try a merge; return the tree it gives, False for a conflict, None where git cannot say.

        `git merge-tree --write-tree` exists since git 2.38.
        """
        with self._lock:
            if (base, head) not in self._merges:
                self._merges[base, head] = _try_merge(repository, base, head)
            return self._merges[base, head]

    def size(self, repository: BareRepository, base: str, head: str) -> Size:
        """Return how much `head` changes since it left `base`."""
        with self._lock:
            if (base, head) not in self._sizes:
                self._sizes[base, head] = _measure(repository, base, head)
            return self._sizes[base, head]


def contains(repository: BareRepository, head: str, base: str) -> bool:
    """Say whether `base` already holds every commit of `head`."""
    return repository.try_git("merge-base", "--is-ancestor", head, base).returncode == 0


def share_history(repository: BareRepository, head: str, base: str) -> bool:
    """Say whether the two have a common ancestor."""
    return repository.try_git("merge-base", head, base).returncode == 0


def _try_merge(repository: BareRepository, base: str, head: str) -> str | bool | None:
    tried = repository.try_git("merge-tree", "--write-tree", "--no-messages", base, head)
    if tried.returncode == 0:
        return tried.stdout.decode().strip()
    return False if tried.returncode == 1 else None


def _measure(repository: BareRepository, base: str, head: str) -> Size:
    commits = int(repository.git("rev-list", "--count", f"{base}..{head}"))
    counted = repository.git("diff", "--numstat", "--no-renames", f"{base}...{head}")
    lines = [line.split(b"\t")[:2] for line in counted.splitlines()]
    additions = sum(int(added) for added, _ in lines if added.isdigit())
    deletions = sum(int(deleted) for _, deleted in lines if deleted.isdigit())
    return Size(commits, len(lines), additions, deletions)

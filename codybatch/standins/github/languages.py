"""Which languages a repository is written in, by its files' names."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import PurePosixPath

from codybatch.standins.git.bare import BareRepository

BY_SUFFIX = {
    ".c": "C",
    ".cpp": "C++",
    ".cs": "C#",
    ".css": "CSS",
    ".go": "Go",
    ".html": "HTML",
    ".java": "Java",
    ".js": "JavaScript",
    ".mjs": "JavaScript",
    ".php": "PHP",
    ".py": "Python",
    ".rb": "Ruby",
    ".rs": "Rust",
    ".sh": "Shell",
    ".ts": "TypeScript",
}


def language_of(path: str) -> str | None:
    """Return the language of a file, or None for data and prose."""
    return BY_SUFFIX.get(PurePosixPath(path).suffix.lower())


class Languages:
    """Bytes by language, counted once for each commit."""

    def __init__(self) -> None:
        self._counted: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()

    def of(self, repository: BareRepository, branch: str) -> dict[str, int]:
        """Return the bytes of each language at a branch's head, the largest first."""
        oid = repository.branch(branch)
        if oid is None:
            return {}
        with self._lock:
            if oid not in self._counted:
                self._counted[oid] = _count(repository, oid)
            return self._counted[oid]


def _count(repository: BareRepository, oid: str) -> dict[str, int]:
    bytes_by_language: Counter[str] = Counter()
    for entry in repository.git("ls-tree", "-r", "-l", "-z", oid).split(b"\0"):
        facts, _, path = entry.partition(b"\t")
        language = language_of(path.decode(errors="replace"))
        size = facts.split()[-1] if facts else b"-"
        if language and size.isdigit():
            bytes_by_language[language] += int(size)
    return dict(bytes_by_language.most_common())

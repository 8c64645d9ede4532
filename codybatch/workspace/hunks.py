"""The lines of a patch, read by the counts in its hunk headers.

The counts say which lines are content, so content that looks like a header cannot mislead the
reader, and names in any spelling are read as git quotes them. Format: git-diff(1), "Generating
patch text with -p".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


@dataclass
class Side:
    """The lines that a patch shows of a file's one version: context and changed ones."""

    numbers: list[int] = field(default_factory=list)
    """In the file, from 1."""
    lines: list[bytes] = field(default_factory=list)
    """Without their line feeds."""
    changed: list[bool] = field(default_factory=list)

    def count(self) -> int:
        """How many lines are changed."""
        return sum(self.changed)

    def text(self) -> str:
        """All shown lines as one text, for patterns over several lines."""
        return b"\n".join(self.lines).decode("utf-8", "replace")

    def changed_at(self, start: int, end: int) -> int | None:
        """The number of the first changed line that ``text()[start:end]`` touches, or None."""
        first, last = self._line_of(start), self._line_of(max(start, end - 1))
        touched = range(first, last + 1)
        return next((self.numbers[place] for place in touched if self.changed[place]), None)

    def _line_of(self, offset: int) -> int:
        return bisect_right(self._starts(), offset) - 1

    def _starts(self) -> list[int]:
        if self._known_starts is None:
            lengths = (len(line.decode("utf-8", "replace")) + 1 for line in self.lines)
            self._known_starts = [0, *accumulate(lengths)][:-1]
        return self._known_starts

    _known_starts: list[int] | None = None


@dataclass
class FileLines:
    """One file of a patch, with the lines that it shows; binary files show none."""

    path: str
    old: Side
    new: Side


def lines_of(patch: bytes) -> Iterator[FileLines]:
    """Every file of a patch of ours that shows lines, in order.

    Raises:
        ValueError: a hunk ends before its counts do.
    """
    lines = iter(patch.split(b"\n"))
    file: FileLines | None = None
    old_path = b""
    for line in lines:
        if line.startswith(b"--- "):
            old_path = line[4:]
        elif line.startswith(b"+++ "):
            if file is not None:
                yield file
            file = FileLines(_path(old_path, line[4:]), Side(), Side())
        elif file is not None and (counts := _HUNK.match(line)):
            _read_hunk(lines, counts, file)
    if file is not None:
        yield file


def _read_hunk(lines: Iterator[bytes], counts: re.Match[bytes], file: FileLines) -> None:
    old, new = int(counts[1]), int(counts[3])
    old_end = old + int(counts[2] or 1)
    new_end = new + int(counts[4] or 1)
    while old < old_end or new < new_end:
        line = next(lines, None)
        if line is None:
            raise ValueError(f"The patch of {file.path!r} ends within a hunk.")
        kind, content = line[:1], line[1:]
        if kind == b"\\":  # "No newline at end of file"
            continue
        if kind != b"+":
            _add(file.old, old, content, kind == b"-")
            old += 1
        if kind != b"-":
            _add(file.new, new, content, kind == b"+")
            new += 1


def _add(side: Side, number: int, content: bytes, changed: bool) -> None:
    side.numbers.append(number)
    side.lines.append(content)
    side.changed.append(changed)


def _path(old: bytes, new: bytes) -> str:
    name = unquoted(old if new.startswith(b"/dev/null") else new)
    return name.partition(b"/")[2].decode("utf-8", "surrogateescape")


def unquoted(name: bytes) -> bytes:
    """A name as git writes it in a header: in quotes, with escapes, where it has to be."""
    name = name.removesuffix(b"\t")  # stands after a name that holds a space
    if not name.startswith(b'"'):
        return name
    return _ESCAPE.sub(_unescaped, name[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    escape = found[1]
    return bytes([int(escape, 8) if escape.isdigit() else _LETTERS[escape[0]]])

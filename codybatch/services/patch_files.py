"""A git patch read for display: its files, and which of its lines belong to which hunk.

Content is read by the counts of the hunk headers alone, so that lines which look like headers can
forge nothing. Nothing raises: what no patch of git's would hold is passed over, and a file that
ends too early says so. Format: git-diff(1), "Generating patch text with -p".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from codybatch.workspace.hunks import unquoted

_RANGE = rb"(\d{1,12})(?:,(\d{1,12}))?"
_HUNK = re.compile(rb"@@ -%b \+%b @@(.*)" % (_RANGE, _RANGE), re.DOTALL)
_BEGIN = b"diff --git "
_CONTEXT, _ADDED, _REMOVED, _MARK = b" +-\\"


class FileStatus(StrEnum):
    """What a patch does to a file."""

    ADDED = "added"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of a file's lines in a patch."""

    old_start: int
    new_start: int
    heading: bytes
    """What git writes behind the numbers: the function around."""
    first: int
    """Of its lines in ``PatchFile.lines``."""
    stop: int


@dataclass(slots=True)
class PatchFile:
    """One file of a patch.

    Attributes:
        old_path: before; the same as ``path`` where it has no name of its own.
        path: after.
        lines: of all hunks, each with its ``+``, ``-`` or space, without its line feed.
    """

    old_path: bytes
    path: bytes
    status: FileStatus = FileStatus.MODIFIED
    old_mode: bytes = b""
    new_mode: bytes = b""
    is_binary: bool = False
    is_cut: bool = False
    """Whether a hunk holds fewer lines than its header says."""
    stray_lines: int = 0
    """That belong to no hunk: git makes none."""
    old_lacks_end: bool = False
    """Whether the old file does not end with a line feed."""
    new_lacks_end: bool = False
    additions: int = 0
    deletions: int = 0
    hunks: list[Hunk] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    kinds: bytes = b""
    """The first byte of each line."""
    digest: str = ""
    """Of all that the patch says of the file: other bytes, other digest."""


def read_patch(patch: bytes) -> tuple[PatchFile, ...]:
    """The files of a patch, in order."""
    lines = patch.split(b"\n")
    kinds = b"".join([line[:1] or b"\n" for line in lines])
    files: list[PatchFile] = []
    begins: list[int] = []
    at, end = 0, len(lines)
    while at < end:
        line = lines[at]
        at += 1
        if line.startswith(_BEGIN):
            files.append(PatchFile(*_paths(line[len(_BEGIN) :])))
            begins.append(at - 1)
        elif files and line.startswith(b"@@ ") and (counts := _HUNK.match(line)):
            after = _after_hunk(kinds, at, counts)
            _add_hunk(files[-1], counts, lines[at:after], kinds[at:after])
            at = after
        elif files and not files[-1].hunks:
            _read_header(files[-1], line)
        elif files and at < end:  # the last line feed ends the patch
            files[-1].stray_lines += 1
    stops = [*begins[1:], end - (lines[-1] == b"")]
    for file, begin, stop in zip(files, begins, stops, strict=False):
        file.digest = hashlib.sha256(b"\n".join(lines[begin:stop])).hexdigest()[:32]
    return tuple(files)


def _after_hunk(kinds: bytes, at: int, counts: re.Match[bytes]) -> int:
    """The line behind a hunk whose first line is ``at``; earlier where no content stands."""
    old, new = _count(counts[2]), _count(counts[4])
    end = len(kinds)
    while (old > 0 or new > 0) and at < end:
        kind = kinds[at]
        if kind == _CONTEXT:
            old, new = old - 1, new - 1
        elif kind == _ADDED:
            new -= 1
        elif kind == _REMOVED:
            old -= 1
        elif kind != _MARK:
            return at
        at += 1
    return at + 1 if at < end and kinds[at] == _MARK else at


def _count(written: bytes | None) -> int:
    return 1 if written is None else int(written)


def _add_hunk(
    file: PatchFile, counts: re.Match[bytes], content: Sequence[bytes], kinds: bytes
) -> None:
    first = len(file.lines)
    if b"\\" in kinds:  # "No newline at end of file"
        file.old_lacks_end |= b"-\\" in kinds or b" \\" in kinds
        file.new_lacks_end |= b"+\\" in kinds or b" \\" in kinds
        content = [line for line in content if not line.startswith(b"\\")]
        kinds = kinds.replace(b"\\", b"")
    context, added, removed = (kinds.count(kind) for kind in (_CONTEXT, _ADDED, _REMOVED))
    file.lines += content
    file.kinds += kinds
    file.additions += added
    file.deletions += removed
    said = _count(counts[2]), _count(counts[4])
    file.is_cut |= (context + removed, context + added) != said
    hunk = Hunk(int(counts[1]), int(counts[3]), counts[5].strip(), first, len(file.lines))
    file.hunks.append(hunk)


def _read_header(file: PatchFile, line: bytes) -> None:
    """One line between the name of a file and its content."""
    if line.startswith(b"new file mode "):
        file.status, file.new_mode = FileStatus.ADDED, line[14:]
    elif line.startswith(b"deleted file mode "):
        file.status, file.old_mode = FileStatus.DELETED, line[18:]
    elif line.startswith(b"old mode "):
        file.old_mode = line[9:]
    elif line.startswith(b"new mode "):
        file.new_mode = line[9:]
    elif line.startswith((b"rename ", b"copy ")):
        _rename(file, line)
    elif line.startswith((b"GIT binary patch", b"Binary files ")):
        file.is_binary = True
    elif line.startswith(b"--- ") and not line.startswith(b"--- /dev/null"):
        file.old_path = _without_side(line[4:])
    elif line.startswith(b"+++ ") and not line.startswith(b"+++ /dev/null"):
        file.path = _without_side(line[4:])


def _rename(file: PatchFile, line: bytes) -> None:
    what, side, name = [*line.split(b" ", 2), b"", b""][:3]
    file.status = FileStatus.RENAMED if what == b"rename" else FileStatus.COPIED
    if side == b"from":
        file.old_path = unquoted(name)
    elif side == b"to":
        file.path = unquoted(name)


def _paths(written: bytes) -> tuple[bytes, bytes]:
    """Both names of a ``diff --git`` line. They are equal where no other line names them, and so as
    long as each other: the middle parts them, whatever spaces they hold.
    """
    middle = len(written) // 2
    return _without_side(written[:middle]), _without_side(written[middle + 1 :])


def _without_side(written: bytes) -> bytes:
    """A name without its ``a/`` or ``b/``."""
    name = unquoted(written)
    return name[2:] if name[:2] in {b"a/", b"b/"} else name

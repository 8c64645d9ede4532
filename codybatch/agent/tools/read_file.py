"""read_file: numbered lines of one file, a page at a time, whatever the file's size."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from codybatch.agent.tools.lines import numbered, split, that_fit, unseen_note
from codybatch.agent.tools.text_file import (
    as_text,
    decoded,
    refuse_binary,
    without_cut_characters,
)
from codybatch.agent.tools.tool import FileTool, ToolInput
from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import TreeFile, WorkTree

DEFAULT_LINES = 400
MAX_LINES = 2_000
MAX_BYTES = 32 * 1024
WHOLE_FILE = 4 * 1024 * 1024
"""Up to this many bytes a file is read whole; of a larger one, what is around the page."""
_CHUNK = 1024 * 1024
# Around a page of a large file, so that a key block that begins before it is known for one.
_MARGIN = 64 * 1024
_WINDOW = 512 * 1024
_MAX_LINK = 4_096


class ReadFileInput(ToolInput):
    """Which lines of which file."""

    path: str
    start_line: int = Field(default=1, ge=1)
    end_line: int | None = Field(default=None, ge=1)


@dataclass(frozen=True)
class _Page:
    """Redacted lines from ``first`` on."""

    lines: list[str]
    first: int
    total: int


def read_file(tree: WorkTree, redactor: Redactor, wanted: ReadFileInput) -> str:
    """The lines asked for, with a footer that says where they stand."""
    entry = tree.entry(wanted.path)
    if entry.is_symlink:
        target = shown(tree.read(entry.path, _MAX_LINK).decode("utf-8", "surrogateescape"))
        return redactor.redact(
            f"{shown(entry.path)} is a symbolic link to {target}; links are never followed. "
            "Read the file it names by its own path."
        )
    if wanted.end_line is not None and wanted.end_line < wanted.start_line:
        raise ToolRefused(
            f"end_line {wanted.end_line:,} is before start_line {wanted.start_line:,}."
        )
    is_small = entry.size <= WHOLE_FILE
    page = (_from_whole if is_small else _from_stream)(tree, redactor, entry, wanted)
    if not page.total:
        return redactor.redact(f"[{shown(entry.path)} is empty]")
    return _shown_page(page, wanted, entry)


def _shown_page(page: _Page, wanted: ReadFileInput, entry: TreeFile) -> str:
    if wanted.start_line > page.total:
        raise ToolRefused(
            f"{shown(entry.path)} has {page.total:,} lines, so there is no line "
            f"{wanted.start_line:,}. Choose a smaller start_line."
        )
    asked = _asked(wanted)
    lines = that_fit(page.lines[:asked], MAX_BYTES)
    last = page.first + len(lines) - 1
    text = numbered(lines, page.first) + f"\n[lines {page.first:,}-{last:,} of {page.total:,}]"
    if last < min(page.total, wanted.start_line + asked - 1):
        text += f"\n[cut at {MAX_BYTES // 1024} KB: go on with start_line={last + 1}]"
    if entry.is_lfs_pointer:
        text += "\n[this is a Git LFS pointer: the content is not here, and it cannot be changed]"
    return text + unseen_note(lines, page.first)


def _asked(wanted: ReadFileInput) -> int:
    if wanted.end_line is None:
        return DEFAULT_LINES
    return min(wanted.end_line - wanted.start_line + 1, MAX_LINES)


def _from_whole(
    tree: WorkTree, redactor: Redactor, entry: TreeFile, wanted: ReadFileInput
) -> _Page:
    text = decoded(tree.read(entry.path), entry.path).text
    lines = split(redactor.redact(text))
    return _Page(lines[wanted.start_line - 1 :], wanted.start_line, len(lines))


def _from_stream(
    tree: WorkTree, redactor: Redactor, entry: TreeFile, wanted: ReadFileInput
) -> _Page:
    """A page of a large file: its lines are counted as they go by, and only a window is kept."""
    start, total = _find_line(tree, entry.path, wanted.start_line)
    if start is None:
        return _Page([], wanted.start_line, total)
    begin = max(0, start - _MARGIN)
    with tree.open(entry.path) as file:
        file.seek(begin)
        window = file.read(_WINDOW)
    before = window[: start - begin]
    text = as_text(without_cut_characters(window)).text
    lines = split(redactor.redact(text))[before.count(b"\n") :]
    if begin + len(window) < entry.size:
        lines = lines[: max(1, _safe(window[start - begin :]))]
    return _Page(lines, wanted.start_line, total)


def _safe(data: bytes) -> int:
    """How many lines of a window's rest end early enough to be told from a secret that goes on."""
    return data[:-_MARGIN].count(b"\n")


def _find_line(tree: WorkTree, path: str, number: int) -> tuple[int | None, int]:
    """Where a line begins, in bytes, and how many lines there are."""
    start = 0 if number == 1 else None
    newlines = offset = 0
    last = b"\n"
    with tree.open(path) as file:
        while chunk := file.read(_CHUNK):
            if not offset:
                refuse_binary(chunk, path)
            count = chunk.count(b"\n")
            if start is None and newlines + count >= number - 1:
                start = offset + _after_newline(chunk, number - 1 - newlines)
            newlines += count
            offset += len(chunk)
            last = chunk[-1:]
    total = newlines + (last != b"\n")
    return (start if number <= total else None), total


def _after_newline(chunk: bytes, count: int) -> int:
    at = 0
    for _ in range(count):
        at = chunk.index(b"\n", at) + 1
    return at


READ_FILE = FileTool(
    name="read_file",
    description=(
        "Read lines of a text file. Gives numbered lines (the number and a tab are not part of "
        "the file) and a footer such as [lines 1-400 of 2,113]; at most 400 lines without "
        "end_line, and 32 KB at a time. Secrets are shown as [redacted-secret-xxxxxxxx]: keep "
        "these placeholders as they are in edits, and the values behind them stay in the file."
    ),
    properties={
        "path": {"type": "string", "description": "From the repository's root, e.g. src/app.py."},
        "start_line": {"type": "integer", "description": "First line, from 1. Default 1."},
        "end_line": {"type": "integer", "description": "Last line, at most 2,000 lines on."},
    },
    required=("path",),
    input_model=ReadFileInput,
    act=read_file,
)

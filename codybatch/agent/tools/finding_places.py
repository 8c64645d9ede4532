"""Whether a finding's place exists: its path in the repository, its lines in the file."""

from __future__ import annotations

from typing import NamedTuple

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown
from codybatch.workspace.tree import WorkTree

MAX_KEPT_PATH = 300
"""Characters of a path that leads nowhere: it is the model's own text, and no path of ours."""
_CHUNK = 1 << 20


class Place(NamedTuple):
    """Where a finding says it is."""

    path: str
    """The tree's own spelling where it is found there, or else the model's words, made visible."""
    doubt: str = ""
    """Why it is not there, for the model; empty where it is."""


def place_of(tree: WorkTree, path: str, start_line: int | None, end_line: int | None) -> Place:
    """Look a finding's place up in the work tree.

    Args:
        tree: the job's work tree.
        path: as the model gave it.
        start_line: the first line, from 1, where the model names lines.
        end_line: the last one.
    """
    try:
        located = tree.locate(path)
    except ToolRefused as refusal:
        return Place(shown(path)[:MAX_KEPT_PATH], f"path: {refusal.message}")
    name = shown(located) or "."
    if tree.has(located):
        last = end_line or start_line
        return Place(name, _doubt_of_lines(tree, located, last) if last else "")
    if located and not tree.is_directory(located):
        return Place(
            name[:MAX_KEPT_PATH],
            "path: there is no such file or folder. Give the path as list_files shows it.",
        )
    if start_line or end_line:
        return Place(name, f"startLine: {name} is a folder, which has no lines.")
    return Place(name)


def _doubt_of_lines(tree: WorkTree, path: str, last: int) -> str:
    try:
        count = _count_lines(tree, path)
    except ToolRefused as refusal:
        return f"startLine: {refusal.message}"
    if last <= max(count, 1):  # an empty file is reported on its first line
        return ""
    return f"endLine: {shown(path)} has {count:,} lines, so there is no line {last:,}."


def _count_lines(tree: WorkTree, path: str) -> int:
    """The lines of a file, as ``read_file`` numbers them."""
    newlines = 0
    last = b"\n"
    with tree.open(path) as file:
        while chunk := file.read(_CHUNK):
            newlines += chunk.count(b"\n")
            last = chunk[-1:]
    return newlines + (last != b"\n")

"""list_files: what a folder holds, with sizes, to a depth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pydantic import Field

from codybatch.agent.tools.scope import Scope
from codybatch.agent.tools.tool import FileTool, ToolInput
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import TreeFile, WorkTree

MAX_ENTRIES = 1_000
_MAX_LINK = 4_096


class ListFilesInput(ToolInput):
    """What to list."""

    path: str = "."
    depth: int = Field(default=2, ge=1, le=5)
    limit: int = Field(default=300, ge=1, le=MAX_ENTRIES)


def list_files(tree: WorkTree, redactor: Redactor, wanted: ListFilesInput) -> str:
    """Files to a depth and folders below it, a line each, sorted by path."""
    scope = Scope(tree, wanted.path)
    if not scope.paths:
        return "[the repository has no files]"
    lines = list(_entries(tree, scope, wanted.depth))
    kept = lines[: wanted.limit]
    if len(kept) < len(lines):
        kept.append(
            f"[{len(lines) - len(kept):,} more entries: list a folder by itself, or raise limit]"
        )
    return redactor.redact("\n".join(kept))


def _entries(tree: WorkTree, scope: Scope, depth: int) -> Iterator[str]:
    files = (tree.listed(path) for path in scope.paths)
    for (key, is_folder), group in groupby(files, key=lambda file: _key(scope, file, depth)):
        if is_folder:
            inside = list(group)
            count = "1 file" if len(inside) == 1 else f"{len(inside):,} files"
            yield f"{shown(key)}/ ({count}, {sum(file.size for file in inside):,} bytes)"
        else:
            yield from (_line(tree, file) for file in group)


def _key(scope: Scope, file: TreeFile, depth: int) -> tuple[str, bool]:
    """A file's own path, or that of the folder that stands for it."""
    inside = scope.inside(file.path)
    parts = inside.split("/")
    if len(parts) <= depth:
        return file.path, False
    return file.path[: len(file.path) - len(inside)] + "/".join(parts[:depth]), True


def _line(tree: WorkTree, file: TreeFile) -> str:
    name = shown(file.path)
    if file.is_submodule:
        return f"{name} (submodule, not here)"
    if file.is_symlink:
        target = tree.read(file.path, _MAX_LINK).decode("utf-8", "surrogateescape")
        return f"{name} -> {shown(target)} (symbolic link)"
    return f"{name} ({file.size:,} bytes)"


LIST_FILES = FileTool(
    name="list_files",
    description=(
        "List a folder's files with their sizes, sorted by path; folders below depth stand as one "
        "line with the number of their files. Also shows symbolic links and submodules."
    ),
    properties={
        "path": {"type": "string", "description": "The folder. Default: the repository's root."},
        "depth": {"type": "integer", "description": "Levels to go down, 1 to 5. Default 2."},
        "limit": {"type": "integer", "description": "At most so many lines. Default 300."},
    },
    required=(),
    input_model=ListFilesInput,
    act=list_files,
)

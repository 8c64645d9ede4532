"""glob: paths by pattern."""

from __future__ import annotations

from pydantic import Field

from codybatch.agent.tools.globs import Glob
from codybatch.agent.tools.scope import Scope
from codybatch.agent.tools.tool import FileTool, ToolInput
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree

MAX_PATHS = 1_000


class GlobInput(ToolInput):
    """Which paths."""

    pattern: str
    path: str = "."
    limit: int = Field(default=200, ge=1, le=MAX_PATHS)


def glob(tree: WorkTree, redactor: Redactor, wanted: GlobInput) -> str:
    """The paths that match, sorted, with a word about those left out."""
    scope = Scope(tree, wanted.path)
    found = Glob(wanted.pattern).select(scope)
    if not found:
        return (
            f"No path matches among {len(scope.paths):,} files. A pattern without '/' matches "
            "names at any depth."
        )
    lines = [shown(path) for path in found[: wanted.limit]]
    more = len(found) - len(lines)
    if more:
        lines.append(f"[{more:,} more: narrow the pattern or the path, or raise limit]")
    return redactor.redact("\n".join(lines))


GLOB = FileTool(
    name="glob",
    description=(
        "List the paths that match a glob pattern, sorted. '**' stands for any folders, {a,b} for "
        "either; a pattern without '/' matches names at any depth: '*.py', 'src/**/test_*.{js,ts}'."
    ),
    properties={
        "pattern": {"type": "string", "description": "The pattern, relative to path."},
        "path": {"type": "string", "description": "The folder to look in. Default: all."},
        "limit": {"type": "integer", "description": "At most so many paths. Default 200."},
    },
    required=("pattern",),
    input_model=GlobInput,
    act=glob,
)

"""move_file: a file under another name, its bytes and mode as they are."""

from __future__ import annotations

from pydantic import Field

from codybatch.agent.tools.tool import FileTool, ToolInput
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree


class MoveFileInput(ToolInput):
    """From where to where."""

    source: str = Field(alias="from")
    target: str = Field(alias="to")


def move_file(tree: WorkTree, redactor: Redactor, wanted: MoveFileInput) -> str:
    """Move the file."""
    tree.move(wanted.source, wanted.target)
    source, target = tree.locate(wanted.source), tree.locate(wanted.target)
    return redactor.redact(f"Moved {shown(source)} to {shown(target)}.")


MOVE_FILE = FileTool(
    name="move_file",
    description=(
        "Move or rename one file; missing folders are made. Refuses where something stands at the "
        "target. What refers to the old name is yours to change."
    ),
    properties={
        "from": {"type": "string", "description": "The file, from the repository's root."},
        "to": {"type": "string", "description": "Its new path, from the repository's root."},
    },
    required=("from", "to"),
    input_model=MoveFileInput,
    act=move_file,
    changes_files=True,
)

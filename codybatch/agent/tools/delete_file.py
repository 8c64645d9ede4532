"""delete_file: one file, never a folder."""

from __future__ import annotations

from codybatch.agent.tools.tool import FileTool, ToolInput
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree


class DeleteFileInput(ToolInput):
    """Which file."""

    path: str


def delete_file(tree: WorkTree, redactor: Redactor, wanted: DeleteFileInput) -> str:
    """Delete the file and the folders that it leaves empty."""
    path = tree.locate(wanted.path)
    tree.delete(path)
    return redactor.redact(f"Deleted {shown(path)}.")


DELETE_FILE = FileTool(
    name="delete_file",
    description="Delete one file. Folders that become empty go with it.",
    properties={
        "path": {"type": "string", "description": "From the repository's root, e.g. src/old.py."}
    },
    required=("path",),
    input_model=DeleteFileInput,
    act=delete_file,
    changes_files=True,
)

"""write_file: a new file, or a whole file's content replaced."""

from __future__ import annotations

from codybatch.agent.tools.edit_file import added_secret_note
from codybatch.agent.tools.text_file import TextFile, as_text, is_binary
from codybatch.agent.tools.tool import FileTool, ToolInput, WrittenText
from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree

MAX_BYTES = 512 * 1024
_MAX_READ = 16 * 1024 * 1024


class WriteFileInput(ToolInput):
    """A whole file."""

    path: str
    content: WrittenText
    overwrite: bool = False


def write_file(tree: WorkTree, redactor: Redactor, wanted: WriteFileInput) -> str:
    """Write the file; where it replaces one, placeholders stand for that file's secrets."""
    replaced = _replaced_file(tree, wanted)
    before = None if replaced is None else redactor.view(replaced.text)
    text = (before or redactor.view("")).restore(wanted.content)
    data = text.encode() if replaced is None else replaced.encode(replaced.with_own_endings(text))
    if len(data) > MAX_BYTES:
        raise ToolRefused(
            f"The content has {len(data):,} bytes; at most {MAX_BYTES:,} can be written at once. "
            "Write less, or change parts of the file with edit_file."
        )
    existed = tree.has(wanted.path)
    written = tree.write(wanted.path, data, overwrite=wanted.overwrite)
    if before is not None:
        redactor.keep(before, text)
    note = added_secret_note(before, redactor.view(text))
    done = "Replaced" if existed else "Wrote"
    return redactor.redact(f"{done} {shown(written.path)} ({written.size:,} bytes).") + note


def _replaced_file(tree: WorkTree, wanted: WriteFileInput) -> TextFile | None:
    """The text that is replaced; None where there is none."""
    if not wanted.overwrite or not tree.has(wanted.path):
        return None
    entry = tree.changeable(wanted.path)
    data = tree.read(entry.path, _MAX_READ)
    return None if is_binary(data) or len(data) == _MAX_READ else as_text(data)


WRITE_FILE = FileTool(
    name="write_file",
    description=(
        "Write a whole text file: a new one with its folders, or, with overwrite=true, in place of "
        "one that exists (its encoding and line ends are kept). Change parts of a file with "
        "edit_file instead. At most 512 KB."
    ),
    properties={
        "path": {"type": "string", "description": "From the repository's root, e.g. src/new.py."},
        "content": {"type": "string", "description": "All of the file."},
        "overwrite": {
            "type": "boolean",
            "description": "Whether it may replace a file that exists. Default false.",
        },
    },
    required=("path", "content"),
    input_model=WriteFileInput,
    act=write_file,
    changes_files=True,
)

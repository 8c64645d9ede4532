"""edit_file: exact replacements in one file, byte for byte the same beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from codybatch.agent.tools.closest import closest_region
from codybatch.agent.tools.lines import numbered, split, that_fit
from codybatch.agent.tools.text_file import TextFile, decoded
from codybatch.agent.tools.tool import FileTool, ToolInput, WrittenText
from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown
from codybatch.workspace.redaction import RedactedText, Redactor, occurrences
from codybatch.workspace.tree import WorkTree

MAX_BYTES = 8 * 1024 * 1024
"""Of a file that can be edited: it is held in memory a few times."""
CONTEXT = 3
_SHOWN_PLACES = 3
_SHOWN_LINES = 40
_SHOWN_BYTES = 8 * 1024
_NAMED_LINES = 20


class EditFileInput(ToolInput):
    """What to replace by what."""

    path: str
    old_string: WrittenText
    new_string: WrittenText
    expected_replacements: int = Field(default=1, ge=1, le=10_000)


@dataclass(frozen=True)
class _Edit:
    """One edit of one file; everything is in terms of what the model sees."""

    path: str
    file: TextFile
    view: RedactedText
    old: str
    new: str

    def places(self, text: str) -> list[int]:
        """Where ``text`` stands in the file."""
        return list(occurrences(self.view.text, text))


def edit_file(tree: WorkTree, redactor: Redactor, wanted: EditFileInput) -> str:
    """Replace, and show the lines around each replacement."""
    edit = _begin(tree, redactor, wanted)
    places = edit.places(edit.old)
    if not places and edit.new and len(edit.places(edit.new)) == wanted.expected_replacements:
        line = _line(edit.view.text, edit.places(edit.new)[0])
        name = redactor.redact(shown(edit.path))
        return f"Already applied: line {line:,} of {name} reads so. Nothing changed."
    if len(places) != wanted.expected_replacements:
        raise _wrong_count(edit, places, wanted.expected_replacements)
    raw = _replaced(edit, places)
    tree.write(edit.path, edit.file.encode(raw), overwrite=True)
    changed = raw.replace("\r\n", "\n")
    redactor.keep(edit.view, changed)
    after = redactor.view(changed)
    done = redactor.redact(f"Edited {shown(edit.path)}: {_counted(places)}.")
    return "\n".join([done, *_changed_lines(edit, places, after)]) + added_secret_note(
        edit.view, after
    )


def _begin(tree: WorkTree, redactor: Redactor, wanted: EditFileInput) -> _Edit:
    entry = tree.changeable(wanted.path)
    if entry.size > MAX_BYTES:
        raise ToolRefused(
            f"{shown(entry.path)} has {entry.size:,} bytes; files over {MAX_BYTES:,} cannot be "
            "edited. Leave it as it is, and say so in your summary."
        )
    old, new = wanted.old_string, wanted.new_string
    if not old:
        raise ToolRefused(
            "old_string is empty. Quote the text to replace; to add text, quote the line beside "
            "it and repeat that line in new_string. write_file makes new files."
        )
    file = decoded(tree.read(entry.path), entry.path)
    view = redactor.view(file.text)
    if old not in view.text:  # only a file with stray CRs shows any
        old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if old == new:
        raise ToolRefused("old_string and new_string are the same, so there is nothing to change.")
    return _Edit(entry.path, file, view, old, new)


def _replaced(edit: _Edit, places: list[int]) -> str:
    """The file's text with its own line endings, changed at ``places`` and nowhere else."""
    head, old, new = _without_common_lines(edit.old, edit.new)
    restored = edit.view.restore(new)
    raw, at, pieces = edit.file.raw, 0, []
    for place in places:
        start = place + len(head)
        found = edit.view.raw_range(start, start + len(old))
        if found is None:
            raise ToolRefused(
                "old_string begins or ends inside a [redacted-secret-…] placeholder. Quote the "
                "placeholder whole, or leave it out."
            )
        first, last = edit.file.raw_offsets(*found)
        pieces += [raw[at:first], _with_endings(restored, edit.file, first, last)]
        at = last
    return "".join([*pieces, raw[at:]])


def _without_common_lines(old: str, new: str) -> tuple[str, str, str]:
    """What both begin with, in whole lines; then what is left of each without common last lines.

    So lines that were only quoted keep their own endings in a file that mixes them.
    """
    olds, news = old.split("\n"), new.split("\n")
    most = min(len(olds), len(news)) - 1
    first = 0
    while first < most and olds[first] == news[first]:
        first += 1
    last = 0
    while last < most - first and olds[-1 - last] == news[-1 - last]:
        last += 1
    head = "".join(f"{line}\n" for line in olds[:first])
    return (
        head,
        "\n".join(olds[first : len(olds) - last]),
        "\n".join(news[first : len(news) - last]),
    )


def _with_endings(text: str, file: TextFile, first: int, last: int) -> str:
    """``text`` with the line endings of what it replaces, then with those of the lines there."""
    if "\r\n" not in file.raw:
        return text
    replaced = file.raw[first:last].split("\n")[:-1]
    endings = ["\r\n" if line.endswith("\r") else "\n" for line in replaced]
    further = endings[-1] if endings else file.line_ending_at(first)
    lines = text.split("\n")
    pieces = [
        line + (endings[number] if number < len(endings) else further)
        for number, line in enumerate(lines[:-1])
    ]
    return "".join([*pieces, lines[-1]])


def _wrong_count(edit: _Edit, places: list[int], expected: int) -> ToolRefused:
    name = shown(edit.path)
    if places:
        lines = ", ".join(f"{_line(edit.view.text, at):,}" for at in places[:_NAMED_LINES])
        more = f" and {len(places) - _NAMED_LINES:,} more" if len(places) > _NAMED_LINES else ""
        return ToolRefused(
            f"old_string stands {len(places):,} times in {name}, not {expected:,}: on line "
            f"{lines}{more}. Quote more lines around the one you mean, or set "
            f"expected_replacements to {len(places)}."
        )
    region = closest_region(split(edit.view.text), split(edit.old))
    if region is None:
        return ToolRefused(
            f"old_string does not stand in {name}, and nothing there is like it. Read the file "
            "again and quote it exactly, spaces included."
        )
    close = numbered(that_fit(region.lines[:_SHOWN_LINES], _SHOWN_BYTES), region.first + 1)
    return ToolRefused(
        f"old_string does not stand in {name}. The closest lines are (number and tab are not part "
        f"of the file):\n{close}\nQuote them exactly, spaces included."
    )


def _counted(places: list[int]) -> str:
    return "1 replacement" if len(places) == 1 else f"{len(places):,} replacements"


def _changed_lines(edit: _Edit, places: list[int], after: RedactedText) -> Iterator[str]:
    """The first places with the lines around them, as they are now."""
    lines = split(after.text)
    growth = edit.new.count("\n") - edit.old.count("\n")
    for number, place in enumerate(places[:_SHOWN_PLACES]):
        line = _line(edit.view.text, place) + number * growth
        first = max(0, line - 1 - CONTEXT)
        last = min(line + edit.new.count("\n") + CONTEXT, first + _SHOWN_LINES)
        yield numbered(that_fit(lines[first:last], _SHOWN_BYTES), first + 1)
    if len(places) > _SHOWN_PLACES:
        yield f"[{len(places) - _SHOWN_PLACES:,} more replacements are not shown]"


def added_secret_note(before: RedactedText | None, after: RedactedText) -> str:
    """A warning where a write added what looks like a secret."""
    if after.secrets <= (before.secrets if before else frozenset()):
        return ""
    return (
        "\n[note: what you wrote looks like a secret, and a change that adds one is not published. "
        "Read such values from the environment or a secret store.]"
    )


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


EDIT_FILE = FileTool(
    name="edit_file",
    description=(
        "Replace text in a file. old_string must stand there exactly, spaces included, without "
        "the line numbers of read_file; write line ends as LF whatever the file has. Everything "
        "beside the replaced text stays byte for byte. Placeholders [redacted-secret-xxxxxxxx] "
        "of this file may be quoted and written: the secrets behind them are kept."
    ),
    properties={
        "path": {"type": "string", "description": "From the repository's root, e.g. src/app.py."},
        "old_string": {"type": "string", "description": "The text to replace, exactly."},
        "new_string": {"type": "string", "description": "What to put in its place."},
        "expected_replacements": {
            "type": "integer",
            "description": "How often old_string stands in the file; all are replaced. Default 1.",
        },
    },
    required=("path", "old_string", "new_string"),
    input_model=EditFileInput,
    act=edit_file,
    changes_files=True,
)

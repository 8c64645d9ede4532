"""Two patches of the same commit beside each other, file by file, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.services.findings import Clean
from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.services.patch_text import PLACE, name_of, notes_of, on_one_line, placed_lines
from codybatch.services.wording import MINUS, counted

LINES_OF_FILE = 80
"""Of one file on one side."""
LINES_OF_SIDE = 240
"""Of one patch."""
LINE_CHARACTERS = 240
FILES = 25
"""Of a pair of patches; what they hold besides is named and not shown."""
_CLASSES = {PLACE: "at", "+": "add", "-": "del"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two.

    Args:
        name: whose it is.
        patch: the bytes; None where there is none to show.
        nothing: why there is none, in words.
    """

    name: str
    patch: bytes | None
    nothing: str = "No patch."


def side_by_side(left: Side, right: Side, clean: Clean) -> Html:
    """Both patches, each file of either in a row of its own.

    Args:
        left: one side.
        right: the other.
        clean: takes secrets out of a text.
    """
    columns = [_Column(side, clean) for side in (left, right)]
    paths = sorted({path for column in columns for path in column.files})
    rows = [
        tag("div", *(column.file(path) for column in columns), class_="pair")
        for path in paths[:FILES]
    ]
    heads = tag("div", *(column.head() for column in columns), class_="pair pair-head")
    notes = []
    if len(paths) > FILES:
        notes.append(tag("p", f"{len(paths) - FILES:,} more files are not shown.", class_="quiet"))
    return tag("div", heads, *rows, *notes, class_="beside")


class _Column:
    """One side while its files are written."""

    def __init__(self, side: Side, clean: Clean) -> None:
        self._side = side
        self._clean = clean
        read = read_patch(side.patch) if side.patch is not None else ()
        self.files = {file.path: file for file in read}
        self._room = LINES_OF_SIDE

    def head(self) -> Html:
        files = self.files.values()
        if self._side.patch is None:
            told = self._side.nothing
        elif not files:
            told = "Changes nothing."
        else:
            added, removed = sum(f.additions for f in files), sum(f.deletions for f in files)
            told = f"{counted(len(files), 'file')}, +{added:,} {MINUS}{removed:,}"
        return tag("div", tag("strong", self._side.name), tag("span", told, class_="quiet"))

    def file(self, path: bytes) -> Html:
        file = self.files.get(path)
        if file is None:
            name = on_one_line(path, self._clean)
            told = tag("p", "leaves ", tag("code", name), " as it is", class_="quiet")
            return tag("div", told, class_="side")
        name = name_of(file, self._clean)
        figures = f" {file.status.value}, +{file.additions:,} {MINUS}{file.deletions:,}"
        head = tag("p", tag("code", name), tag("span", figures, class_="quiet"), class_="file")
        notes = [tag("p", note, class_="quiet") for note in notes_of(file)]
        lines, left = self._lines(file)
        body = [tag("pre", joined(*lines), tabindex="0", aria_label=name)] if lines else []
        if left:
            body.append(tag("p", more_lines(left), class_="quiet"))
        return tag("div", head, *notes, *body, class_="side")

    def _lines(self, file: PatchFile) -> tuple[list[Html], int]:
        """The lines that are shown, and how many are not."""
        first = _first(placed_lines(file, self._clean), min(LINES_OF_FILE, self._room))
        shown = sum(sign != PLACE for sign, _ in first)
        self._room -= shown
        return [_line(text, _CLASSES.get(sign, "")) for sign, text in first], len(
            file.lines
        ) - shown


def more_lines(left: int) -> str:
    """What stands where lines are left out."""
    return "1 line more" if left == 1 else f"{left:,} lines more"


def _first(lines: Iterator[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """As many lines of the patch as wanted, with the places of those."""
    found: list[tuple[str, str]] = []
    count = 0
    for sign, line in lines:
        count += sign != PLACE
        if count > most:
            break
        found.append((sign, line))
    while found and found[-1][0] == PLACE:
        found.pop()
    return found


def _line(text: str, class_: str) -> Html:
    shown = text if len(text) <= LINE_CHARACTERS else f"{text[:LINE_CHARACTERS]} …"
    if not class_:
        return joined(f"{shown}\n")
    return tag("span", f"{shown}\n", class_=class_)


def text_of(patch: bytes, most: int, clean: Clean) -> tuple[str, int]:
    """A patch as plain text, and how many of its lines are left out.

    Args:
        patch: the bytes.
        most: lines that are kept.
        clean: takes secrets out of a text.
    """
    kept: list[str] = []
    every = 0
    for file in {one.path: one for one in read_patch(patch)}.values():
        every += len(file.lines)
        if len(kept) < most:
            kept.append(f"── {on_one_line(file.path, clean)} ({file.status.value})")
            kept += [line for _, line in _first(placed_lines(file, clean), most - len(kept))]
    shown = sum(line[:1] in {"+", "-", " "} for line in kept)
    return "\n".join(line[:LINE_CHARACTERS] for line in kept), every - shown

"""The edits that make one text into another, each with as much around it as makes it unique."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Edit:
    """One replacement of a string that occurs exactly once when its turn comes."""

    old: str
    new: str


def edits_between(old: str, new: str) -> list[Edit]:
    """The edits to apply one after the other, from the top down.

    Arguments:
        old: the text as it is.
        new: the text as it should be.
    """
    current, wanted = old.split("\n"), new.split("\n")
    edits: list[Edit] = []
    shift = 0
    matcher = SequenceMatcher(None, current, wanted, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        replacement = wanted[new_start:new_end]
        edits.append(_unique_edit(current, start + shift, end + shift, replacement))
        current[start + shift : end + shift] = replacement
        shift += len(replacement) - (end - start)
    return edits


def _unique_edit(lines: list[str], start: int, end: int, replacement: list[str]) -> Edit:
    text = "\n".join(lines)
    first, last = start, end
    # Lines that come or go without leaving any take their line's end with them.
    needed = end - start + (not replacement or start == end)
    while first > 0 or last < len(lines):
        old = "\n".join(lines[first:last])
        if last - first >= needed and old.strip() and _stands_once(text, old):
            break
        first, last = max(0, first - 1), min(len(lines), last + 1)
    old = "\n".join(lines[first:last])
    new = "\n".join([*lines[first:start], *replacement, *lines[end:last]])
    return Edit(old, new)


def _stands_once(text: str, part: str) -> bool:
    """Whether ``part`` stands at one place only; places may overlap, unlike those of ``count``."""
    first = text.find(part)
    return first >= 0 and text.find(part, first + 1) < 0

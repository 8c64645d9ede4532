"""Where a text that was not found comes closest, so that the model need not read the file again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_LIKE_ENOUGH = 0.6
_MAX_FILE_LINES = 50_000
_MAX_WANTED_LINES = 200
_CANDIDATES = 12
_COMPARED = 4_000


@dataclass(frozen=True)
class Region:
    """Lines of a file that are like what was looked for."""

    first: int
    """From 0."""
    lines: list[str]


def closest_region(lines: Sequence[str], wanted: Sequence[str]) -> Region | None:
    """The lines most like ``wanted``, or None where none is like it.

    The cost is bounded: places are chosen by the lines they share with ``wanted`` but for spaces,
    and only the best of them are compared character by character.
    """
    lines, wanted = lines[:_MAX_FILE_LINES], wanted[:_MAX_WANTED_LINES]
    text = _squeezed(wanted)
    if not text.strip():
        return None
    best: tuple[float, int] = (_LIKE_ENOUGH, -1)
    for start in _candidates(lines, wanted):
        window = _squeezed(lines[start : start + len(wanted)])
        matcher = SequenceMatcher(None, window[:_COMPARED], text[:_COMPARED], autojunk=False)
        if matcher.quick_ratio() > best[0] and (ratio := matcher.ratio()) > best[0]:
            best = (ratio, start)
    start = best[1]
    return None if start < 0 else Region(start, list(lines[start : start + len(wanted)]))


def _candidates(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where to look closer: by shared lines first, else by the words of the longest line."""
    places = Counter[int]()
    keys = {line.strip(): number for number, line in reversed(list(enumerate(wanted)))}
    keys.pop("", None)
    for number, line in enumerate(lines):
        offset = keys.get(line.strip())
        if offset is not None:
            places[max(0, number - offset)] += 1
    if not places:
        places = _by_words(lines, wanted)
    ranked = sorted(places.items(), key=lambda place: (-place[1], place[0]))
    return [start for start, _ in ranked[:_CANDIDATES]]


def _by_words(lines: Sequence[str], wanted: Sequence[str]) -> Counter[int]:
    longest = max(range(len(wanted)), key=lambda number: len(wanted[number].strip()))
    words = set(wanted[longest][:_COMPARED].split())
    shared = (
        (max(0, number - longest), len(words.intersection(line[:_COMPARED].split())))
        for number, line in enumerate(lines)
    )
    return Counter({start: count for start, count in shared if count})


def _squeezed(lines: Sequence[str]) -> str:
    return "\n".join(" ".join(line[:_COMPARED].split()) for line in lines)

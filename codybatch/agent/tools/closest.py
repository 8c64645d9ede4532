"""Where a text that was not found comes closest, so that the model need not read the file again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_LIKE_ENOUGH = 0.6
_MAX_FILE_LINES = 50_000
_MAX_WANTED_LINES = 200
_CANDIDATES = 12
_COMPARED = 1_000


@dataclass(frozen=True)
class Region:
    """Lines of a file that are like what was looked for."""

    first: int
    """From 0."""
    lines: list[str]


def closest_region(lines: Sequence[str], wanted: Sequence[str]) -> Region | None:
    """The lines most like ``wanted``, or None where none is like it.

    The cost is linear and bounded: places are chosen by the lines or words they share with
    ``wanted``, and the best of them are compared line by line. (difflib's time grows with the
    square of the text, and worse where it repeats itself.)
    """
    lines, wanted = lines[:_MAX_FILE_LINES], wanted[:_MAX_WANTED_LINES]
    grams = [_grams(line) for line in wanted]
    if not any(grams):
        return None
    best = max(
        ((_likeness(lines, start, grams), -start) for start in _candidates(lines, wanted)),
        default=(0.0, 0),
    )
    if best[0] < _LIKE_ENOUGH:
        return None
    return Region(-best[1], list(lines[-best[1] : -best[1] + len(wanted)]))


def _likeness(lines: Sequence[str], start: int, grams: Sequence[Counter[str]]) -> float:
    """Dice's coefficient over the pairs of characters of lines that stand side by side."""
    window = [_grams(line) for line in lines[start : start + len(grams)]]
    shared = sum((one & other).total() for one, other in zip(window, grams, strict=False))
    return 2 * shared / (sum(map(Counter.total, window)) + sum(map(Counter.total, grams)))


def _grams(line: str) -> Counter[str]:
    """A line's pairs of neighbouring characters but for spaces, counted."""
    text = "".join(line[:_COMPARED].split())
    return Counter(map("".join, pairwise(text))) or Counter(text)


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

"""A file's lines cut into parts that a browser draws at once, for display only.

A hunk that is too large is cut in its context or between its changes. A change that is too large
for one part is cut into slices of removals with the slices of additions that stand beside them, so
that they are compared with each other. Read side by side, all parts give the lines of the hunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codybatch.services.patch_files import Hunk

PART_LINES = 400
"""About as many lines as a browser draws in a tenth of a second."""
_RUN = re.compile(rb"( +)|(-*)(\+*)")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other in both versions of a file."""

    old_start: int
    new_start: int
    old_count: int
    new_count: int
    heading: bytes
    ranges: tuple[range, ...]
    """Of the file's lines."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn at once."""

    blocks: tuple[Block, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that stay together: context, or removals with the additions beside them."""

    ranges: tuple[range, ...]
    old: int
    new: int

    @property
    def lines(self) -> int:
        return sum(map(len, self.ranges))


def parts_of(hunks: Sequence[Hunk], kinds: bytes, most: int = PART_LINES) -> list[Part]:
    """The parts of a file.

    Args:
        hunks: of the file.
        kinds: a ``+``, ``-`` or space for each of its lines.
        most: lines of one part; a change may exceed it by a line or two.
    """
    parts: list[Part] = []
    blocks: list[Block] = []
    count = 0
    for hunk in hunks:
        old, new, heading = hunk.old_start, hunk.new_start, hunk.heading
        held: list[_Piece] = []
        for piece in _pieces(hunk, kinds, most):
            if count and count + piece.lines > most:
                blocks += _block(held, old, new, heading)
                old, new = old + sum(one.old for one in held), new + sum(one.new for one in held)
                heading, held = (b"" if held else heading), []
                parts.append(Part(tuple(blocks), count))
                blocks, count = [], 0
            held.append(piece)
            count += piece.lines
        blocks += _block(held, old, new, heading)
    if blocks:
        parts.append(Part(tuple(blocks), count))
    return parts


def _block(pieces: Sequence[_Piece], old: int, new: int, heading: bytes) -> list[Block]:
    """One block of pieces that follow each other; none of none."""
    if not pieces:
        return []
    ranges = tuple(_joined(one for piece in pieces for one in piece.ranges))
    counts = sum(piece.old for piece in pieces), sum(piece.new for piece in pieces)
    return [Block(old, new, *counts, heading, ranges)]


def _joined(ranges: Iterator[range]) -> list[range]:
    """Ranges with those that follow each other made one."""
    joined: list[range] = []
    for one in ranges:
        if joined and joined[-1].stop == one.start:
            joined[-1] = range(joined[-1].start, one.stop)
        elif one:
            joined.append(one)
    return joined


def _pieces(hunk: Hunk, kinds: bytes, most: int) -> Iterator[_Piece]:
    whole = range(hunk.first, hunk.stop)
    if 0 < len(whole) <= most:
        old = len(whole) - kinds.count(b"+", hunk.first, hunk.stop)
        new = len(whole) - kinds.count(b"-", hunk.first, hunk.stop)
        yield _Piece((whole,), old, new)
        return
    for run in _RUN.finditer(kinds, hunk.first, hunk.stop):
        context, removed, added = (range(*run.span(number)) for number in (1, 2, 3))
        for start in range(0, len(context), most):
            cut = context[start : start + most]
            yield _Piece((cut,), len(cut), len(cut))
        yield from _slices(removed, added, most)


def _slices(removed: range, added: range, most: int) -> Iterator[_Piece]:
    """A change in slices of ``most`` lines; the i-th of both sides stand together."""
    count = -(-(len(removed) + len(added)) // most)
    for number in range(count):
        old, new = _slice(removed, number, count), _slice(added, number, count)
        yield _Piece((old, new), len(old), len(new))


def _slice(lines: range, number: int, count: int) -> range:
    return lines[len(lines) * number // count : len(lines) * (number + 1) // count]

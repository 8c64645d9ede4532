"""Differences with their intervals, a row each, beside the line of "no difference" (a forest plot:
Lewis and Clarke 2001, BMJ 322:1479).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.plots.distribution import Written
from codybatch.analysis.plots.picture import BLUE, INK, Picture, at, box, line, words
from codybatch.analysis.plots.scale import Scale

MOST_ROWS = 60
WIDTH, LEFT, RIGHT, ROW = 720, 170, 190, 30
_TOP, _FOOT = 12, 36
_ROOM = 0.06
"""Of the axis, kept free at both ends."""
_STEPS = (1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
"""Round factors within a decade."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row: what was seen, and the interval around it."""

    name: str
    value: float | None
    """None where it cannot be said."""
    low: float | None
    """None where the interval cannot be said."""
    high: float | None
    told: str
    """The same in words, at the row's end."""
    fill: str = BLUE

    @property
    def numbers(self) -> tuple[float, ...]:
        """All that must have a place on the axis."""
        return tuple(one for one in (self.value, self.low, self.high) if one is not None)


def forest(
    rows: Sequence[Difference],
    title: str,
    what: str,
    written: Written,
    *,
    none: float = 0.0,
    is_ratio: bool = False,
) -> Picture:
    """A picture of differences.

    Args:
        rows: in the order in which they stand; the first ``MOST_ROWS`` are shown.
        title: of the picture.
        what: the axis shows, with its unit.
        written: how a value of the axis is written.
        none: the value that is no difference.
        is_ratio: whether values are ratios, so that twice stands as far from once as half does.
    """
    shown = rows[:MOST_ROWS]
    height = _TOP + ROW * max(1, len(shown)) + _FOOT
    nothing = words("No differences to show.", LEFT, 30)
    return Picture(
        title=title,
        description=_described(shown, len(rows) - len(shown), what),
        width=WIDTH,
        height=height,
        body=_body(shown, what, written, none, is_ratio=is_ratio) if shown else nothing,
        headings=("Compared", "Difference", "From", "To", "In words"),
        rows=tuple(
            (one.name, *(_or_dash(n, written) for n in (one.value, one.low, one.high)), one.told)
            for one in shown
        ),
    )


def _body(
    shown: Sequence[Difference], what: str, written: Written, none: float, *, is_ratio: bool
) -> Html:
    scale = _scale([*(n for one in shown for n in one.numbers), none], is_ratio=is_ratio)
    foot = _TOP + ROW * len(shown)
    parts = [line(LEFT, foot, WIDTH - RIGHT, foot, "0.6")]
    for tick in _round_factors(scale) if is_ratio else scale.ticks(5):
        place = scale.place(tick)
        parts += [line(place, _TOP, place, foot, "0.12")]
        parts += [words(written(tick), place, foot + 15, "middle", opacity="0.8")]
    middle = scale.place(none)
    parts.append(line(middle, _TOP - 6, middle, foot, "0.75"))
    parts.append(words(what, LEFT, foot + 31, opacity="0.8"))
    for number, one in enumerate(shown):
        parts.append(_row(one, scale, _TOP + ROW * number + ROW / 2))
    return joined(*parts)


def _row(one: Difference, scale: Scale, middle: float) -> Html:
    parts = [words(_short(one.name, 24), LEFT - 10, middle + 4, "end")]
    if one.low is not None and one.high is not None:
        low, high = scale.place(one.low), scale.place(one.high)
        bar = tag(
            "line",
            *(tag("title", f"{one.name}: {one.told}"),),
            x1=at(low),
            y1=at(middle),
            x2=at(high),
            y2=at(middle),
            stroke=one.fill,
            stroke_width="3",
        )
        ends = (line(end, middle - 5, end, middle + 5, "0.7") for end in (low, high))
        parts += [bar, *ends]
    if one.value is not None:
        place = scale.place(one.value)
        parts.append(box(place - 5, middle - 5, 10, 10, one.fill, f"{one.name}: {one.told}"))
        parts.append(_edge(place, middle))
    parts.append(words(_short(one.told, 29), WIDTH - RIGHT + 10, middle + 4))
    return joined(*parts)


def _edge(place: float, middle: float) -> Html:
    """So that the mark is seen on any interval."""
    return tag(
        "rect",
        x=at(place - 5),
        y=at(middle - 5),
        width="10",
        height="10",
        fill="none",
        stroke=INK,
    )


def _scale(numbers: Sequence[float], *, is_ratio: bool) -> Scale:
    low, high = min(numbers), max(numbers)
    start, stop = float(LEFT), float(WIDTH - RIGHT)
    if is_ratio:
        room = max((high / low) ** _ROOM, 1.05)
        return Scale(low / room, high * room, start, stop, is_log=True)
    room = (high - low) * _ROOM or 1.0
    return Scale(low - room, high + room, start, stop)


def _round_factors(scale: Scale) -> list[float]:
    """Round factors within the axis, a few of them, 1 among them."""
    decades = range(int(log10(scale.low)) - 1, int(log10(scale.high)) + 2)
    every = [step * 10.0**power for power in decades for step in _STEPS]
    inside = [one for one in every if scale.low <= one <= scale.high]
    for kept in (set(_STEPS), {1.0, 2.0, 5.0}, {1.0}):
        chosen = [one for one in inside if _mantissa(one) in kept]
        if len(chosen) <= 7:
            return chosen
    return [one for one in inside if _mantissa(one) == 1.0][:7]


def _mantissa(value: float) -> float:
    digits = float(f"{value:e}".partition("e")[0])
    return round(digits, 6)


def _described(shown: Sequence[Difference], left: int, what: str) -> str:
    if not shown:
        return "There are no differences to show."
    told = "; ".join(_sentences(shown[:8]))
    more = f"; {len(shown) - 8} more" if len(shown) > 8 else ""
    rest = f". {left} more are left out" if left else ""
    return f"{what}. {told}{more}{rest}."


def _sentences(rows: Sequence[Difference]) -> Iterator[str]:
    return (f"{one.name}: {one.told}" for one in rows)


def _or_dash(number: float | None, written: Written) -> str:
    return "\N{EN DASH}" if number is None else written(number)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

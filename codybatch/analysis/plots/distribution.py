"""How values are spread, a row a group: a histogram, its quartiles and its median in words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles

from codybatch.analysis.display.sheet import Html, joined
from codybatch.analysis.plots.picture import BLUE, Picture, box, line, words
from codybatch.analysis.plots.scale import Scale, scale_for

MOST_GROUPS = 20
BINS = 40
WIDTH, LEFT, RIGHT, ROW, BAR = 720, 190, 110, 46, 32
_TOP, _FOOT = 8, 34

Written = Callable[[float], str]


def distribution(
    groups: Mapping[str, Sequence[float]], title: str, what: str, written: Written
) -> Picture:
    """A picture of how values are spread in each group.

    Args:
        groups: values by the group's name; none is negative. The largest groups are shown.
        title: of the picture.
        what: the values are, for the axis, with their unit.
        written: how one value is written.
    """
    kept = {name: sorted(values) for name, values in groups.items() if len(values)}
    shown = dict(sorted(kept.items(), key=lambda one: (-len(one[1]), one[0]))[:MOST_GROUPS])
    rows = tuple(numbers_of(name, values, written) for name, values in shown.items())
    height = _TOP + ROW * max(1, len(shown)) + _FOOT
    return Picture(
        title=title,
        description=_described(rows, len(kept) - len(shown), what),
        width=WIDTH,
        height=height,
        body=_body(shown, what, written) if shown else words("No values to show.", LEFT, 30),
        headings=("Group", "Number", "Least", "Quarter below", "Median", "Quarter above", "Most"),
        rows=rows,
    )


def _body(shown: Mapping[str, Sequence[float]], what: str, written: Written) -> Html:
    scale = scale_for([value for values in shown.values() for value in values], LEFT, WIDTH - RIGHT)
    parts = axis_below(scale, (LEFT, WIDTH - RIGHT), (_TOP, _TOP + ROW * len(shown)), what, written)
    for number, (name, values) in enumerate(shown.items()):
        parts.append(_row(name, values, scale, _TOP + ROW * (number + 1) - 4, written))
    return joined(*parts)


def axis_below(
    scale: Scale, across: tuple[int, int], down: tuple[int, int], what: str, written: Written
) -> list[Html]:
    """The axis below rows of values, with a thin line up at each of its ticks.

    Args:
        scale: of the values.
        across: where it begins and ends.
        down: where the rows begin, and where it stands below them.
        what: the values are, with their unit.
        written: how one value is written.
    """
    (left, right), (top, foot) = across, down
    parts = [line(left, foot, right, foot, "0.6")]
    for tick in scale.ticks():
        place = scale.place(tick)
        parts += [line(place, top, place, foot, "0.15")]
        parts += [words(written(tick), place, foot + 14, "middle", opacity="0.8")]
    log = " (each step ten times the one before)" if scale.is_log else ""
    parts.append(words(f"{what}{log}", left, foot + 30, opacity="0.8"))
    return parts


def _row(name: str, values: Sequence[float], scale: Scale, foot: float, written: Written) -> Html:
    middle = foot - BAR / 2 + 4
    edges = scale.bins(BINS)
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, max(0, bisect_right(edges, value) - 1))] += 1
    tallest = max(counts)
    bars = [
        box(
            scale.place(edges[place]),
            foot - BAR * count / tallest,
            max(1.0, scale.place(edges[place + 1]) - scale.place(edges[place]) - 0.6),
            BAR * count / tallest,
            BLUE,
            f"{written(edges[place])} to {written(edges[place + 1])}: {count:,}",
        )
        for place, count in enumerate(counts)
        if count
    ]
    half = scale.place(median(values))
    short = name if len(name) <= 26 else f"{name[:25]}…"
    return joined(
        words(short, LEFT - 10, middle, "end"),
        *bars,
        line(half, foot - BAR - 3, half, foot + 3),
        words(f"median {written(median(values))}", WIDTH - RIGHT + 8, middle - 6),
        words(f"of {len(values):,}", WIDTH - RIGHT + 8, middle + 9, opacity="0.7"),
    )


def numbers_of(name: str, values: Sequence[float], written: Written) -> tuple[str, ...]:
    """A group in numbers: its name, how many values, the least, the quartiles and the most."""
    below, half, above = quartiles(values)
    return (
        name,
        f"{len(values):,}",
        *(written(one) for one in (values[0], below, half, above, values[-1])),
    )


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The values that a quarter, a half and three quarters of all are not above, interpolated
    like NumPy's default ("linear").
    """
    if len(values) == 1:
        return values[0], values[0], values[0]
    below, half, above = quantiles(values, n=4, method="inclusive")
    return below, half, above


def _described(rows: Sequence[tuple[str, ...]], left: int, what: str) -> str:
    if not rows:
        return "There are no values to show."
    told = "; ".join(f"{row[0]}: median {row[4]} of {row[1]}" for row in rows[:8])
    more = f"; {len(rows) - 8} more groups" if len(rows) > 8 else ""
    rest = f". {left} smaller groups are left out" if left else ""
    return f"{what} by group. {told}{more}{rest}."

"""How values are spread, a row a group: every value as a dot, and the box of their quartiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.plots.distribution import Written, axis_below, numbers_of, quartiles
from codybatch.analysis.plots.picture import BLUE, INK, Picture, at, line, words
from codybatch.analysis.plots.scale import Scale, scale_for

MOST_GROUPS = 20
MOST_DOTS = 400
"""Of one group; of more, so many are drawn, evenly chosen, the least and the most among them."""
WIDTH, LEFT, RIGHT, ROW = 720, 170, 130, 44
_TOP, _FOOT = 8, 34
_LANES = (0, 2, -2, 1, -1, 3, -3)
"""Dots that would hide each other stand in these lanes in turn."""


def strips(
    groups: Mapping[str, Sequence[float]], title: str, what: str, written: Written
) -> Picture:
    """A picture of all values of each group.

    Args:
        groups: values by the group's name, in the order in which they stand; none is negative.
        title: of the picture.
        what: the values are, for the axis, with their unit.
        written: how one value is written.
    """
    kept = {name: sorted(values) for name, values in groups.items() if len(values)}
    shown = dict(list(kept.items())[:MOST_GROUPS])
    rows = tuple(numbers_of(name, values, written) for name, values in shown.items())
    return Picture(
        title=title,
        description=_described(rows, len(kept) - len(shown), what),
        width=WIDTH,
        height=_TOP + ROW * max(1, len(shown)) + _FOOT,
        body=_body(shown, what, written) if shown else words("No values to show.", LEFT, 30),
        headings=("Arm", "Number", "Least", "Quarter below", "Median", "Quarter above", "Most"),
        rows=rows,
    )


def _body(shown: Mapping[str, Sequence[float]], what: str, written: Written) -> Html:
    scale = scale_for([value for values in shown.values() for value in values], LEFT, WIDTH - RIGHT)
    parts = axis_below(scale, (LEFT, WIDTH - RIGHT), (_TOP, _TOP + ROW * len(shown)), what, written)
    for number, (name, values) in enumerate(shown.items()):
        parts.append(_row(name, values, scale, _TOP + ROW * number + ROW / 2, written))
    return joined(*parts)


def _row(name: str, values: Sequence[float], scale: Scale, middle: float, written: Written) -> Html:
    below, half, above = quartiles(values)
    begin, place, end = (scale.place(one) for one in (below, half, above))
    short = name if len(name) <= 24 else f"{name[:23]}…"
    return joined(
        words(short, LEFT - 10, middle + 4, "end"),
        line(scale.place(values[0]), middle, begin, middle, "0.5"),
        line(end, middle, scale.place(values[-1]), middle, "0.5"),
        tag(
            "rect",
            x=at(begin),
            y=at(middle - 11),
            width=at(max(1.0, end - begin)),
            height="22",
            fill=INK,
            fill_opacity="0.08",
            stroke=INK,
            stroke_opacity="0.45",
        ),
        _dots(values, scale, middle),
        tag(
            "line",
            x1=at(place),
            y1=at(middle - 13),
            x2=at(place),
            y2=at(middle + 13),
            stroke=INK,
            stroke_width="2",
        ),
        words(f"median {written(half)}", WIDTH - RIGHT + 10, middle - 2),
        words(f"of {len(values):,}", WIDTH - RIGHT + 10, middle + 13, opacity="0.75"),
    )


def _dots(values: Sequence[float], scale: Scale, middle: float) -> Html:
    """All dots as one path of points with round ends: a tenth of the size of circles."""
    written = []
    last, lane = -10.0, 0
    for value in _thinned(values):
        place = scale.place(value)
        lane = lane + 1 if place - last < 4 else 0
        last = place
        written.append(f"M{at(place)} {at(middle + 3 * _LANES[lane % len(_LANES)])}h0")
    return tag(
        "path",
        d="".join(written),
        stroke=BLUE,
        stroke_width="5",
        stroke_linecap="round",
        stroke_opacity="0.85",
    )


def _thinned(values: Sequence[float]) -> Sequence[float]:
    if len(values) <= MOST_DOTS:
        return values
    last = len(values) - 1
    return [values[last * place // (MOST_DOTS - 1)] for place in range(MOST_DOTS)]


def _described(rows: Sequence[tuple[str, ...]], left: int, what: str) -> str:
    if not rows:
        return "There are no values to show."
    told = "; ".join(f"{row[0]}: median {row[4]}, {row[2]} to {row[6]}" for row in rows[:8])
    more = f"; {len(rows) - 8} more" if len(rows) > 8 else ""
    rest = f". {left} more are left out" if left else ""
    return f"{what}. {told}{more}{rest}."

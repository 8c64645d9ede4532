"""What it costs to be good: a point for each of several, dearer to the right, better upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.plots.distribution import Written
from codybatch.analysis.plots.picture import BLUE, GRAY, INK, Picture, at, line, words
from codybatch.analysis.plots.scale import Scale, scale_for

MOST_POINTS = 30
WIDTH, HEIGHT, LEFT, RIGHT = 720, 330, 60, 150
_TOP, _FOOT = 14, 44
_CLOSE = 0.5
"""Where the cheapest costs more than this part of the dearest, the axis does not begin at 0."""
_LINE = 14
"""Between two names, so that both can be read."""


@dataclass(frozen=True, slots=True)
class Point:
    """One of those that are weighed."""

    name: str
    cost: float
    quality: float
    """0 to 1."""
    low: float | None
    """Of the interval of the quality; None where it cannot be said."""
    high: float | None


def trade_off(
    points: Sequence[Point], title: str, what: tuple[str, str], written: tuple[Written, Written]
) -> Picture:
    """A picture of cost against quality. Those that no other beats in both are joined.

    Args:
        points: the first ``MOST_POINTS`` are shown.
        title: of the picture.
        what: both axes show: cost, quality.
        written: how a value of each is written.
    """
    shown = sorted(points[:MOST_POINTS], key=lambda one: (one.cost, -one.quality, one.name))
    best = _unbeaten(shown)
    rows = tuple(
        (one.name, written[0](one.cost), written[1](one.quality), "yes" if one in best else "no")
        for one in shown
    )
    return Picture(
        title=title,
        description=_described(rows, what),
        width=WIDTH,
        height=HEIGHT,
        body=_body(shown, best, what, written) if shown else words("Nothing to show.", LEFT, 30),
        headings=("Arm", what[0], what[1], "Unbeaten"),
        rows=rows,
    )


def _unbeaten(points: Sequence[Point]) -> list[Point]:
    """Those than which nothing is both cheaper and better (Pareto); the cheapest first."""
    found: list[Point] = []
    for one in points:
        if not found or one.quality > found[-1].quality:
            found.append(one)
    return found


def _body(
    points: Sequence[Point],
    best: Sequence[Point],
    what: tuple[str, str],
    written: tuple[Written, Written],
) -> Html:
    costs = [one.cost for one in points]
    across = _with_room(scale_for(costs, LEFT, WIDTH - RIGHT), min(costs))
    up = Scale(0.0, 1.0, HEIGHT - _FOOT, _TOP)
    parts = [*_axes(across, up, what, written), _front(best, across, up)]
    names = _apart([up.place(one.quality) for one in points])
    for one, name_at in zip(points, names, strict=True):
        parts.append(_point(one, across, up, name_at, is_best=one in best))
    return joined(*parts)


def _with_room(scale: Scale, cheapest: float) -> Scale:
    """So that none stands at the edge; from 0 only where that leaves room to tell them apart."""
    if scale.is_log:
        return Scale(scale.low / 1.3, scale.high * 1.3, scale.start, scale.stop, is_log=True)
    low = cheapest * 0.95 if cheapest > _CLOSE * scale.high else 0.0
    return Scale(low, scale.high * 1.05, scale.start, scale.stop)


def _axes(
    across: Scale, up: Scale, what: tuple[str, str], written: tuple[Written, Written]
) -> list[Html]:
    foot, right = HEIGHT - _FOOT, WIDTH - RIGHT
    parts = [line(LEFT, foot, right, foot, "0.6"), line(LEFT, _TOP, LEFT, foot, "0.6")]
    for tick in across.ticks():
        place = across.place(tick)
        parts += [line(place, _TOP, place, foot, "0.1")]
        parts += [words(written[0](tick), place, foot + 16, "middle", opacity="0.8")]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        place = up.place(tick)
        parts += [line(LEFT, place, right, place, "0.1")]
        parts += [words(written[1](tick), LEFT - 8, place + 4, "end", opacity="0.8")]
    parts.append(words(f"{what[0]} → · {what[1]} ↑", LEFT, foot + 34, opacity="0.8"))
    return parts


def _front(best: Sequence[Point], across: Scale, up: Scale) -> Html:
    places = [(across.place(one.cost), up.place(one.quality)) for one in best]
    if len(places) < 2:
        return joined()
    path = "L".join(f"{at(x)} {at(y)}" for x, y in places)
    dashes = "4 4"
    return tag(
        "path", d=f"M{path}", fill="none", stroke=INK, opacity="0.45", stroke_dasharray=dashes
    )


def _point(one: Point, across: Scale, up: Scale, name_at: float, *, is_best: bool) -> Html:
    x, y = across.place(one.cost), up.place(one.quality)
    parts = []
    if one.low is not None and one.high is not None:
        parts.append(line(x, up.place(one.low), x, up.place(one.high), "0.45"))
    parts.append(
        tag(
            "circle",
            tag("title", one.name),
            cx=at(x),
            cy=at(y),
            r="6",
            fill=BLUE if is_best else GRAY,
            stroke=INK,
        )
    )
    beside = WIDTH - RIGHT + 12
    parts.append(line(x + 7, y, beside - 4, name_at, "0.18"))
    short = one.name if len(one.name) <= 20 else f"{one.name[:19]}…"
    parts.append(words(short, beside, name_at + 4))
    return joined(*parts)


def _apart(places: Sequence[float]) -> list[float]:
    """The places of names: at their points' height where that is free, else further down; all of
    them within the picture.
    """
    order = sorted(range(len(places)), key=lambda one: (places[one], one))
    found = [0.0] * len(places)
    last = -_LINE * 1.0
    for number in order:
        last = found[number] = max(places[number], last + _LINE)
    over = last - (HEIGHT - _FOOT)
    for number in reversed(order):
        if over <= 0:
            break
        limit = HEIGHT - _FOOT - _LINE * (len(order) - 1 - order.index(number))
        found[number] = min(found[number], limit)
    return found


def _described(rows: Sequence[tuple[str, ...]], what: tuple[str, str]) -> str:
    if not rows:
        return "There is nothing to show."
    told = "; ".join(f"{row[0]}: {row[1]}, {row[2]}" for row in rows[:8])
    more = f"; {len(rows) - 8} more" if len(rows) > 8 else ""
    best = ", ".join(row[0] for row in rows if row[3] == "yes")
    return (
        f"{what[0]} against {what[1]}. {told}{more}. No other is both cheaper and better: {best}."
    )

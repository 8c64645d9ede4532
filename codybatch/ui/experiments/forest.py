"""Each arm beside the baseline as a point with its interval: a chart of plain elements.

It holds numbers of ours and names of arms, which are escaped; the page's colours fit light and
dark, and it bends to a narrow window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log2

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.domain.experiments import Metric
from codybatch.ui.experiments.numbers import concluded, effect_of
from codybatch.ui.plain_text import Clean, shown_on_one_line

_LEAST_REACH = {Metric.RATING: 0.5, Metric.COST: 0.5, Metric.DURATION: 0.5}
_REACH = 0.2
"""How far the chart goes at least to both sides of no difference; of ratios in doublings."""
_STEPS = 10


@dataclass(frozen=True)
class Point:
    """One arm; places are percent of the chart's width, 50 is no difference."""

    name: str
    told: str
    concluded: str
    color: str
    at: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Forest:
    """All arms on one scale."""

    points: tuple[Point, ...]
    left: str
    """What stands at the left end, in words."""
    right: str


def forest(comparisons: Sequence[Comparison], clean: Clean) -> Forest | None:
    """The chart of comparisons by one metric; None where none has an effect.

    Args:
        comparisons: of all arms with one baseline.
        clean: takes secrets out of names.
    """
    spans = [_span(one) for one in comparisons]
    known = [abs(bound) for span in spans if span for bound in span]
    if not known:
        return None
    metric = comparisons[0].metric
    reach = max(*known, _LEAST_REACH.get(metric, _REACH))
    if not metric.less_is_better:
        reach = ceil(reach * _STEPS) / _STEPS
    points = (_point(one, span, reach, clean) for one, span in zip(comparisons, spans, strict=True))
    return Forest(tuple(points), *_ends(metric, comparisons[0].a, clean))


def as_html(chart: Forest) -> str:
    """The chart; a list, so that it is read out row by row."""
    rows = "".join(map(_row, chart.points))
    return (
        f'<div class="cb-forest"><div class="cb-forest-ends" aria-hidden="true">'
        f"<span>{escape(chart.left)}</span><span>{escape(chart.right)}</span></div>"
        f'<ul class="cb-forest-rows">{rows}</ul></div>'
    )


def _span(one: Comparison) -> tuple[float, ...]:
    """The effect and its interval, from no difference on; of ratios in doublings."""
    if isinstance(one.effect, CannotBeSaid):
        return ()
    bounds = one.effect.interval
    told: tuple[float, ...] = (one.effect.value,)
    if isinstance(bounds, Interval):
        told = (one.effect.value, bounds.low, bounds.high)
    if not one.metric.less_is_better:
        return told
    return tuple(log2(max(number, 1e-6)) for number in told)


def _point(one: Comparison, span: tuple[float, ...], reach: float, clean: Clean) -> Point:
    places = [50 + 50 * max(-1.0, min(1.0, number / reach)) for number in span]
    badge = concluded(one)
    return Point(
        name=shown_on_one_line(one.b, clean),
        told=effect_of(one),
        concluded=badge.label,
        color=badge.color,
        at=places[0] if places else None,
        low=places[1] if len(places) > 1 else None,
        high=places[2] if len(places) > 1 else None,
    )


def _ends(metric: Metric, baseline: str, clean: Clean) -> tuple[str, str]:
    name = shown_on_one_line(baseline, clean)
    if metric.less_is_better:
        word = "cheaper" if metric is Metric.COST else "faster"
        other = "dearer" if metric is Metric.COST else "slower"
        return f"{word} than {name}", f"{other} than {name}"
    return f"worse than {name}", f"better than {name}"


def _row(point: Point) -> str:
    drawn = ""
    if point.low is not None and point.high is not None:
        drawn += (
            f'<i class="cb-forest-range" style="left:{point.low:.2f}%;'
            f'width:{max(point.high - point.low, 0.4):.2f}%"></i>'
        )
    if point.at is not None:
        drawn += f'<i class="cb-forest-point" style="left:{point.at:.2f}%"></i>'
    return (
        f'<li class="cb-on-{point.color}"><b title="{escape(point.name)}">{escape(point.name)}</b>'
        f'<span class="cb-forest-line" aria-hidden="true">{drawn}</span>'
        f"<span>{escape(point.told)}</span><em>{escape(point.concluded)}</em></li>"
    )

"""Pictures of comparisons: one arm repository by repository, or all arms with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from codybatch.analysis.plots.forest import Difference, forest
from codybatch.analysis.plots.picture import BLUE, GRAY, GREEN, RED, Picture
from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.comparison import Comparison, OnRepository
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.sentences import points, signed
from codybatch.domain.experiments import Metric


@dataclass(frozen=True, slots=True)
class Unit:
    """How differences by a metric are drawn and written."""

    none: float
    """Where there is no difference: 0, or 1 of ratios."""
    written: Callable[[float], str]
    axis: str


def unit_of(metric: Metric, a: str, b: str) -> Unit:
    """How differences by a metric are drawn.

    Args:
        metric: that arms are compared by.
        a: the name of the one that the other is compared with.
        b: the other's.
    """
    if metric.less_is_better:
        what = "Cost" if metric is Metric.COST else "Time"
        return Unit(1.0, lambda ratio: f"{signed(ratio, 2)} x", f"{what} of {b}, times {a}'s")
    if metric is Metric.RATING:
        return Unit(0.0, partial(signed, digits=1), f"Rating of {b} less {a}'s")
    how = "accepted" if metric is Metric.ACCEPTED else "right"
    return Unit(0.0, partial(points, digits=0), f"How much more often {b} was {how} than {a}")


def by_repository(comparison: Comparison) -> Picture:
    """One comparison: over all repositories, then where B did best to where it did worst."""
    unit = unit_of(comparison.metric, comparison.a, comparison.b)
    rows = [*_total(comparison, "All repositories", unit), *_each(comparison, unit)]
    return _drawn(rows, f"{comparison.b} against {comparison.a}", unit)


def by_arm(comparisons: Iterable[Comparison], baseline: str) -> Picture:
    """Several arms against one baseline, on one metric."""
    told = list(comparisons)
    unit = unit_of(told[0].metric if told else Metric.ACCEPTED, baseline, "an arm")
    rows = [row for one in told for row in _total(one, one.b, unit)]
    return _drawn(rows, f"Arms against {baseline}", unit)


def _drawn(rows: list[Difference], title: str, unit: Unit) -> Picture:
    is_ratio = unit.none == 1.0
    return forest(rows, title, unit.axis, unit.written, none=unit.none, is_ratio=is_ratio)


def _total(comparison: Comparison, name: str, unit: Unit) -> Iterator[Difference]:
    effect = comparison.effect
    if not isinstance(effect, Effect):
        return
    value, bounds = unit.written(effect.value), effect.interval
    fill = {Conclusion.B_BETTER: GREEN, Conclusion.A_BETTER: RED}.get(comparison.conclusion, BLUE)
    if isinstance(bounds, Interval):
        told = f"{value} ({unit.written(bounds.low)} to {unit.written(bounds.high)})"
        told = told.replace(" points (", " (").replace(" points to", " to")
        yield Difference(name, effect.value, bounds.low, bounds.high, told, fill)
    else:
        yield Difference(name, effect.value, None, None, value, fill)


def _each(comparison: Comparison, unit: Unit) -> Iterator[Difference]:
    for one in reversed(comparison.by_repository):
        value = _difference(one, comparison.metric)
        if value is not None:
            yield Difference(
                one.repository, value, None, None, unit.written(value), _fill(one, comparison)
            )


def _fill(one: OnRepository, comparison: Comparison) -> str:
    if one.a == one.b:
        return GRAY
    return GREEN if (one.b > one.a) is not comparison.metric.less_is_better else RED


def _difference(one: OnRepository, metric: Metric) -> float | None:
    """None where a ratio has no meaning."""
    if not metric.less_is_better:
        return one.b - one.a
    return one.b / one.a if one.a > 0 and one.b > 0 else None

"""The pictures of a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from codybatch.analysis.display.sheet import joined
from codybatch.analysis.plots.forest import Difference, forest
from codybatch.analysis.plots.picture import BLUE, GRAY, GREEN, RED, Picture
from codybatch.analysis.plots.strips import strips
from codybatch.analysis.plots.trade_off import Point, trade_off
from codybatch.analysis.plots.units import dollars, duration
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.page import Section, figure, fit, paragraphs
from codybatch.analysis.report_files.words import difference_of, interval_of, percent, said
from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect
from codybatch.domain.experiments import Metric

AXES: dict[Metric, str] = {
    Metric.ACCEPTED: "Percentage points accepted more often than the baseline",
    Metric.RATING: "Rated higher than the baseline (1 to 5)",
    Metric.CORRECT: "Percentage points right more often than the baseline",
    Metric.COST: "Cost, as a multiple of the baseline's",
    Metric.DURATION: "Work, as a multiple of the baseline's",
}
_FILLS = {Conclusion.B_BETTER: GREEN, Conclusion.A_BETTER: RED, Conclusion.NOT_YET: GRAY}


def differences_section(report: Report) -> Section:
    """How far each arm differs from the baseline, by the metric that decides."""
    if not report.against_baseline:
        told = paragraphs(["There is nothing to compare: one arm only."])
        return Section("differences", "Differences", told)
    return Section("differences", "Differences", figure(forest_of(report)))


def forest_of(report: Report) -> Picture:
    """Each arm against the baseline."""
    metric = report.setup.metric
    what = "ratio" if metric.less_is_better else "difference"
    rows = [_difference(one.arm, one.comparisons[0]) for one in report.against_baseline]
    return forest(
        rows,
        f"Each arm against {fit(report.setup.baseline)}: {what} and 95 % interval",
        AXES[metric],
        lambda value: difference_of(value, metric),
        none=1.0 if metric.less_is_better else 0.0,
        is_ratio=metric.less_is_better,
    )


def _difference(name: str, one: Comparison) -> Difference:
    shown = fit(name)
    if not isinstance(one.effect, Effect):
        return Difference(shown, None, None, None, "cannot be said", GRAY)
    effect, bounds = one.effect, one.effect.interval
    low, high = (bounds.low, bounds.high) if isinstance(bounds, Interval) else (None, None)
    told = difference_of(effect.value, one.metric)
    if isinstance(bounds, Interval):
        told = f"{told} ({interval_of(bounds, one.metric)})"
    return Difference(shown, effect.value, low, high, told, _FILLS.get(one.conclusion, BLUE))


def costs_section(report: Report) -> Section:
    """What jobs cost and how long they worked, and whether the dearer are the better."""
    costs: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    for cell in report.cells():
        if cell.cost_usd is not None:
            costs[fit(cell.arm)].append(float(cell.cost_usd))
        if cell.seconds is not None:
            times[fit(cell.arm)].append(cell.seconds)
    order = [fit(one.name) for one in report.setup.arms]
    pictures = (
        trade_off_of(report),
        strips({name: costs[name] for name in order}, "Cost of a job", "US dollars", dollars),
        _times({name: times[name] for name in order}),
    )
    return Section("costs", "Cost and time", joined(*map(figure, pictures)))


def _times(times: Mapping[str, Sequence[float]]) -> Picture:
    """How long jobs worked, in the unit in which the longest is read best."""
    longest = max((value for values in times.values() for value in values), default=0.0)
    unit = 1.0 if longest < 120 else 60.0 if longest < 7_200 else 3_600.0
    scaled = {name: [value / unit for value in values] for name, values in times.items()}
    return strips(scaled, "Work of a job", "Time of work", lambda value: duration(value * unit))


def trade_off_of(report: Report) -> Picture:
    """Cost of a job against how often it is accepted."""
    points = []
    for arm in report.arms:
        cost, quality = said(arm.cost), said(arm.acceptance)
        if cost is None or quality is None:
            continue
        bounds = said(quality.interval)
        low, high = (bounds.low, bounds.high) if bounds else (None, None)
        points.append(Point(fit(arm.arm), cost.mean, quality.value, low, high))
    return trade_off(
        points,
        "Cost against acceptance",
        ("Mean cost of a job", "Accepted"),
        (dollars, percent),
    )

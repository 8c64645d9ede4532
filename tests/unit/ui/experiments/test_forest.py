"""The chart of arms beside the baseline: in scale, in words, and safe."""

from __future__ import annotations

from dataclasses import replace

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.effect import Effect
from codybatch.domain.experiments import Metric
from codybatch.ui.experiments.forest import as_html, forest
from tests.experiment_report_kit import a_report

SEEN = a_report(arms=2, repositories=12, repetitions=3).against_baseline[0].comparisons[0]


def compared(value: float, low: float, high: float, metric: Metric = Metric.ACCEPTED) -> Comparison:
    assert isinstance(SEEN.effect, Effect)
    effect = replace(SEEN.effect, value=value, interval=Interval(low, high))
    return replace(SEEN, effect=effect, metric=metric)


def test_no_difference_is_the_middle_and_better_is_right() -> None:
    chart = forest([compared(0.18, 0.04, 0.31)], str)

    assert chart is not None
    (point,) = chart.points
    assert point.told == "+18 points (+4 to +31)"
    assert point.at is not None
    assert point.low is not None
    assert point.high is not None
    assert 50 < point.low < point.at < point.high <= 100
    assert (chart.left, chart.right) == ("worse than tidy v1", "better than tidy v1")


def test_a_ratio_is_drawn_so_that_half_and_twice_are_equally_far() -> None:
    chart = forest([compared(2.0, 0.5, 2.0, Metric.COST)], str)

    assert chart is not None
    (point,) = chart.points
    assert point.at is not None
    assert point.low is not None
    assert point.at - 50 == 50 - point.low
    assert point.told == "2.00 times (0.50 to 2.00)"
    assert chart.left == "cheaper than tidy v1"


def test_an_arm_of_which_nothing_can_be_said_has_a_row_without_a_point() -> None:
    unsaid = replace(SEEN, effect=CannotBeSaid("No repository has verdicts on both."), b="other")

    chart = forest([compared(0.1, 0.0, 0.2), unsaid], str)

    assert chart is not None
    assert chart.points[1].at is None
    assert as_html(chart).count("cb-forest-point") == 1
    assert forest([unsaid], str) is None


def test_the_name_of_an_arm_is_text() -> None:
    chart = forest([replace(compared(0.1, 0.0, 0.2), b='<img src=x onerror="x">', a="<b>")], str)

    assert chart is not None
    assert "<img" not in as_html(chart)
    assert "<b>than" not in as_html(chart)

"""What may be concluded: only what p-value, interval and number of repositories all allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.conclusion import Conclusion, conclude
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.sides import Sides
from codybatch.domain.experiments import Metric

SHOWN = Effect(
    value=0.25,
    interval=Interval(0.05, 0.45),
    method="paired t",
    p=PValue(0.03, "sign-flip, exact"),
    checks=(),
    sides=Sides(wins=7, ties=4, losses=1),
    repositories=12,
)
CHEAPER = replace(SHOWN, value=0.8, interval=Interval(0.7, 0.9))


def test_b_is_better_where_all_three_say_so() -> None:
    assert conclude(SHOWN, Metric.ACCEPTED, 0) is Conclusion.B_BETTER


def test_a_is_better_where_b_is_worse() -> None:
    worse = replace(SHOWN, value=-0.25, interval=Interval(-0.45, -0.05))

    assert conclude(worse, Metric.ACCEPTED, 0) is Conclusion.A_BETTER


def test_less_is_better_of_what_is_spent() -> None:
    dearer = replace(SHOWN, value=1.3, interval=Interval(1.1, 1.5))

    assert conclude(CHEAPER, Metric.COST, 0) is Conclusion.B_BETTER
    assert conclude(dearer, Metric.DURATION, 0) is Conclusion.A_BETTER


@pytest.mark.parametrize(
    "effect",
    [
        replace(SHOWN, p=PValue(0.0501, "sign-flip, exact")),
        replace(SHOWN, interval=Interval(-0.01, 0.45)),
        replace(SHOWN, interval=Interval(0.0, 0.45)),
        replace(SHOWN, sides=Sides(wins=5, ties=7, losses=0)),
    ],
    ids=["the p-value", "the interval", "its bound", "too few that differ"],
)
def test_one_that_says_no_is_enough(effect: Effect) -> None:
    assert conclude(effect, Metric.ACCEPTED, 0) is Conclusion.NO_DIFFERENCE_SHOWN


def test_the_same_cost_is_a_multiple_of_one() -> None:
    assert (
        conclude(replace(CHEAPER, interval=Interval(0.7, 1.1)), Metric.COST, 0)
        is Conclusion.NO_DIFFERENCE_SHOWN
    )


def test_without_an_interval_the_p_value_decides() -> None:
    steady = replace(SHOWN, interval=CannotBeSaid("All differ by the same."))

    assert conclude(steady, Metric.RATING, 0) is Conclusion.B_BETTER


def test_while_jobs_run_nothing_is_concluded() -> None:
    assert conclude(SHOWN, Metric.ACCEPTED, 1) is Conclusion.NOT_YET
    assert conclude(CannotBeSaid("Nothing yet."), Metric.ACCEPTED, 1) is Conclusion.NOT_YET


def test_without_numbers_nothing_can_be_concluded() -> None:
    unknown = CannotBeSaid("Nobody knows.")

    assert conclude(unknown, Metric.ACCEPTED, 0) is Conclusion.CANNOT_BE_SAID
    assert conclude(replace(SHOWN, p=unknown), Metric.ACCEPTED, 0) is Conclusion.CANNOT_BE_SAID
    assert conclude(replace(SHOWN, repositories=1), Metric.ACCEPTED, 0) is Conclusion.CANNOT_BE_SAID

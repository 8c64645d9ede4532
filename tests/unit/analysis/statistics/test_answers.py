"""No number that is none leaves; while jobs run there is no p-value."""

from __future__ import annotations

import math

import pytest

from codybatch.analysis.statistics.answers import Interval, PValue, withheld
from codybatch.analysis.statistics.wilson import Share
from tests.statistics_kit import unsaid


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_answer_holds_a_number_that_is_none(number: float) -> None:
    with pytest.raises(ArithmeticError):
        Interval(number, 1.0)
    with pytest.raises(ArithmeticError):
        PValue(number, "t")
    with pytest.raises(ArithmeticError):
        Share(number, Interval(0, 1), 3)


def test_an_interval_is_never_upside_down() -> None:
    with pytest.raises(ArithmeticError, match="upside down"):
        Interval(0.2, 0.1)


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_a_p_value_is_a_chance(value: float) -> None:
    with pytest.raises(ArithmeticError, match="sign"):
        PValue(value, "sign")


def test_an_interval_leaves_out_what_lies_outside() -> None:
    interval = Interval(0.1, 0.3)

    assert interval.excludes(0.0)
    assert not interval.excludes(0.1)
    assert not interval.excludes(0.3)
    assert interval.excludes(0.31)


def test_an_interval_is_cut_to_what_is_possible() -> None:
    assert Interval(-0.2, 1.4).within(0, 1) == Interval(0, 1)
    assert Interval(1.1, 1.4).within(-1, 1) == Interval(1, 1)


def test_p_values_wait_for_the_last_job() -> None:
    assert withheld(0) is None
    assert unsaid(withheld(1)) == (
        "1 job is not finished or not judged: a p-value is given when all are."
    )
    assert "12 jobs are not finished" in unsaid(withheld(12))


def test_a_negative_number_of_unfinished_jobs_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="-1 jobs"):
        withheld(-1)

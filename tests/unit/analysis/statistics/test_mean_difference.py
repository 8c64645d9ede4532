"""The mean difference with its interval, against scipy."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from codybatch.analysis.statistics.mean_difference import mean_difference, t_test
from tests.statistics_kit import AMOUNTS, DIFFERENCES, STEPS, said, sampled, unsaid


def test_the_worked_example() -> None:
    mean = said(mean_difference(DIFFERENCES))
    p = t_test(mean)

    assert mean.value == 0.25
    assert round(mean.deviation, 4) == 0.3218
    assert round(mean.standard_error, 4) == 0.0929
    assert (round(mean.interval.low, 4), round(mean.interval.high, 4)) == (0.0456, 0.4544)
    assert mean.freedom == 11
    assert (round(p.statistic or 0, 4), round(p.value, 4)) == (2.6914, 0.0210)


@sampled
@given(st.lists(STEPS | AMOUNTS, min_size=2, max_size=30), st.sampled_from([0.9, 0.95, 0.99]))
def test_it_is_as_scipy_says(differences: list[Fraction | float], level: float) -> None:
    numbers = [float(one) for one in differences]
    assume(max(numbers) - min(numbers) > 1e-6)

    mean = said(mean_difference(differences, level=level))

    expected = stats.ttest_1samp(numbers, 0)
    low, high = expected.confidence_interval(level)
    assert (mean.interval.low, mean.interval.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    assert t_test(mean).value == pytest.approx(expected.pvalue, abs=1e-9)


def test_forks_that_agree_count_once() -> None:
    forks = said(mean_difference([1, 1, 1, 0, 0, 0], ["a"] * 3 + ["b"] * 3))
    two = said(mean_difference([1, 0]))

    assert forks.freedom == two.freedom == 1
    assert forks.standard_error == pytest.approx(two.standard_error)
    assert forks.value == two.value


def test_one_repository_says_nothing_about_others() -> None:
    assert "one repository only" in unsaid(mean_difference([Fraction(1, 2)]))


def test_one_cluster_says_nothing_about_others() -> None:
    assert "belong together" in unsaid(mean_difference([1, 0], ["a", "a"]))


@pytest.mark.parametrize("difference", [0, Fraction(1, 3), 0.1, 1e-300])
def test_where_all_differ_by_the_same_there_is_no_interval(difference: float) -> None:
    assert "All 9 repositories differ by the same" in unsaid(mean_difference([difference] * 9))


def test_the_rounding_of_floats_is_not_taken_for_a_spread() -> None:
    assert "by the same" in unsaid(mean_difference([0.3, 0.1 + 0.2, 0.3]))


def test_no_pair_has_no_mean() -> None:
    assert unsaid(mean_difference([])) == "No repository has both."

"""How many times as much B costs, against scipy on the logarithms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from codybatch.analysis.statistics.ratios import geometric_ratio, log_ratios, mean_ratio
from tests.statistics_kit import AMOUNTS, said, sampled, unsaid


@sampled
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=2, max_size=20))
def test_it_is_the_geometric_mean_with_the_interval_of_the_logarithms(
    rows: list[tuple[float, float]],
) -> None:
    a, b = [x for x, _ in rows], [y for _, y in rows]
    ratios = np.array(b) / np.array(a)
    logs = np.log(ratios)
    assume(np.ptp(logs) > 1e-6)

    ratio = said(geometric_ratio(a, b))

    low, high = stats.ttest_1samp(logs, 0).confidence_interval()
    assert ratio.value == pytest.approx(stats.gmean(ratios), rel=1e-9)
    assert ratio.interval.low == pytest.approx(math.exp(low), rel=1e-9)
    assert ratio.interval.high == pytest.approx(math.exp(high), rel=1e-9)


def test_half_as_much_and_twice_as_much_cancel() -> None:
    assert said(geometric_ratio([1, 2, 3], [2, 1, 3])).value == pytest.approx(1)


def test_exchanging_the_two_turns_it_round() -> None:
    one = said(geometric_ratio([1, 2, 3, 5], [2, 3, 3, 4]))
    other = said(geometric_ratio([2, 3, 3, 4], [1, 2, 3, 5]))

    assert one.value == pytest.approx(1 / other.value)
    assert one.interval.low == pytest.approx(1 / other.interval.high)


@pytest.mark.parametrize("amount", [0, -1, math.nan, math.inf])
def test_what_is_no_positive_amount_is_left_out_and_counted(amount: float) -> None:
    ratio = said(geometric_ratio([1, 2, 4, amount], [2, 3, 3, 1], ["a", "b", "c", "d"]))

    assert ratio.left_out == 1
    assert ratio.logarithms.repositories == 3
    assert log_ratios([1, amount], [2, 3], ["a", "b"]) == ([math.log(2)], ["a"])


def test_without_amounts_nothing_can_be_said() -> None:
    assert "No repository has a positive number" in unsaid(geometric_ratio([0], [1]))
    assert "No repository" in unsaid(geometric_ratio([], []))


def test_where_all_ratios_are_the_same_there_is_no_interval() -> None:
    amounts = [0.1, 0.7, 1.3]

    assert "by the same" in unsaid(geometric_ratio(amounts, [3 * one for one in amounts]))
    assert mean_ratio([math.log(3)] * 3) == pytest.approx(3)


def test_ratios_beyond_all_numbers_are_said_to_be() -> None:
    tiny, huge = [1e-300, 1e-300], [1e300, 1e200]

    assert "too large" in unsaid(geometric_ratio(tiny, huge))
    assert "too large" in unsaid(mean_ratio([900.0]))


def test_forks_that_agree_count_once() -> None:
    forks = said(geometric_ratio([1] * 6, [2, 2, 2, 4, 4, 4], ["a"] * 3 + ["b"] * 3))
    two = said(geometric_ratio([1, 1], [2, 4]))

    assert forks.logarithms.freedom == 1
    assert forks.interval.low == pytest.approx(two.interval.low)

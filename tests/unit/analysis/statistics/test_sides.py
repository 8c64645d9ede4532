"""Wins, ties and losses, and the tests of order, against scipy."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from codybatch.analysis.statistics.sides import Sides, sides, sign_test, signed_ranks, wilcoxon
from tests.statistics_kit import DIFFERENCES, STEPS, said, sampled, unsaid


def test_the_worked_example() -> None:
    counted = sides(DIFFERENCES)

    assert counted == Sides(wins=7, ties=4, losses=1)
    assert round(sign_test(counted).value, 4) == 0.0703
    assert said(wilcoxon(DIFFERENCES)).value == 0.046875
    assert said(counted.superiority) == 9 / 12


@sampled
@given(st.integers(0, 50), st.integers(0, 50))
def test_the_sign_test_is_as_scipy_says(wins: int, losses: int) -> None:
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1

    assert sign_test(Sides(wins, 3, losses)).value == pytest.approx(expected, abs=1e-9)


@sampled
@given(st.lists(STEPS, min_size=2, max_size=9))
def test_wilcoxons_is_as_scipy_says(differences: list[Fraction]) -> None:
    numbers = np.array([float(one) for one in differences], dtype=np.float64)
    assume(numbers.any())
    expected = stats.wilcoxon(
        numbers, zero_method="pratt", method=stats.PermutationMethod(n_resamples=1_000_000)
    )

    assert said(wilcoxon(differences)).value == pytest.approx(expected.pvalue, abs=1e-9)


@sampled
@given(st.lists(STEPS, max_size=30))
def test_ranks_are_as_scipy_says(differences: list[Fraction]) -> None:
    numbers = np.array([float(one) for one in differences], dtype=np.float64)
    expected = np.sign(numbers) * stats.rankdata(abs(numbers))

    assert [float(one) for one in signed_ranks(differences)] == pytest.approx(list(expected))


def test_its_statistic_is_the_sum_of_the_ranks_above() -> None:
    """Wilcoxon 1945: of 3, -1 and 2 the ranks 3 and 2 are B's."""
    p = said(wilcoxon([3, -1, 2]))

    assert p.statistic == 5
    assert p.method == "Wilcoxon, exact"


def test_all_ties_show_nothing() -> None:
    counted = sides([0, 0, 0])

    assert said(counted.superiority) == 0.5
    assert sign_test(counted).value == said(wilcoxon([0, 0, 0])).value == 1


def test_no_pair_has_no_side() -> None:
    assert "no pair" in unsaid(sides([]).superiority)
    assert "No repository" in unsaid(wilcoxon([]))


def test_clusters_take_sides_together() -> None:
    assert sides([1, -1, 1, 1], ["a", "a", "b", "b"]) == Sides(wins=1, ties=1, losses=0)
    assert wilcoxon([1, 2, -1], ["a", "a", "b"]) == wilcoxon([3, -1])

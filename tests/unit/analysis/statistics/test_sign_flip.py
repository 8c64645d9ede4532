"""The sign-flip test: each way to count it against scipy's permutation test."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from codybatch.analysis.statistics.answers import ALPHA
from codybatch.analysis.statistics.sign_flip import least_differing, least_p, sign_flip
from tests.statistics_kit import AMOUNTS, DIFFERENCES, STEPS, said, sampled, unsaid


def by_scipy(differences: list[float]) -> float:
    answer = stats.permutation_test(
        (np.array(differences, dtype=np.float64),),
        np.mean,
        permutation_type="samples",
        n_resamples=1_000_000,
        vectorized=True,
    )
    return float(answer.pvalue)


def test_the_worked_example() -> None:
    p = said(sign_flip(DIFFERENCES))

    assert p.value == 12 / 256 == 0.046875
    assert p.method == "sign-flip, exact"


@sampled
@given(st.lists(STEPS, min_size=2, max_size=9))
def test_rates_are_counted_as_scipy_counts_them(differences: list[Fraction]) -> None:
    thirds = [float(3 * one) for one in differences]  # whole, so that scipy rounds nothing

    assert said(sign_flip(differences)).value == pytest.approx(by_scipy(thirds), abs=1e-9)


@sampled
@given(st.lists(st.tuples(AMOUNTS, st.booleans()), min_size=2, max_size=9))
def test_amounts_are_counted_as_scipy_counts_them(signed: list[tuple[float, bool]]) -> None:
    numbers = [size if up else -size for size, up in signed]

    p = said(sign_flip(numbers))

    assert p.method == "sign-flip, exact"
    assert p.value == pytest.approx(by_scipy(numbers), abs=1e-9)


def test_thousands_of_rates_are_still_counted_exactly() -> None:
    differences = [Fraction(step, 3) for step in (1, -1, 2, 0, 1, -2, 3)] * 300

    p = said(sign_flip(differences))

    z = float(sum(differences)) / math.sqrt(sum(float(one) ** 2 for one in differences))
    assert p.method == "sign-flip, exact"
    assert p.value == pytest.approx(2 * stats.norm.sf(z), rel=0.01)


def test_many_amounts_are_drawn_and_the_same_each_time() -> None:
    rng = np.random.default_rng(5)
    numbers = [float(one) for one in rng.normal(0.3, 1, 40)]

    p, again = said(sign_flip(numbers)), said(sign_flip(numbers))

    assert p == again
    assert p.method == "sign-flip, 20,000 random choices"
    assert p.value == pytest.approx(stats.ttest_1samp(numbers, 0).pvalue, abs=0.01)
    assert p.value != said(sign_flip(numbers, seed=1)).value


def test_what_is_drawn_is_never_said_to_be_impossible() -> None:
    p = said(sign_flip([1 + math.sqrt(at) for at in range(40)]))

    assert p.value == 1 / 20_001


def test_clusters_are_flipped_together() -> None:
    clusters = [at // 3 for at in range(12)]
    p = said(sign_flip([1] * 12, clusters))

    assert p.value == least_p(4) == 0.125


def test_ties_do_not_matter() -> None:
    assert sign_flip([*DIFFERENCES, 0, 0, 0]) == sign_flip(DIFFERENCES)


@pytest.mark.parametrize(
    "differences", [[0, 0, 0], [1, -1], [Fraction(1, 3)] * 2 + [Fraction(-2, 3)]]
)
def test_without_a_mean_difference_nothing_is_shown(differences: list[Fraction]) -> None:
    assert said(sign_flip(differences)).value == 1


def test_no_pair_has_no_p_value() -> None:
    assert unsaid(sign_flip([])) == "No repository has both."


def test_five_differing_repositories_cannot_reach_five_in_a_hundred() -> None:
    assert least_differing(ALPHA) == 6
    assert said(sign_flip([1] * 5)).value == least_p(5) == 0.0625
    assert said(sign_flip([1] * 6)).value == least_p(6) == 0.03125


@sampled
@given(st.floats(1e-9, 1))
def test_one_repository_fewer_would_not_do(alpha: float) -> None:
    needed = least_differing(alpha)

    assert least_p(needed) <= alpha
    assert needed == 1 or least_p(needed - 1) > alpha

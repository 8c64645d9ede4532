"""Cohen's kappa, against statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats import inter_rater  # type: ignore[import-untyped]

from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.kappa import Weights, cohens_kappa, rating_table
from tests.statistics_kit import said, sampled, unsaid

TABLES = st.integers(2, 5).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 12), min_size=size, max_size=size), min_size=size, max_size=size
    )
)


def test_the_worked_example() -> None:
    kappa = said(cohens_kappa([[20, 5], [4, 31]]))

    assert round(kappa.value, 4) == 0.6897
    assert isinstance(kappa.interval, Interval)
    assert (round(kappa.interval.low, 3), round(kappa.interval.high, 3)) == (0.503, 0.876)
    assert kappa.rated == 60
    assert kappa.agreement == pytest.approx(51 / 60)


@sampled
@given(TABLES, st.sampled_from(Weights))
def test_it_is_as_statsmodels_says(table: list[list[int]], weights: Weights) -> None:
    numbers = np.array(table)
    assume(len({*numbers.nonzero()[0], *numbers.nonzero()[1]}) > 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it divides by 0 for a test that nobody asks for
        expected = inter_rater.cohens_kappa(
            numbers, wt="quadratic" if weights is Weights.QUADRATIC else None
        )

    kappa = said(cohens_kappa(table, weights))

    assert kappa.value == pytest.approx(expected.kappa, abs=1e-9)
    if isinstance(kappa.interval, Interval) and -1 < kappa.interval.low < kappa.interval.high < 1:
        assert kappa.interval.low == pytest.approx(expected.kappa_low, abs=1e-9)
        assert kappa.interval.high == pytest.approx(expected.kappa_upp, abs=1e-9)


def test_one_step_apart_counts_less_than_four() -> None:
    near = [[5, 5, 0, 0, 0], [0, 5, 0, 0, 0], [0, 0, 5, 0, 0], [0, 0, 0, 5, 0], [0, 0, 0, 0, 5]]
    far = [[5, 0, 0, 0, 5], [0, 5, 0, 0, 0], [0, 0, 5, 0, 0], [0, 0, 0, 5, 0], [0, 0, 0, 0, 5]]

    assert (
        said(cohens_kappa(near, Weights.QUADRATIC)).value
        > said(cohens_kappa(far, Weights.QUADRATIC)).value
    )
    assert said(cohens_kappa(near)).agreement == said(cohens_kappa(far)).agreement


def test_perfect_agreement_is_one_and_has_no_interval() -> None:
    kappa = said(cohens_kappa([[7, 0], [0, 3]]))

    assert kappa.value == 1
    assert "Too little disagreement" in unsaid(kappa.interval)


def test_raters_who_always_say_the_same_one_thing_have_none() -> None:
    assert "one thing" in unsaid(cohens_kappa([[9, 0], [0, 0]]))


def test_raters_with_nothing_in_common_have_none() -> None:
    assert "nothing in common" in unsaid(cohens_kappa([[0, 0], [0, 0]]))
    assert "nothing in common" in unsaid(cohens_kappa([]))


def test_a_table_counts_what_both_rated() -> None:
    table = rating_table([1, 2, None, 2, 1], [1, 1, 1, None, 2], categories=[1, 2])

    assert table == [[1, 1], [1, 0]]

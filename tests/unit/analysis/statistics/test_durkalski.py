"""Durkalski's chi-squared test."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar  # type: ignore[import-untyped]

from codybatch.analysis.statistics.durkalski import durkalski
from tests.statistics_kit import DIFFERENCES, said, sampled, unsaid


def test_the_worked_example() -> None:
    p = said(durkalski(DIFFERENCES))

    assert (round(p.statistic or 0, 4), round(p.value, 4)) == (4.7647, 0.0290)


@sampled
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_with_one_pair_a_cluster_it_is_mcnemars(only_a: int, only_b: int, ties: int) -> None:
    """Durkalski et al. 2003, section 2: it then reduces to McNemar's test, uncorrected."""
    differences = [-1] * only_a + [1] * only_b + [0] * ties
    if only_a + only_b == 0:
        assert unsaid(durkalski(differences)) == "No repository differs."
        return
    expected = mcnemar([[0, only_a], [only_b, ties]], exact=False, correction=False)

    p = said(durkalski(differences))

    assert p.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert p.value == pytest.approx(expected.pvalue, abs=1e-9)


def test_clusters_are_summed_first() -> None:
    assert durkalski([1, 0, -1, 1], ["a", "a", "b", "b"]) == durkalski([1, 0])
    assert durkalski([Fraction(1, 2)] * 2) == durkalski([1, 1])

"""The distributions, against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from codybatch.analysis.statistics import distributions
from tests.statistics_kit import sampled


@sampled
@given(st.floats(0.01, 0.9999))
def test_a_normal_interval_reaches_as_far_as_scipy_says(level: float) -> None:
    assert distributions.normal_quantile(level) == pytest.approx(
        stats.norm.interval(level)[1], abs=1e-9
    )


@sampled
@given(st.floats(-8, 8))
def test_the_part_below_is_as_scipy_says(z: float) -> None:
    assert distributions.normal_below(z) == pytest.approx(stats.norm.cdf(z), rel=1e-9)


@sampled
@given(st.floats(0.5, 0.999), st.integers(1, 500))
def test_students_t_is_as_scipy_says(level: float, freedom: int) -> None:
    quantile = distributions.t_quantile(level, freedom)

    assert quantile == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-9)
    assert distributions.t_two_sided(-quantile, freedom) == pytest.approx(1 - level, rel=1e-7)
    assert distributions.t_two_sided(quantile, freedom) == pytest.approx(
        2 * stats.t.sf(quantile, freedom), rel=1e-9
    )


@sampled
@given(st.floats(0, 6), st.integers(1, 100), st.floats(0, 6))
def test_the_noncentral_t_is_as_scipy_says(t: float, freedom: int, shift: float) -> None:
    assert distributions.noncentral_t_above(t, freedom, shift) == pytest.approx(
        stats.nct.sf(t, freedom, shift), abs=1e-9
    )


@sampled
@given(st.floats(0, 60))
def test_chi_squared_is_as_scipy_says(x: float) -> None:
    assert distributions.chi_squared_above(x) == pytest.approx(stats.chi2.sf(x, 1), rel=1e-9)


@sampled
@given(st.integers(0, 300), st.integers(0, 300))
def test_a_fair_coin_is_as_scipy_says(heads: int, tails: int) -> None:
    tosses = heads + tails

    assert distributions.fair_coin_at_most(heads, tosses) == pytest.approx(
        stats.binom.cdf(heads, tosses, 0.5), rel=1e-9
    )
    assert distributions.fair_coin_exactly(heads, tosses) == pytest.approx(
        stats.binom.pmf(heads, tosses, 0.5), rel=1e-9
    )


def test_a_coin_tossed_thousands_of_times_is_still_counted() -> None:
    assert distributions.fair_coin_at_most(2400, 5000) == pytest.approx(
        stats.binom.cdf(2400, 5000, 0.5), rel=1e-9
    )

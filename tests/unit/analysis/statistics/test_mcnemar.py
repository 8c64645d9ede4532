"""McNemar's tests and Newcombe's interval: published examples, statsmodels and scipy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar  # type: ignore[import-untyped]
from statsmodels.stats.proportion import (  # type: ignore[import-untyped]
    confint_proportions_2indep,
)

from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.mcnemar import (
    PairedTable,
    exact,
    mid_p,
    newcombe,
    paired_table,
    square_and_add,
)
from codybatch.analysis.statistics.wilson import wilson
from tests.statistics_kit import A, B, said, sampled, trials, unsaid

BENTUR = PairedTable(both=1, only_a=1, only_b=7, neither=12)
"""Airway hyper-responsiveness before and after: Fagerland et al. 2013, table 2."""
CAVO = PairedTable(both=59, only_a=6, only_b=16, neither=80)
"""Complete response before and after: the same, table 3."""
TABLES = st.builds(PairedTable, *[st.integers(0, 40)] * 4).filter(lambda one: one.repositories > 1)


def bounds(table: PairedTable) -> tuple[float, float]:
    interval = said(newcombe(table))
    return round(interval.low, 4), round(interval.high, 4)


def test_fagerland_published_bentur() -> None:
    assert round(exact(BENTUR).value, 4) == 0.0703
    assert round(mid_p(BENTUR).value, 4) == 0.0391
    assert round(BENTUR.difference, 4) == 0.2857
    assert bounds(BENTUR) == (0.0256, 0.5069)


def test_fagerland_published_cavo() -> None:
    assert round(exact(CAVO).value, 3) == 0.052
    assert round(mid_p(CAVO).value, 3) == 0.035
    assert bounds(CAVO) == (0.0046, 0.1186)


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        ((36, 2, 12, 0), 0.0569, 0.3404),  # Newcombe 1998, Stat Med 17:2635, table III, method 10
        ((14, 0, 5, 22), 0.0115, 0.2265),  # Altman et al. 2000, Statistics with Confidence, page 52
    ],
)
def test_newcombe_published_others(
    cells: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert bounds(PairedTable(*cells)) == (low, high)


@sampled
@given(TABLES)
def test_the_exact_test_is_as_statsmodels_says(table: PairedTable) -> None:
    expected = mcnemar([[table.both, table.only_a], [table.only_b, table.neither]], exact=True)

    assert exact(table).value == pytest.approx(expected.pvalue, abs=1e-9)


@sampled
@given(TABLES)
def test_mid_p_is_the_exact_one_less_half_of_what_was_seen(table: PairedTable) -> None:
    """Fagerland et al. 2013, equation 5; where both are the same, 1 less half of it."""
    differing, p = table.only_a + table.only_b, mid_p(table).value
    if table.only_a == table.only_b:
        seen = stats.binom.pmf(table.only_a, differing, 0.5) if differing else 0
        assert p == pytest.approx(1 - seen / 2, abs=1e-9)
        return
    seen = stats.binom.pmf(table.only_a, differing, 0.5)
    assert p == pytest.approx(stats.binomtest(table.only_a, differing).pvalue - seen, abs=1e-9)


@sampled
@given(TABLES)
def test_exchanging_the_two_turns_the_interval_round(table: PairedTable) -> None:
    turned = PairedTable(table.both, table.only_b, table.only_a, table.neither)
    one, other = said(newcombe(table)), said(newcombe(turned))

    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-12)
    assert -1 <= one.low <= table.difference + 1e-12
    assert table.difference - 1e-12 <= one.high <= 1
    assert mid_p(table) == mid_p(turned)


@sampled
@given(st.integers(0, 30), st.integers(0, 30))
def test_square_and_add_of_independent_shares_is_as_statsmodels_says(one: int, other: int) -> None:
    interval = square_and_add(
        (one / 30, wilson(one / 30, 30)), (other / 30, wilson(other / 30, 30))
    )
    expected = confint_proportions_2indep(other, 30, one, 30, method="newcomb")

    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)


def test_nothing_that_differs_is_no_evidence() -> None:
    table = PairedTable(both=4, only_a=0, only_b=0, neither=3)

    assert mid_p(table).value == exact(table).value == 1
    assert said(newcombe(table)).low < 0 < said(newcombe(table)).high


def test_one_repository_has_no_interval() -> None:
    assert "one repository only" in unsaid(newcombe(PairedTable(0, 0, 1, 0)))
    assert "No repository" in unsaid(newcombe(PairedTable(0, 0, 0, 0)))


def test_arms_with_one_repetition_make_a_table() -> None:
    a, b = trials([1, 1, 0, 0, 0], 1), trials([1, 0, 1, 1, 0], 1)

    assert paired_table(a, b) == PairedTable(both=1, only_a=1, only_b=2, neither=1)


def test_arms_with_repetitions_make_none() -> None:
    """As if independent, the worked example would give 10 to 1: p = .0117, where .047 is right."""
    assert "one repetition" in unsaid(paired_table(A, B))
    assert round(exact(PairedTable(0, 1, 10, 0)).value, 4) == 0.0117


def test_the_interval_is_no_wider_than_what_is_possible() -> None:
    interval = square_and_add((0, Interval(0, 1)), (1, Interval(0, 1)))

    assert interval.low == pytest.approx(1 - 2**0.5)
    assert interval.high == 1

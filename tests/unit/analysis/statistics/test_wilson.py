"""Wilson's interval, and how many independent trials clustered ones are worth."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.wilson import clustered_share, wilson
from tests.statistics_kit import said, sampled, unsaid


@sampled
@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_it_is_as_statsmodels_says(seen: tuple[int, int], level: float) -> None:
    hits, count = seen
    low, high = proportion_confint(hits, count, alpha=1 - level, method="wilson")

    interval = wilson(Fraction(hits, count), count, level)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_it_is_as_newcombe_published_it(hits: int, count: int, low: float, high: float) -> None:
    """Newcombe 1998, Stat Med 17:857, table I, method 3."""
    interval = wilson(Fraction(hits, count), count)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_clustered_trials_are_worth_fewer() -> None:
    """Two kinds of repositories, in which all repetitions agree: as many trials as repositories."""
    share = said(clustered_share([1, 1, 0, 0, 1, 0], [1] * 6, most=60))

    assert share.effective_trials == pytest.approx(5)  # N - 1: the spread is estimated, too
    assert share.interval == wilson(0.5, share.effective_trials or 0)


def test_no_trials_are_worth_more_than_there_are() -> None:
    rates = [Fraction(1, 2), Fraction(1, 2), Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)]

    assert said(clustered_share(rates, [1] * 5, most=20)).effective_trials == 20


@pytest.mark.parametrize("rate", [0, 1])
def test_where_none_or_all_are_hits_each_repository_counts_once(rate: int) -> None:
    share = said(clustered_share([rate] * 8, [1] * 8, most=40))

    assert share.effective_trials == 8
    assert share.interval == wilson(rate, 8)


def test_one_trial_a_repository_is_plain_wilson() -> None:
    share = said(clustered_share([1, 0, 0, 1], [1] * 4, most=4))

    assert share.interval == wilson(0.5, 4)


def test_one_repository_has_a_share_and_no_interval() -> None:
    share = said(clustered_share([Fraction(2, 3)], [1], most=3))

    assert share.value == pytest.approx(2 / 3)
    assert share.effective_trials is None
    assert "one repository only" in unsaid(share.interval)


def test_repositories_of_one_cluster_have_no_interval_either() -> None:
    share = said(clustered_share([1, 0, 1], [1] * 3, most=3, clusters=["acme"] * 3))

    assert "belong together" in unsaid(share.interval)


def test_nothing_has_no_share() -> None:
    assert "nothing" in unsaid(clustered_share([], [], most=0))
    assert "nothing" in unsaid(clustered_share([0], [0], most=0))


@sampled
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=12
    )
)
def test_the_share_lies_in_its_interval(rows: list[tuple[int, int, int]]) -> None:
    sizes = [size for _, size, _ in rows]
    hits = [min(hit, size) for hit, size, _ in rows]

    share = said(clustered_share(hits, sizes, sum(sizes), [cluster for *_, cluster in rows]))

    if isinstance(share.interval, Interval):
        assert 0 <= share.interval.low <= share.value <= share.interval.high <= 1
        assert share.interval.low < share.interval.high
        assert 0 < (share.effective_trials or 0) <= sum(sizes)

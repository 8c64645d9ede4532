"""The bootstrap, against scipy's: equal within its own error."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from scipy import stats

from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.bootstrap import LEAST_REPOSITORIES, bca_of_sums
from tests.statistics_kit import said, unsaid

RNG = np.random.default_rng(11)
COSTS = [float(one) for one in RNG.lognormal(0, 0.8, 25)]
ACCEPTED = [float(one) for one in RNG.binomial(3, 0.6, 25)]
ROWS = list(zip(COSTS, ACCEPTED, strict=True))
SKEWED = [(0.2 * 1.9**at, 1.0 + at % 3) for at in range(10)]
"""One repository costs about as much as all others together."""


def ratio(sums: np.ndarray) -> np.ndarray:
    return np.asarray(sums[..., 0] / sums[..., 1])


def by_scipy(rows: list[tuple[float, float]], method: Literal["BCa", "percentile"]) -> Interval:
    x, y = (np.array(column) for column in zip(*rows, strict=True))
    bounds = stats.bootstrap(
        (x, y),
        lambda x, y, axis=-1: x.sum(axis=axis) / y.sum(axis=axis),
        paired=True,
        method=method,
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    return Interval(float(bounds.low), float(bounds.high))


@pytest.mark.parametrize("rows", [ROWS, SKEWED], ids=["usual", "skewed"])
def test_a_ratio_of_sums_is_as_scipy_says(rows: list[tuple[float, float]]) -> None:
    expected, interval = by_scipy(rows, "BCa"), said(bca_of_sums(rows, ratio))

    width = expected.high - expected.low
    assert interval.low == pytest.approx(expected.low, abs=0.04 * width)
    assert interval.high == pytest.approx(expected.high, abs=0.04 * width)


def test_where_costs_are_skewed_the_quantiles_alone_would_be_wrong() -> None:
    plain, interval = by_scipy(SKEWED, "percentile"), said(bca_of_sums(SKEWED, ratio))

    assert interval.high > plain.high + 0.1 * (plain.high - plain.low)


def test_the_same_data_gives_the_same_interval() -> None:
    assert bca_of_sums(ROWS, ratio) == bca_of_sums(ROWS, ratio)
    assert bca_of_sums(ROWS, ratio) != bca_of_sums(ROWS, ratio, seed=1)


def test_a_narrower_level_lies_inside() -> None:
    wide, narrow = (
        said(bca_of_sums(ROWS, ratio, level=0.99)),
        said(bca_of_sums(ROWS, ratio, level=0.8)),
    )

    assert wide.low < narrow.low < narrow.high < wide.high


def test_too_few_repositories_are_not_drawn_from() -> None:
    few = ROWS[: LEAST_REPOSITORIES - 1]

    assert unsaid(bca_of_sums(few, ratio)) == (
        "5 repositories are too few to draw from: 6 are needed."
    )
    assert "0 repositories" in unsaid(bca_of_sums([], ratio))


def test_where_all_agree_there_is_no_interval() -> None:
    assert "All repositories agree" in unsaid(bca_of_sums([(0.3, 1.0)] * 8, ratio))
    assert "All repositories agree" in unsaid(
        bca_of_sums([(0.1 * at, float(at)) for at in range(1, 9)], ratio)
    )


def test_where_one_repository_holds_everything_there_is_no_bound() -> None:
    rows = [(1.0, 0.0)] * 8 + [(1.0, 3.0)]

    assert "no bound" in unsaid(bca_of_sums(rows, ratio))


def test_where_draws_often_hold_nothing_there_is_no_bound() -> None:
    rows = [(1.0 + at / 10, 0.0) for at in range(8)] + [(1.0, 3.0), (2.0, 1.0)]

    assert "no bound" in unsaid(bca_of_sums(rows, ratio))

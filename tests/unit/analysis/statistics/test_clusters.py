"""The clustered standard error: published formulas, and plain ones where nothing is clustered."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from codybatch.analysis.statistics.clusters import standard_error, summed
from tests.statistics_kit import STEPS, sampled


@sampled
@given(st.lists(STEPS, min_size=2, max_size=30))
def test_without_clusters_it_is_the_usual_standard_error(values: list[Fraction]) -> None:
    error = standard_error(values, [1] * len(values))

    assert error == pytest.approx(stats.sem([float(one) for one in values]), rel=1e-9, abs=1e-12)


@sampled
@given(st.lists(st.tuples(STEPS, st.integers(0, 4)), min_size=2, max_size=20))
def test_a_mean_in_clusters_is_as_miller_writes_it(rows: list[tuple[Fraction, int]]) -> None:
    """Miller 2024, section 2.2: the sum over all pairs in a cluster of the products of what they
    lie off the mean, over n^2; here with G / (G - 1).
    """
    values, clusters = [float(one) for one, _ in rows], [cluster for _, cluster in rows]
    error, groups, mean = standard_error(values, [1] * len(rows), clusters), len(set(clusters)), 0.0
    if groups == 1:
        assert error is None
        return
    mean = sum(values) / len(values)
    pairs = sum(
        (one - mean) * (other - mean)
        for one, here in zip(values, clusters, strict=True)
        for other, there in zip(values, clusters, strict=True)
        if here == there
    )
    expected = math.sqrt(max(0.0, pairs) * groups / (groups - 1)) / len(values)
    assert error == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_ratio_is_as_cochran_writes_it() -> None:
    """Cochran 1977, 6.4: the spread of y - R x, over n times the mean of x squared."""
    hits, sizes = [3, 1, 4, 0, 2], [5, 2, 4, 1, 3]
    ratio, mean, n = sum(hits) / sum(sizes), sum(sizes) / 5, 5
    spread = sum((y - ratio * x) ** 2 for y, x in zip(hits, sizes, strict=True)) / (n - 1)

    assert standard_error(hits, sizes) == pytest.approx(math.sqrt(spread / n) / mean, rel=1e-12)


def test_the_same_everywhere_has_no_error_at_all() -> None:
    assert standard_error([Fraction(1, 3)] * 7, [1] * 7) == 0.0
    assert standard_error([0.1] * 3, [1] * 3) == 0.0


def test_one_cluster_has_none() -> None:
    assert standard_error([1, 0, 1], [1, 1, 1], ["a", "a", "a"]) is None
    assert standard_error([1], [1]) is None


def test_clusters_are_summed_in_the_order_they_come() -> None:
    assert summed([1, 2, 3, 4], ["b", "a", "b", "c"]) == [4, 2, 4]
    assert summed([1, 2]) == [1, 2]

"""Repositories that resemble each other, such as forks: a cluster of them is one observation.

Clustered standard error of a mean: Miller 2024, Adding Error Bars to Evals, arXiv 2411.00640,
section 2.2; of a ratio of sums: Cochran 1977, Sampling Techniques, 6.4. Both with the correction
G / (G - 1) for few clusters, so that clusters of one give the usual standard error.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from math import lcm, sqrt

from codybatch.analysis.statistics.answers import Number

Clusters = Sequence[Hashable]
"""The cluster of each repository, in the order of the repositories."""


def summed(values: Iterable[Number], clusters: Clusters | None = None) -> list[Fraction]:
    """The exact sum of each cluster; the values themselves where every repository stands alone."""
    exact = [Fraction(value) for value in values]
    if clusters is None:
        return exact
    numerators, denominator = _over_one(exact)
    return [Fraction(one, denominator) for one in _added(numerators, clusters)]


def total(values: Iterable[Number]) -> Fraction:
    """The exact sum."""
    numerators, denominator = _over_one([Fraction(value) for value in values])
    return Fraction(sum(numerators), denominator)


def _over_one(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """The values' numerators over one denominator: whole numbers are added ten times as fast."""
    denominator = lcm(*(one.denominator for one in values))
    return [one.numerator * (denominator // one.denominator) for one in values], denominator


def _added(numbers: Sequence[int], clusters: Clusters | None) -> list[int]:
    """The sum of each cluster."""
    if clusters is None:
        return list(numbers)
    sums: dict[Hashable, int] = {}
    for number, cluster in zip(numbers, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0) + number
    return list(sums.values())


def standard_error(
    values: Sequence[Number], sizes: Sequence[Number], clusters: Clusters | None = None
) -> float | None:
    """The standard error of ``sum(values) / sum(sizes)``; None where there is one cluster only.

    It is exactly 0 where every cluster has the same ratio.

    Args:
        values: a repository each.
        sizes: what each is divided by; all 1 for a mean.
        clusters: of the repositories; None where each stands alone.
    """
    exact = [Fraction(one) for one in (*values, *sizes)]
    numerators, denominator = _over_one(exact)
    hits, out_of = numerators[: len(values)], numerators[len(values) :]
    hit, whole = sum(hits), sum(out_of)
    # What each is off the common ratio, times the denominator and the whole: whole numbers.
    rests = _added(
        [one * whole - hit * size for one, size in zip(hits, out_of, strict=True)], clusters
    )
    if len(rests) < 2:
        return None
    squares = sum(rest * rest for rest in rests) * len(rests)
    below = (denominator * whole) ** 2 * (len(rests) - 1)
    return sqrt(Fraction(squares, below)) / float(Fraction(whole, denominator))

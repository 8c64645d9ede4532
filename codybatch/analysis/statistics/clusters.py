"""Repositories that resemble each other, such as forks: a cluster of them is one observation.

Clustered standard error of a mean: Miller 2024, Adding Error Bars to Evals, arXiv 2411.00640,
section 2.2; of a ratio of sums: Cochran 1977, Sampling Techniques, 6.4. Both with the correction
G / (G - 1) for few clusters, so that clusters of one give the usual standard error.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from math import sqrt

from codybatch.analysis.statistics.answers import Number

Clusters = Sequence[Hashable]
"""The cluster of each repository, in the order of the repositories."""


def summed(values: Iterable[Number], clusters: Clusters | None = None) -> list[Fraction]:
    """The exact sum of each cluster; the values themselves where every repository stands alone."""
    exact = [Fraction(value) for value in values]
    if clusters is None:
        return exact
    sums: dict[Hashable, Fraction] = {}
    for value, cluster in zip(exact, clusters, strict=True):
        sums[cluster] = sums.get(cluster, Fraction()) + value
    return list(sums.values())


def total(values: Iterable[Number]) -> Fraction:
    """The exact sum."""
    return sum((Fraction(value) for value in values), Fraction())


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
    ratio = total(values) / total(sizes)
    rests = summed(
        (Fraction(one) - ratio * Fraction(size) for one, size in zip(values, sizes, strict=True)),
        clusters,
    )
    if len(rests) < 2:
        return None
    squares = total(rest * rest for rest in rests) * len(rests) / (len(rests) - 1)
    return sqrt(squares) / float(total(sizes))

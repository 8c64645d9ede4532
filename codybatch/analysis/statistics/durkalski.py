"""Whether B differs from A, by a chi-squared test for pairs that come in clusters.

Durkalski, Palesch, Lipsitz and Rust 2003, Stat Med 22:2417: ``(sum d)^2 / sum d^2`` with one degree
of freedom. It is given beside the sign-flip test, to check it: for many repositories they agree.
"""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.analysis.statistics.answers import CannotBeSaid, Number, PValue
from codybatch.analysis.statistics.clusters import Clusters, summed
from codybatch.analysis.statistics.distributions import chi_squared_above


def durkalski(
    differences: Sequence[Number], clusters: Clusters | None = None
) -> PValue | CannotBeSaid:
    """The two-sided p-value that the mean of the differences is not 0.

    Args:
        differences: of the rates, B minus A, a repository each.
        clusters: of the repositories; None where each stands alone.
    """
    sums = summed(differences, clusters)
    squares = sum(one * one for one in sums)
    if not squares:
        return CannotBeSaid("No repository differs.")
    statistic = float(sum(sums) ** 2 / squares)
    return PValue(chi_squared_above(statistic), "Durkalski", statistic)

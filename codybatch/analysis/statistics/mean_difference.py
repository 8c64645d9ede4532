"""By how much B differs from A: the mean over the repositories, each weighing the same.

Student 1908, Biometrika 6:1, on the differences of the repositories: Miller 2024, Adding Error Bars
to Evals, arXiv 2411.00640, section 4.2. Repetitions only make each difference more precise; the
spread between repositories is what the interval rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from codybatch.analysis.statistics.answers import (
    LEVEL,
    Answer,
    CannotBeSaid,
    Interval,
    Number,
    PValue,
)
from codybatch.analysis.statistics.clusters import Clusters, standard_error, summed, total
from codybatch.analysis.statistics.distributions import t_quantile, t_two_sided
from codybatch.analysis.statistics.wilson import ONE_CLUSTER, ONE_REPOSITORY

_ROUNDING = 1e-12
"""An error this small beside the differences is that of floats, not one of what was measured."""


@dataclass(frozen=True)
class MeanDifference(Answer):
    """B minus A, in the unit of what was measured."""

    value: float
    interval: Interval
    deviation: float
    """The standard deviation of the repositories' differences."""
    standard_error: float
    freedom: int
    """Degrees of freedom: clusters less 1."""
    repositories: int


def mean_difference(
    differences: Sequence[Number], clusters: Clusters | None = None, level: float = LEVEL
) -> MeanDifference | CannotBeSaid:
    """The mean with its interval by Student's t.

    Args:
        differences: B minus A, a repository each.
        clusters: of the repositories; None where each stands alone.
        level: of the interval.
    """
    count = len(differences)
    if not count:
        return CannotBeSaid("No repository has both.")
    error = standard_error(differences, [1] * count, clusters)
    if error is None:
        return CannotBeSaid(ONE_REPOSITORY if count == 1 else ONE_CLUSTER)
    if error <= _ROUNDING * max(abs(float(one)) for one in differences):
        return CannotBeSaid(
            f"All {count} repositories differ by the same: how far others would cannot be said."
        )
    mean, freedom = total(differences) / count, len(summed(differences, clusters)) - 1
    squares = sum((one - mean) ** 2 for one in summed(differences))
    reach = t_quantile(level, freedom) * error
    return MeanDifference(
        value=float(mean),
        interval=Interval(float(mean) - reach, float(mean) + reach, level),
        deviation=sqrt(squares / (count - 1)),
        standard_error=error,
        freedom=freedom,
        repositories=count,
    )


def t_test(difference: MeanDifference) -> PValue:
    """Whether the mean differs from 0, if the repositories' differences are about normal."""
    t = difference.value / difference.standard_error
    return PValue(t_two_sided(t, difference.freedom), "paired t", t)

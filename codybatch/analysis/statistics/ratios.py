"""How many times as much B costs or takes as A: the geometric mean of the repositories' ratios.

Costs and times are skewed: a repository ten times as large would decide a mean of differences
alone, and half as much and twice as much would not cancel. Logarithms mend both (Fleming and
Wallace 1986, Commun ACM 29:218); Student's t gives their interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, isfinite, log

from codybatch.analysis.statistics.answers import LEVEL, Answer, CannotBeSaid, Interval
from codybatch.analysis.statistics.clusters import Clusters
from codybatch.analysis.statistics.mean_difference import MeanDifference, mean_difference


@dataclass(frozen=True)
class GeometricRatio(Answer):
    """B as a multiple of A: 1 is the same, 0.5 half as much."""

    value: float
    interval: Interval
    logarithms: MeanDifference
    """Of B over A, from which both are made."""
    left_out: int
    """Repositories where either has no positive number."""


def log_ratios(
    a: Sequence[float], b: Sequence[float], clusters: Clusters | None = None
) -> tuple[list[float], Clusters | None]:
    """The logarithm of B over A, and the cluster, of each repository where both are positive."""
    able = [at for at, pair in enumerate(zip(a, b, strict=True)) if all(map(_is_positive, pair))]
    logs = [log(b[at]) - log(a[at]) for at in able]
    return logs, None if clusters is None else [clusters[at] for at in able]


def geometric_ratio(
    a: Sequence[float],
    b: Sequence[float],
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> GeometricRatio | CannotBeSaid:
    """The ratio with its interval.

    Args:
        a: what A costs or takes on each repository, in any unit: the mean of its repetitions.
        b: the same of B, in the same order and unit.
        clusters: of the repositories; None where each stands alone.
        level: of the interval.
    """
    logs, theirs = log_ratios(a, b, clusters)
    if not logs:
        return CannotBeSaid("No repository has a positive number for both.")
    mean = mean_difference(logs, theirs, level)
    if isinstance(mean, CannotBeSaid):
        return mean
    try:
        bounds = Interval(exp(mean.interval.low), exp(mean.interval.high), level)
        return GeometricRatio(exp(mean.value), bounds, mean, len(a) - len(logs))
    except OverflowError:
        return CannotBeSaid("The ratios are too large for an interval.")


def mean_ratio(logs: Sequence[float]) -> float | CannotBeSaid:
    """The ratio alone, where there is no interval for it."""
    try:
        return exp(fsum(logs) / len(logs))
    except OverflowError:
        return CannotBeSaid("The ratios are too large for a number.")


def _is_positive(amount: float) -> bool:
    return isfinite(amount) and amount > 0

"""How often one prompt is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from codybatch.analysis.statistics.answers import LEVEL, CannotBeSaid
from codybatch.analysis.statistics.clusters import Clusters
from codybatch.analysis.statistics.trials import Trials
from codybatch.analysis.statistics.wilson import Share, clustered_share


def acceptance(
    trials: Sequence[Trials], clusters: Clusters | None = None, level: float = LEVEL
) -> Share | CannotBeSaid:
    """The mean of the repositories' rates, each weighing the same however often it was repeated.

    Its effective sample size is at most ``N / mean(1 / r)``: N repositories of r repetitions, were
    these independent.

    Args:
        trials: of one arm, a repository each.
        clusters: of the repositories; None where each stands alone.
        level: of the interval.
    """
    if not trials:
        return CannotBeSaid("No job has a verdict.")
    most = Fraction(len(trials) ** 2) / sum(Fraction(1, one.count) for one in trials)
    rates = [one.rate for one in trials]
    return clustered_share(rates, [1] * len(rates), most, clusters, level)

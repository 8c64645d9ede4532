"""How sure a share is: Wilson's interval on as many independent trials as there really are.

Wilson 1927, J Am Stat Assoc 22:209. Repetitions on one repository resemble each other, so that
sixty jobs may say no more than twenty: the effective sample size is that number of independent
trials which would be as uncertain (Kish 1965, Survey Sampling, 8.2; with Wilson's interval: Korn
and Graubard 1998, Surv Methodol 24:193, and Dean and Pagano 2015, J Surv Stat Methodol 3:484).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from codybatch.analysis.statistics.answers import (
    LEVEL,
    Answer,
    CannotBeSaid,
    Interval,
    Number,
)
from codybatch.analysis.statistics.clusters import Clusters, standard_error, summed, total
from codybatch.analysis.statistics.distributions import normal_quantile

ONE_REPOSITORY = "There is one repository only: how far others differ from it cannot be said."
ONE_CLUSTER = "All repositories belong together: how far others differ from them cannot be said."


@dataclass(frozen=True)
class Share(Answer):
    """A part of a whole (0 to 1), and how sure it is."""

    value: float
    interval: Interval | CannotBeSaid
    repositories: int
    effective_trials: float | None = None
    """As many independent ones would be as uncertain; None where that cannot be said."""
    standard_error: float | None = None
    """Clustered; None as above."""


def wilson(rate: Number, trials: float, level: float = LEVEL) -> Interval:
    """The interval of a share that was seen in independent trials.

    Args:
        rate: the share, 0 to 1.
        trials: how many; need not be whole.
        level: of the interval.
    """
    seen, z = float(rate), normal_quantile(level)
    shrink = 1 + z * z / trials
    middle = (seen + z * z / (2 * trials)) / shrink
    reach = z / shrink * sqrt(seen * (1 - seen) / trials + z * z / (4 * trials * trials))
    low = 0.0 if rate == 0 else max(0.0, middle - reach)
    high = 1.0 if rate == 1 else min(1.0, middle + reach)
    return Interval(low, high, level)


def clustered_share(
    hits: Sequence[Number],
    sizes: Sequence[Number],
    most: Number,
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> Share | CannotBeSaid:
    """The share ``sum(hits) / sum(sizes)``, with the interval for its effective sample size.

    Where none or all are hits, repositories cannot be seen to resemble each other or not; then each
    counts as one trial. Where every cluster is one trial, Wilson's own interval is given.

    Args:
        hits: a repository each.
        sizes: what the hits of each are out of, in the same unit.
        most: trials that there would be if all were independent; the effective ones are no more.
        clusters: of the repositories; None where each stands alone.
        level: of the interval.
    """
    whole = total(sizes)
    if not whole:
        return CannotBeSaid("There is nothing to take a share of.")
    share, count = total(hits) / whole, len(hits)
    error = standard_error(hits, sizes, clusters)
    if error is None:
        return Share(
            float(share), CannotBeSaid(ONE_REPOSITORY if count == 1 else ONE_CLUSTER), count
        )
    trials = _effective(share, error, Fraction(most), len(summed(hits, clusters)))
    return Share(float(share), wilson(share, trials, level), count, trials, error)


def _effective(share: Fraction, error: float, most: Fraction, clusters: int) -> float:
    if most == clusters:
        return float(most)
    if share in {0, 1}:
        return min(float(most), float(clusters))
    if not error:
        return float(most)
    return min(float(most), float(share * (1 - share)) / error**2)

"""Whether one of k attempts is accepted (pass@k), and whether all of k are (pass^k).

Unbiased from r repetitions of which c were accepted: pass@k is ``1 - C(r - c, k) / C(r, k)`` (Chen
et al. 2021, arXiv 2107.03374), pass^k is ``C(c, k) / C(r, k)`` (Yao et al. 2024, arXiv 2406.12045).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from codybatch.analysis.statistics.answers import LEVEL, CannotBeSaid
from codybatch.analysis.statistics.clusters import Clusters
from codybatch.analysis.statistics.trials import Trials
from codybatch.analysis.statistics.wilson import Share, clustered_share


@dataclass(frozen=True)
class Passes:
    """The chance that one of k, or that all of k, are accepted on a repository."""

    attempts: int
    any_of_them: Share | CannotBeSaid
    """pass@k: how good the best of k is, where somebody picks it."""
    all_of_them: Share | CannotBeSaid
    """pass^k: how far one can rely on it."""
    left_out: tuple[str, ...]
    """Repositories with fewer than k repetitions, which cannot say."""


def passes(
    trials: Sequence[Trials],
    attempts: int,
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> Passes:
    """Both, as means over the repositories that have enough repetitions.

    Args:
        trials: of one arm, a repository each.
        attempts: k, 1 or more.
        clusters: of the repositories; None where each stands alone.
        level: of the intervals.

    Raises:
        ValueError: ``attempts`` is less than 1.
    """
    if attempts < 1:
        raise ValueError(f"{attempts} attempts cannot be made.")
    able = [at for at, one in enumerate(trials) if one.count >= attempts]
    chosen = [trials[at] for at in able]
    theirs = None if clusters is None else [clusters[at] for at in able]

    def mean(chance: Callable[[Trials, int], Fraction]) -> Share | CannotBeSaid:
        if not chosen:
            return CannotBeSaid(f"No repository has {attempts} repetitions with a verdict.")
        chances = [chance(one, attempts) for one in chosen]
        return clustered_share(chances, [1] * len(chosen), len(chosen), theirs, level)

    left_out = tuple(one.repository for one in trials if one.count < attempts)
    return Passes(attempts, mean(pass_at), mean(pass_hat), left_out)


def pass_at(one: Trials, attempts: int) -> Fraction:
    """The chance that at least one of so many of a repository's repetitions was accepted."""
    rejected = one.count - one.accepted
    return 1 - Fraction(comb(rejected, attempts), comb(one.count, attempts))


def pass_hat(one: Trials, attempts: int) -> Fraction:
    """The chance that all of so many of a repository's repetitions were accepted."""
    return Fraction(comb(one.accepted, attempts), comb(one.count, attempts))

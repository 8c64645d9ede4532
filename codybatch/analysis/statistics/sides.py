"""On how many repositories B did better, the same or worse, and whether that can be chance.

For ratings of 1 to 5, whose steps need not be equally large: the sign test takes only who won, and
Wilcoxon's test also by how much, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from codybatch.analysis.statistics.answers import CannotBeSaid, Number, PValue
from codybatch.analysis.statistics.clusters import Clusters, summed
from codybatch.analysis.statistics.distributions import fair_coin_at_most
from codybatch.analysis.statistics.sign_flip import SEED, sign_flip


@dataclass(frozen=True, slots=True)
class Sides:
    """Repositories by who did better there."""

    wins: int
    """B did."""
    ties: int
    losses: int
    """A did."""

    @property
    def differing(self) -> int:
        """All but the ties."""
        return self.wins + self.losses

    @property
    def superiority(self) -> float | CannotBeSaid:
        """The chance that B does better on a repository, a tie counting half (Mee 1990, J Am Stat
        Assoc 85:793, for pairs): .5 where neither does.
        """
        every = self.wins + self.ties + self.losses
        return (self.wins + self.ties / 2) / every if every else CannotBeSaid("There is no pair.")


def sides(differences: Sequence[Number], clusters: Clusters | None = None) -> Sides:
    """Counts the repositories, or where some resemble each other their clusters.

    Args:
        differences: B minus A, a repository each.
        clusters: of the repositories; None where each stands alone.
    """
    sums = summed(differences, clusters)
    wins, losses = sum(one > 0 for one in sums), sum(one < 0 for one in sums)
    return Sides(wins, len(sums) - wins - losses, losses)


def sign_test(counted: Sides) -> PValue:
    """The two-sided p-value that B does not win more often than it loses, ties apart: Dixon and
    Mood 1946, J Am Stat Assoc 41:557.
    """
    fewer = min(counted.wins, counted.losses)
    return PValue(min(1.0, 2 * fair_coin_at_most(fewer, counted.differing)), "sign")


def wilcoxon(
    differences: Sequence[Number], clusters: Clusters | None = None, seed: int = SEED
) -> PValue | CannotBeSaid:
    """The two-sided p-value of Wilcoxon's signed ranks, ties ranked and then left aside: Pratt
    1959, J Am Stat Assoc 54:655. It is the sign-flip test of the ranks, and as exact.

    Args:
        differences: B minus A, a repository each.
        clusters: of the repositories; None where each stands alone.
        seed: of the random choices, where there are too many to count.
    """
    ranked = signed_ranks(summed(differences, clusters))
    answer = sign_flip(ranked, seed=seed)
    if isinstance(answer, CannotBeSaid):
        return answer
    above = float(sum(one for one in ranked if one > 0))
    return PValue(answer.value, answer.method.replace("sign-flip", "Wilcoxon"), above)


def signed_ranks(differences: Sequence[Fraction]) -> list[Fraction]:
    """The rank of each by its size, equal ones sharing theirs, with its sign; 0 for a tie."""
    places: dict[Fraction, list[int]] = {}
    for rank, size in enumerate(sorted(map(abs, differences)), start=1):
        places.setdefault(size, []).append(rank)
    ranks = {size: Fraction(sum(taken), len(taken)) for size, taken in places.items()}
    signs = [(one > 0) - (one < 0) for one in differences]
    return [sign * ranks[abs(one)] for sign, one in zip(signs, differences, strict=True)]

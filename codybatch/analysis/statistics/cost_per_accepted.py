"""What an accepted result costs: everything spent, the failures too, by the results accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite
from typing import TYPE_CHECKING

from codybatch.analysis.statistics.answers import LEVEL, Answer, CannotBeSaid, Interval
from codybatch.analysis.statistics.bootstrap import bca_of_sums
from codybatch.analysis.statistics.sign_flip import SEED

if TYPE_CHECKING:
    from codybatch.analysis.statistics.bootstrap import Numbers, Sums


@dataclass(frozen=True, slots=True)
class Spent:
    """What an arm's repetitions on one repository cost together, and brought."""

    repository: str
    cost: float
    """In US dollars."""
    accepted: int

    def __post_init__(self) -> None:
        if not (isfinite(self.cost) and self.cost >= 0 and self.accepted >= 0):
            raise ValueError(
                f"{self.repository}: {self.cost} dollars for {self.accepted} cannot be."
            )


@dataclass(frozen=True)
class CostPerAccepted(Answer):
    """A ratio of two sums, and how sure it is."""

    value: float
    interval: Interval | CannotBeSaid
    cost: float
    accepted: int


_NONE_ACCEPTED = "Nothing was accepted: an accepted result has no cost."


def cost_per_accepted(
    spent: Sequence[Spent], seed: int = SEED, level: float = LEVEL
) -> CostPerAccepted | CannotBeSaid:
    """US dollars for one accepted result, with a bootstrap interval over the repositories.

    Args:
        spent: of one arm, a repository each.
        seed: of the bootstrap.
        level: of the interval.
    """
    cost, accepted = _sums(spent)
    if not accepted:
        return CannotBeSaid(_NONE_ACCEPTED)
    rows = [(one.cost, float(one.accepted)) for one in spent]
    interval = bca_of_sums(rows, _cost_of_one, seed, level)
    return CostPerAccepted(cost / accepted, interval, cost, accepted)


@dataclass(frozen=True)
class CostRatio(Answer):
    """What an accepted result of B costs, as a multiple of one of A's."""

    value: float
    interval: Interval | CannotBeSaid


def cost_ratio(
    a: Sequence[Spent], b: Sequence[Spent], seed: int = SEED, level: float = LEVEL
) -> CostRatio | CannotBeSaid:
    """B's cost of an accepted result over A's; repositories are drawn with what both did there.

    Args:
        a: a repository each.
        b: of the same repositories in the same order.
        seed: of the bootstrap.
        level: of the interval.
    """
    (cost_a, accepted_a), (cost_b, accepted_b) = _sums(a), _sums(b)
    if not accepted_a or not accepted_b:
        return CannotBeSaid(_NONE_ACCEPTED)
    if not cost_a:
        return CannotBeSaid("A cost nothing: nothing is a multiple of that.")
    rows = [
        (x.cost, float(x.accepted), y.cost, float(y.accepted)) for x, y in zip(a, b, strict=True)
    ]
    interval = bca_of_sums(rows, _ratio_of_costs, seed, level)
    return CostRatio((cost_b / accepted_b) / (cost_a / accepted_a), interval)


def _sums(spent: Sequence[Spent]) -> tuple[float, int]:
    return fsum(one.cost for one in spent), sum(one.accepted for one in spent)


def _cost_of_one(sums: Sums) -> Numbers:
    return sums[..., 0] / sums[..., 1]


def _ratio_of_costs(sums: Sums) -> Numbers:
    return _cost_of_one(sums[..., 2:]) / _cost_of_one(sums)

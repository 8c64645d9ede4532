"""Whether and by how much B differs from A where each repository was tried once.

McNemar's mid-p test: Fagerland, Lydersen and Laake 2013, BMC Med Res Methodol 13:91. Interval for
the difference: Newcombe 1998, Stat Med 17:2635, method 10. Neither may be used on the pairs of
several repetitions: they are not independent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from codybatch.analysis.statistics.answers import LEVEL, CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.distributions import fair_coin_at_most, fair_coin_exactly
from codybatch.analysis.statistics.trials import Trials
from codybatch.analysis.statistics.wilson import ONE_REPOSITORY, wilson


@dataclass(frozen=True, slots=True)
class PairedTable:
    """On how many repositories which of the two was accepted."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def repositories(self) -> int:
        """All of them."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def difference(self) -> float:
        """B's rate minus A's; there is at least one repository."""
        return (self.only_b - self.only_a) / self.repositories


def paired_table(a: Iterable[Trials], b: Iterable[Trials]) -> PairedTable | CannotBeSaid:
    """The table of two arms over the same repositories in the same order."""
    pairs = list(zip(a, b, strict=True))
    if any(one.count != 1 for pair in pairs for one in pair):
        return CannotBeSaid("A table of pairs is only right with one repetition a repository.")
    seen = [(x.accepted, y.accepted) for x, y in pairs]
    return PairedTable(*(seen.count(one) for one in ((1, 1), (1, 0), (0, 1), (0, 0))))


def mid_p(table: PairedTable) -> PValue:
    """McNemar's exact test with half the chance of what was seen: of about the right size, where
    the exact one is too careful.
    """
    fewer, more = sorted((table.only_a, table.only_b))
    if not more:
        return PValue(1.0, "McNemar mid-p")
    seen = fair_coin_exactly(fewer, fewer + more)
    if fewer == more:
        return PValue(1 - seen / 2, "McNemar mid-p")
    return PValue(2 * fair_coin_at_most(fewer, fewer + more) - seen, "McNemar mid-p")


def exact(table: PairedTable) -> PValue:
    """McNemar's exact test: never more false alarms than its level, and often far fewer."""
    fewer, more = sorted((table.only_a, table.only_b))
    return PValue(min(1.0, 2 * fair_coin_at_most(fewer, fewer + more)), "McNemar exact")


def newcombe(table: PairedTable, level: float = LEVEL) -> Interval | CannotBeSaid:
    """The interval of B's rate minus A's."""
    if table.repositories < 2:
        return CannotBeSaid(ONE_REPOSITORY if table.repositories else "No repository has both.")
    rate_a = (table.both + table.only_a) / table.repositories
    rate_b = (table.both + table.only_b) / table.repositories
    return square_and_add(
        (rate_a, wilson(rate_a, table.repositories, level)),
        (rate_b, wilson(rate_b, table.repositories, level)),
        _correlation(table),
    )


def square_and_add(
    a: tuple[float, Interval], b: tuple[float, Interval], correlation: float = 0.0
) -> Interval:
    """The interval of B minus A from the intervals of each (Newcombe 1998; Zou and Donner 2008,
    Stat Med 27:1693). Without the correlation it is too wide where A and B do well on the same.
    """
    (rate_a, of_a), (rate_b, of_b) = a, b

    def reach(one: float, other: float) -> float:
        return sqrt(max(0.0, one * one - 2 * correlation * one * other + other * other))

    down = reach(rate_b - of_b.low, of_a.high - rate_a)
    up = reach(of_b.high - rate_b, rate_a - of_a.low)
    between = rate_b - rate_a
    return Interval(between - down, between + up, of_a.level).within(-1.0, 1.0)


def _correlation(table: PairedTable) -> float:
    """Newcombe's corrected phi: 0 where a margin is empty."""
    n, both, only_a = table.repositories, table.both, table.only_a
    only_b, neither = table.only_b, table.neither
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if not margins:
        return 0.0
    beyond = both * neither - only_a * only_b
    return (max(beyond - n / 2, 0.0) if beyond > 0 else beyond) / sqrt(margins)

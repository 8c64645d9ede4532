"""What a judge's verdicts would be worth, were its mistakes not made.

For a rate that a model or a busy person judged, and of whom it is known, from things that a careful
person judged too, how often they accept what is good and reject what is bad: Rogan and Gladen 1978,
Am J Epidemiol 107:71.
"""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.wilson import wilson

LEAST_LABELS = 50
"""Things that a careful person judged too; with fewer the correction is a guess."""


@dataclass(frozen=True, slots=True)
class Judge:
    """How a judge did on what a careful person judged too."""

    accepted_good: int
    good: int
    rejected_bad: int
    bad: int

    def __post_init__(self) -> None:
        if not (0 <= self.accepted_good <= self.good and 0 <= self.rejected_bad <= self.bad):
            raise ValueError(f"{self} is no table of a judge.")


def corrected_rate(rate: float, judge: Judge) -> float | CannotBeSaid:
    """The rate that is really good (0 to 1), from the rate that the judge accepted.

    Args:
        rate: what the judge accepted, 0 to 1.
        judge: how it did on what is known.
    """
    labels = judge.good + judge.bad
    if labels < LEAST_LABELS or not judge.good or not judge.bad:
        return CannotBeSaid(
            f"{labels} things were judged by a careful person too: it takes {LEAST_LABELS}, "
            "some of them good and some bad."
        )
    sensitivity, specificity = judge.accepted_good / judge.good, judge.rejected_bad / judge.bad
    if not _tells_apart(judge):
        return CannotBeSaid("The judge does not tell good from bad: nothing follows from it.")
    return min(1.0, max(0.0, (rate + specificity - 1) / (sensitivity + specificity - 1)))


def _tells_apart(judge: Judge) -> bool:
    """Whether it surely accepts good things more often than bad ones."""
    of_good = wilson(judge.accepted_good / judge.good, judge.good)
    of_bad = wilson(1 - judge.rejected_bad / judge.bad, judge.bad)
    return of_good.low > of_bad.high

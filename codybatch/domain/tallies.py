"""Tallies: how jobs ended, what they cost and what people thought, counted up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from codybatch.domain.money import EXACT, NOTHING, Usd
from codybatch.domain.records import Record


class Tally(Record):
    """Counts of ended jobs and of verdicts; each of the latter is a person's latest of a job."""

    succeeded: int = 0
    partial: int = 0
    failed: int = 0
    cancelled: int = 0
    changes_necessary: int = 0
    """Ended jobs that said that changes were necessary."""
    changes_unnecessary: int = 0
    """Ended jobs that said that they were not; the others said neither."""
    cost_usd: Usd = NOTHING
    """Of the ended jobs, from their beginning to their end."""
    accepted: int = 0
    rejected: int = 0

    @property
    def ended(self) -> int:
        """All jobs."""
        return self.succeeded + self.partial + self.failed + self.cancelled

    @property
    def judged(self) -> int:
        """All verdicts."""
        return self.accepted + self.rejected

    @property
    def success(self) -> float | None:
        """The part (0 to 1) of the jobs that succeeded, of those that nobody cancelled; None where
        there is none.
        """
        tried = self.ended - self.cancelled
        return self.succeeded / tried if tried else None

    @property
    def acceptance(self) -> float | None:
        """The part (0 to 1) of the verdicts that accept; None where there is none."""
        return self.accepted / self.judged if self.judged else None

    @property
    def cost_of_one_usd(self) -> Decimal | None:
        """The mean cost of an ended job (US dollars); None where there is none."""
        return self.cost_usd / self.ended if self.ended else None

    def plus(self, other: Tally, times: int = 1) -> Tally:
        """The sum; with ``times`` -1, what is left where ``other`` is counted back."""
        counts = {
            name: getattr(self, name) + times * getattr(other, name)
            for name in Tally.model_fields
            if name != "cost_usd"
        }
        cost = EXACT.add(self.cost_usd, EXACT.multiply(other.cost_usd, Decimal(times)))
        return Tally(**counts, cost_usd=cost)


class DayTally(Record):
    """One UTC day: the jobs that ended and the verdicts that were given on it."""

    day: date
    tally: Tally = Tally()
    spent_usd: Usd = NOTHING
    """What all jobs spent on it, whether they ended or not: the day's budget."""


class PromptTally(Record):
    """One version of a prompt: all of its jobs that have ended, and their verdicts."""

    version: int
    tally: Tally = Tally()


def total(tallies: tuple[DayTally, ...] | tuple[PromptTally, ...]) -> Tally:
    """All of them together."""
    summed = Tally()
    for one in tallies:
        summed = summed.plus(one.tally)
    return summed

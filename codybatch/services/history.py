"""How things stand and how they went: what the overview shows, read from counters alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from codybatch.domain.requests import JobCounts
from codybatch.domain.tallies import DayTally
from codybatch.ports import Clock, FlagCounts, Records

MAX_DAYS = 3_660


@dataclass(frozen=True)
class History:
    """Use cases of counters; none of them costs more with more jobs."""

    records: Records
    clock: Clock

    def counts(self) -> JobCounts:
        """How many jobs are in each state."""
        return self.records.job_counts()

    def waiting_for_people(self) -> FlagCounts:
        """How many results nobody has judged, patches are withheld and pull requests are open."""
        return self.records.flag_counts()

    def days(self, number: int) -> tuple[DayTally, ...]:
        """The last UTC days, oldest first and today last; also those on which nothing happened.

        Args:
            number: of days; 1 is today alone. At least 1, at most MAX_DAYS.
        """
        today = self.clock.now().date()
        first = today - timedelta(days=max(1, min(number, MAX_DAYS)) - 1)
        counted = self.records.day_tallies(first, today + timedelta(days=1))
        known = {one.day: one for one in counted}
        days = (first + timedelta(days=passed) for passed in range((today - first).days + 1))
        return tuple(known.get(day) or DayTally(day=day) for day in days)

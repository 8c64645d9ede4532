"""How soon a job whose worker ended may be started again, and when that is hopeless."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.domain.identifiers import JobId
from codybatch.ports import Clock

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
HOPELESS_AFTER = 5
"""Ends in a row without a claim between them: the worker cannot even begin."""


@dataclass
class _Record:
    ends: int = 0
    attempts: int = -1
    not_before: float = 0.0


class Restarts:
    """What a dispatcher remembers of workers that ended while their job had not."""

    def __init__(self, clock: Clock) -> None:
        """Measure pauses with ``clock``."""
        self._clock = clock
        self._records: dict[JobId, _Record] = {}

    def ended(self, job: JobId, attempts: int, fruitless: int = 0) -> None:
        """A worker ended.

        Args:
            job: whose.
            attempts: how often the job has been claimed so far.
            fruitless: how many of these in a row brought nothing; the pause grows with them.
        """
        record = self._records.setdefault(job, _Record())
        if attempts > record.attempts:  # it got as far as a claim: begin counting anew
            record.ends, record.attempts = 0, attempts
        self._count(record, fruitless)

    def failed(self, job: JobId) -> None:
        """No worker could be started."""
        self._count(self._records.setdefault(job, _Record()))

    def _count(self, record: _Record, fruitless: int = 0) -> None:
        record.ends += 1
        doublings = max(record.ends, fruitless) - 1
        pause = min(FIRST_PAUSE_SECONDS * 2**doublings, LONGEST_PAUSE_SECONDS)
        record.not_before = self._clock.monotonic() + pause

    def may_start(self, job: JobId) -> bool:
        """Whether the pause is over."""
        record = self._records.get(job)
        return record is None or self._clock.monotonic() >= record.not_before

    def is_hopeless(self, job: JobId) -> bool:
        """Whether it ended too often in a row without a claim."""
        record = self._records.get(job)
        return record is not None and record.ends > HOPELESS_AFTER

    def forget(self, job: JobId) -> None:
        """The job has ended or waits."""
        self._records.pop(job, None)

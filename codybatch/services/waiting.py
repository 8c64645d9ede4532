"""The tick: puts waiting jobs back to work once their reason is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from codybatch.domain.events import Event, EventKind
from codybatch.domain.jobs import Job, Waiting
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import Clock, PageRequest, Partition, PartitionKind, Records


@dataclass(frozen=True)
class WaitingRoom:
    """Where waiting jobs are looked after."""

    records: Records
    clock: Clock
    daily_cap_usd: Decimal | None
    credentials: frozenset[str]
    """Names and fingerprints of the credentials in use now."""

    def put_back(self) -> int:
        """Put back every job whose reason to wait is gone; says how many.

        A job that was asked to stop while its worker was just leaving it to wait is cancelled here.
        """
        touched = 0
        for job in self._waiting_jobs():
            if job.cancel_requested:
                self.records.request_cancel(job.id, self.clock.now(), job.requester)
                touched += 1
            elif self._may_go_on(job):
                touched += self._put_back(job)
        return touched

    def next_due(self) -> bool:
        """Whether a job waits for a time or a credential, so that somebody must look again."""
        return any(job.waiting and job.waiting.until for job in self._waiting_jobs())

    def _waiting_jobs(self) -> Iterator[Job]:
        page = PageRequest(limit=200, oldest_first=True)
        while True:
            found = self.records.list_jobs(Partition(PartitionKind.STATE, JobState.WAITING), page)
            yield from found.items
            if found.cursor is None:
                return
            page = replace(page, cursor=found.cursor)

    def _put_back(self, job: Job) -> bool:
        text = "The reason to wait is gone: the job goes on."
        event = Event(at=self.clock.now(), kind=EventKind.RELEASED, text=text)
        return self.records.put_back(job.id, [event])

    def _may_go_on(self, job: Job) -> bool:
        waiting = job.waiting
        if waiting is None or waiting.reason is WaitingReason.HELD:
            return False
        if waiting.until is not None and waiting.until <= self.clock.now():
            return True
        if waiting.reason is WaitingReason.CREDENTIAL:
            return self._credential_mended(waiting)
        return self._cap_raised(job, waiting)

    def _credential_mended(self, waiting: Waiting) -> bool:
        """Another credential took its place, or another job has found that it works again."""
        if waiting.credential is None or waiting.credential not in self.credentials:
            return True
        return self.records.credential_trouble(waiting.credential) is None

    def _cap_raised(self, job: Job, waiting: Waiting) -> bool:
        if waiting.cap_usd is None:
            return False
        if waiting.reason is WaitingReason.DAILY_BUDGET:
            cap = self.daily_cap_usd
        elif waiting.reason is WaitingReason.REQUEST_BUDGET:
            cap = self.records.request(job.request).budget.cap_usd
        else:
            return False
        return cap is None or cap > waiting.cap_usd

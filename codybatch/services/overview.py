"""What a person wants to know first: what runs, what waits for them, and how it has gone lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.domain.requests import JobCounts, Request
from codybatch.domain.states import JobState
from codybatch.domain.tallies import DayTally
from codybatch.ports import Clock, FlagCounts, PageRequest, Partition, PartitionKind, Records
from codybatch.services.experiment_needs import ExperimentNeed, experiment_needs
from codybatch.services.history import History
from codybatch.services.jobs import needs_person
from codybatch.services.lineages import newest_ended

DAYS = 14
"""How far back tallies go, today included."""
FEW = 5
"""Things of each sort that are named; the counts tell of the others."""
_WAITING_LOOKED_AT = 50
"""Waiting jobs that are looked through for those that wait for a person."""
_UNJUDGED_LOOKED_AT = 50
"""Jobs without a verdict of which those of experiments are counted together."""
_FAILED_DAYS = 7
"""For so long a failed job that nobody went on from asks for attention."""


@dataclass(frozen=True)
class Overview:
    """All of it at one moment."""

    counts: JobCounts
    """Of all jobs."""
    flags: FlagCounts
    running: tuple[Job, ...]
    """Some of those at work, newest first."""
    waiting: tuple[Job, ...]
    """Those that go on only after a person did something, one for each request and reason."""
    unjudged: tuple[Job, ...]
    """Some of those that nobody judged; those of experiments are told with these."""
    withheld: tuple[Job, ...]
    failed: tuple[Job, ...]
    """Those of the last days that nobody went on from."""
    experiments: tuple[ExperimentNeed, ...]
    """Those that wait for somebody."""
    recent: tuple[Request, ...]
    days: tuple[DayTally, ...]
    """The last ``DAYS`` UTC days, oldest first, none left out."""
    today: Budget
    """Of the UTC day, with the setting's cap."""

    @property
    def is_new(self) -> bool:
        """Whether nobody ever submitted anything."""
        return not self.counts.total


def overview(records: Records, clock: Clock, daily_cap: Decimal | None) -> Overview:
    """How things stand.

    It costs the same however much the store holds: a few short lists, counters and day tallies.

    Args:
        records: where it is kept.
        clock: tells what time it is.
        daily_cap: of a UTC day, in US dollars; None for none.
    """
    history, now = History(records, clock), clock.now()
    unjudged = _of(records, PartitionKind.UNJUDGED, _UNJUDGED_LOOKED_AT)
    failed = _some(records, JobState.FAILED, FEW, since=now - timedelta(days=_FAILED_DAYS))
    return Overview(
        counts=history.counts(),
        flags=history.waiting_for_people(),
        running=_some(records, JobState.RUNNING, FEW),
        waiting=_by_reason(_some(records, JobState.WAITING, _WAITING_LOOKED_AT)),
        unjudged=tuple(job for job in unjudged if job.cell is None)[:FEW],
        withheld=_of(records, PartitionKind.WITHHELD),
        failed=tuple(job for job in failed if _is_left(records, job)),
        experiments=experiment_needs(records, unjudged),
        recent=records.list_requests(page=PageRequest(limit=FEW)).items,
        days=history.days(DAYS),
        today=records.day_budget(now.date()).with_(cap_usd=daily_cap),
    )


def _some(
    records: Records, state: JobState, limit: int, since: datetime | None = None
) -> tuple[Job, ...]:
    page = PageRequest(limit=limit, since=since)
    return records.list_jobs(Partition(PartitionKind.STATE, state), page).items


def _of(records: Records, kind: PartitionKind, limit: int = FEW) -> tuple[Job, ...]:
    return records.list_jobs(Partition(kind), PageRequest(limit=limit)).items


def _by_reason(waiting: Iterable[Job]) -> tuple[Job, ...]:
    first = {(job.request, job.waiting.reason): job for job in waiting if job.waiting}
    return tuple(job for job in first.values() if needs_person(job))


def _is_left(records: Records, job: Job) -> bool:
    family = records.lineage(job.lineage.root)
    goes_on = any(not one.state.is_terminal for one in family)
    return not goes_on and newest_ended(family).id == job.id

"""The list of jobs as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.ports import Page, PageRequest, Partition, PartitionKind
from codybatch.services.jobs import Jobs
from codybatch.ui.words import STATE_BADGES, Badge, ago, doing, lines_changed, money

ROWS = 25
"""Rows of one page."""


@dataclass(frozen=True)
class JobRow:
    """One row: everything already in words."""

    id: str
    badge: Badge
    owner: str
    name: str
    request: str
    doing: str
    change: str
    cost: str
    when: str


@dataclass(frozen=True)
class JobList:
    """A page of rows; ``cursor`` leads to the next."""

    rows: tuple[JobRow, ...]
    cursor: str | None
    any_active: bool


def job_list(
    jobs: Jobs, now: datetime, state: str | None = None, words: str = "", cursor: str | None = None
) -> JobList:
    """The rows that match a state and words.

    Args:
        jobs: where they come from.
        now: the time, for "5 min ago".
        state: only jobs in this state; None for all.
        words: only jobs that hold all of these words; then the state is not used.
        cursor: of the page before.

    Raises:
        InvalidCursor: the cursor is of another list.
    """
    page = PageRequest(limit=ROWS, cursor=cursor)
    found = jobs.search(words, page) if words.strip() else jobs.list(_partition(state), page)
    return _shown(found, now)


def _partition(state: str | None) -> Partition:
    return Partition(PartitionKind.STATE, JobState(state)) if state else Partition()


def _shown(found: Page[Job], now: datetime) -> JobList:
    active = any(job.state in {JobState.RUNNING, JobState.QUEUED} for job in found.items)
    return JobList(tuple(_row(job, now) for job in found.items), found.cursor, active)


def _row(job: Job, now: datetime) -> JobRow:
    return JobRow(
        id=job.id,
        badge=STATE_BADGES[job.state],
        owner=job.repository.owner,
        name=job.repository.name,
        request=job.request_title,
        doing=job.title or doing(job),
        change=lines_changed(job.patch),
        cost=money(job.cost_usd),
        when=ago(job.ended_at or job.created_at, now),
    )

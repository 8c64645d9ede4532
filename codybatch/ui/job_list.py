"""The list of jobs as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from codybatch.domain.errors import InvalidCursor
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.ports import Page, PageRequest, Partition, PartitionKind
from codybatch.services.jobs import Jobs
from codybatch.services.wording import money, sentence
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import STATE_BADGES, Badge, ago, outcome

ROWS = 25
"""Rows of one page."""
BUSY_SECONDS, WAITING_SECONDS = 2.0, 10.0
"""How often a page looks again while something runs, and while something only waits."""


@dataclass(frozen=True)
class JobQuery:
    """What the list is asked for; all of it stands in the page's address."""

    state: str | None = None
    words: str = ""
    """Only jobs that hold all of these words; then the state is not used."""
    cursor: str | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.state or self.words.strip())

    def address(self, cursor: str | None) -> dict[str, str]:
        """The address's parameters of another page of the same list; a state is written there by
        its label, as Streamlit does it.
        """
        state = STATE_BADGES[JobState(self.state)].label if self.state else None
        written = {"q": self.words.strip(), "state": state, "cursor": cursor}
        return {name: value for name, value in written.items() if value}


@dataclass(frozen=True)
class JobRow:
    """One row: everything already in words; ``doing`` may be of the model."""

    id: str
    badge: Badge
    owner: str
    name: str
    doing: str
    outcome: str
    cost: str
    when: str


@dataclass(frozen=True)
class JobList:
    """A page of rows; ``cursor`` leads to the next."""

    rows: tuple[JobRow, ...]
    cursor: str | None
    refresh_seconds: float | None
    """When to look again; None where nothing can change any more."""
    begins_again: bool = False
    """Whether the page that was asked for does not exist, and this is the first."""


def job_list(jobs: Jobs, clean: Clean, now: datetime, asked: JobQuery = JobQuery()) -> JobList:
    """The rows of a query, newest first; the first page where its cursor is of another list."""
    try:
        return _shown(_found(jobs, asked), clean, now)
    except InvalidCursor:
        first = _found(jobs, replace(asked, cursor=None))
        return replace(_shown(first, clean, now), begins_again=True)


def refresh_seconds(states: Iterable[JobState]) -> float | None:
    """How soon a page that shows jobs in these states should look again."""
    active = {state for state in states if not state.is_terminal}
    if active & {JobState.QUEUED, JobState.RUNNING}:
        return BUSY_SECONDS
    return WAITING_SECONDS if active else None


def _found(jobs: Jobs, asked: JobQuery) -> Page[Job]:
    page = PageRequest(limit=ROWS, cursor=asked.cursor)
    if asked.words.strip():
        return jobs.search(asked.words, page)
    partition = Partition(PartitionKind.STATE, JobState(asked.state)) if asked.state else None
    return jobs.list(partition or Partition(), page)


def _shown(found: Page[Job], clean: Clean, now: datetime) -> JobList:
    return JobList(
        rows=tuple(_row(job, clean, now) for job in found.items),
        cursor=found.cursor,
        refresh_seconds=refresh_seconds(job.state for job in found.items),
    )


def _row(job: Job, clean: Clean, now: datetime) -> JobRow:
    return JobRow(
        id=job.id,
        badge=STATE_BADGES[job.state],
        owner=job.repository.owner,
        name=job.repository.name,
        doing=shown_on_one_line(job.title or sentence(job, now), clean),
        outcome=outcome(job),
        cost=money(job.cost_usd),
        when=ago(job.ended_at or job.created_at, now),
    )

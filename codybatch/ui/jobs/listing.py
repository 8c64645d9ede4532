"""The list of jobs as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from codybatch.domain.errors import InvalidCursor
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.repositories import GITHUB, RepositoryRef
from codybatch.domain.states import JobState
from codybatch.ports import Page
from codybatch.services.job_lists import MOST_IN_FILE, JobFilter, filtered_jobs, jobs_file
from codybatch.services.jobs import Jobs
from codybatch.services.wording import money, sentence
from codybatch.ui.errands import Errand
from codybatch.ui.pace import BUSY_SECONDS, refresh_seconds
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import STATE_BADGES, Badge, Moment, duration, moment_of, outcome

ROWS = 25
"""Rows of one page."""
SINCE: dict[str, int] = {"Today": 0, "7 days": 7, "30 days": 30, "90 days": 90}
"""How far back a list can go, in days before today."""


@dataclass(frozen=True)
class JobQuery:
    """What the list is asked for; all of it stands in the page's address."""

    state: str | None = None
    words: str = ""
    repository: str = ""
    prompt: str = ""
    requester: str = ""
    since: str | None = None
    """One of ``SINCE``."""
    experiment: str = ""
    """An experiment's id: only its jobs."""
    cursor: str | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.address(None))

    @property
    def more_filters(self) -> int:
        """How many of the filters that are seldom used are used."""
        return sum(bool(one) for one in (self.repository, self.prompt, self.requester, self.since))

    def address(self, cursor: str | None) -> dict[str, str]:
        """The address's parameters of another page of the same list; a state is written there by
        its label, as Streamlit does it.
        """
        state = STATE_BADGES[JobState(self.state)].label if self.state else None
        written = {
            "q": self.words.strip(),
            "state": state,
            "repository": self.repository.strip(),
            "prompt": self.prompt.strip(),
            "by": self.requester.strip(),
            "since": self.since,
            "experiment": self.experiment,
            "cursor": cursor,
        }
        return {name: value for name, value in written.items() if value}

    def wanted(self, now: datetime, zone: tzinfo = UTC, host: str = GITHUB) -> JobFilter:
        """What it asks for.

        Args:
            now: what time it is.
            zone: in which the day begins.
            host: the code host, whose addresses of repositories are understood.

        Raises:
            InvalidRepository: the repository is written in no way that is understood.
        """
        repository = self.repository.strip()
        return JobFilter(
            state=JobState(self.state) if self.state else None,
            repository=RepositoryRef.parse(repository, host).full_name if repository else "",
            prompt=self.prompt.strip(),
            requester=self.requester.strip(),
            experiment=self.experiment,
            since=_begin_of_day(now, zone, SINCE[self.since]) if self.since else None,
            words=self.words.strip(),
        )


@dataclass(frozen=True)
class JobRow:
    """One row: everything already in words; ``doing`` may be of the model."""

    id: JobId
    state: JobState
    badge: Badge
    owner: str
    name: str
    doing: str
    outcome: str
    cost: str
    when: Moment
    cost_usd: float
    prompt: str
    model: str
    requester: str
    worked: str
    has_pull_request: bool


@dataclass(frozen=True)
class JobList:
    """A page of rows; ``cursor`` leads to the next."""

    rows: tuple[JobRow, ...]
    cursor: str | None
    refresh_seconds: float | None
    """When to look again; None where nothing can change any more."""
    begins_again: bool = False
    """Whether the page that was asked for does not exist, and this is the first."""
    errand: Errand | None = None
    """What is being done with several jobs at once."""

    def with_errand(self, errand: Errand | None) -> JobList:
        """The same with what is being done, which is looked at again until it has ended."""
        busy = errand is not None and errand.is_active
        pace = BUSY_SECONDS if busy else self.refresh_seconds
        return replace(self, errand=errand, refresh_seconds=pace)


def job_list(
    jobs: Jobs,
    clean: Clean,
    now: datetime,
    asked: JobQuery = JobQuery(),
    zone: tzinfo = UTC,
    host: str = GITHUB,
) -> JobList:
    """The rows of a query, newest first; the first page where its cursor is of another list.

    Raises:
        InvalidRepository: the repository is written in no way that is understood.
    """
    wanted = asked.wanted(now, zone, host)
    try:
        found = filtered_jobs(jobs.records, wanted, ROWS, asked.cursor)
        return _shown(found, clean, now, zone)
    except InvalidCursor:
        found = filtered_jobs(jobs.records, wanted, ROWS)
        return replace(_shown(found, clean, now, zone), begins_again=True)


def job_list_file(jobs: Jobs, clean: Clean, wanted: JobFilter) -> str:
    """The newest jobs of a filter as CSV, up to ``MOST_IN_FILE``."""
    return jobs_file(filtered_jobs(jobs.records, wanted, MOST_IN_FILE).items, clean)


def _begin_of_day(now: datetime, zone: tzinfo, days_ago: int) -> datetime:
    """The same all day long, so that pages of one list follow each other."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days_ago)


def _shown(found: Page[Job], clean: Clean, now: datetime, zone: tzinfo) -> JobList:
    return JobList(
        rows=tuple(_row(job, clean, now, zone) for job in found.items),
        cursor=found.cursor,
        refresh_seconds=refresh_seconds(job.state for job in found.items),
    )


def _row(job: Job, clean: Clean, now: datetime, zone: tzinfo) -> JobRow:
    cost = max(job.cost_usd, job.progress.cost_usd)
    return JobRow(
        id=job.id,
        state=job.state,
        badge=STATE_BADGES[job.state],
        owner=job.repository.owner,
        name=job.repository.name,
        doing=shown_on_one_line(job.title or sentence(job, now), clean),
        outcome=outcome(job),
        cost=money(cost),
        when=moment_of(job.ended_at or job.created_at, now, zone),
        cost_usd=float(cost),
        prompt=f"{job.prompt.name} v{job.prompt.version}",
        model=job.model,
        requester=job.requester,
        worked=duration(job.seconds_worked) if job.seconds_worked else "",
        has_pull_request=job.publication.pull_request is not None,
    )

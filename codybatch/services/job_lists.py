"""Lists of jobs that several things are asked of at once.

The store knows one list at a time (``Partition``), or a search. The rest is looked for in what that
list holds, page by page and no further than so far, so that a page costs the same in every store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.ports import Page, PageRequest, Partition, PartitionKind, Records
from codybatch.services.csv_text import csv_text
from codybatch.services.findings import Clean
from codybatch.services.wording import publication_in_short

MOST_AT_ONCE = 1_000
"""Jobs of a page, where all that fit are wanted: as many as a store gives."""
FEWEST_AT_ONCE = 100
"""Jobs of such a page, where few are wanted: many may have to be looked through for them."""
LOOKS = 20
"""Pages of the store's list that are looked through for one page of ours."""
MOST_IN_FILE = 1000
"""Jobs of a file."""
COLUMNS = (
    *("job", "request", "repository", "commit", "state", "endedBecause", "title", "prompt"),
    *("model", "requester", "createdAt", "endedAt", "secondsWorked", "costUsd", "files"),
    *("additions", "deletions", "findings", "publication"),
)


@dataclass(frozen=True)
class JobFilter:
    """What is asked for: jobs of which all of it is true."""

    state: JobState | None = None
    repository: str = ""
    """``owner/name``, without regard to case."""
    prompt: str = ""
    """A prompt's name."""
    requester: str = ""
    request: str = ""
    """A request's id."""
    experiment: str = ""
    """An experiment's id; those that were made for it."""
    since: datetime | None = None
    """Made at or after."""
    until: datetime | None = None
    """Made before."""
    words: str = ""
    """All of these stand in it."""

    @property
    def partition(self) -> Partition:
        """The store's list that holds all that is asked for and, as a rule, the least else."""
        if self.request:
            return Partition(PartitionKind.REQUEST, self.request)
        if self.experiment:
            return Partition(PartitionKind.EXPERIMENT, self.experiment)
        if self.repository:
            return Partition(PartitionKind.REPOSITORY, self.repository)
        if self.prompt:
            return Partition(PartitionKind.PROMPT, self.prompt)
        if self.requester:
            return Partition(PartitionKind.REQUESTER, self.requester)
        if self.state:
            return Partition(PartitionKind.STATE, self.state)
        return Partition()

    def fits(self, job: Job) -> bool:
        """Whether a job is what is asked for, but for the words."""
        return (
            (self.state is None or job.state is self.state)
            and (not self.repository or self._is_of_repository(job))
            and self.prompt in {"", job.prompt.name}
            and self.requester in {"", job.requester}
            and self.request in {"", job.request}
            and self.experiment in {"", job.cell.experiment if job.cell else None}
            and (self.since is None or job.created_at >= self.since)
            and (self.until is None or job.created_at < self.until)
        )

    def _is_of_repository(self, job: Job) -> bool:
        return self.repository.lower() == job.repository.full_name.lower()


def filtered_jobs(
    records: Records, wanted: JobFilter, limit: int, cursor: str | None = None
) -> Page[Job]:
    """Jobs that fit a filter, newest first; a page may hold fewer than there are, and still lead
    to the next, where few of many fit.

    Args:
        records: where they are.
        wanted: what is asked for.
        limit: how many at most, 1 to 1,000.
        cursor: of the page before, of the same filter.

    Raises:
        InvalidCursor: ``cursor`` is of another list.
    """
    found: list[Job] = []
    for _ in range(LOOKS):
        page = PageRequest(limit - len(found), cursor, wanted.since, wanted.until)
        looked_at = (
            records.search_jobs(wanted.words, page)
            if wanted.words.strip()
            else records.list_jobs(wanted.partition, page)
        )
        found += [job for job in looked_at.items if wanted.fits(job)]
        cursor = looked_at.cursor
        if cursor is None or len(found) >= limit:
            break
    return Page(tuple(found), cursor)


def pages_of_jobs(
    records: Records, wanted: JobFilter, most: int | None = None
) -> Iterator[tuple[Job, ...]]:
    """All jobs that fit a filter, newest first (those of one request by their index), some at a
    time, so that however many there are only a page is in memory.

    Args:
        records: where they are.
        wanted: what is asked for.
        most: how many in all; None for every one.
    """
    left, cursor = most, None
    while left is None or left > 0:
        limit = MOST_AT_ONCE if left is None else min(max(left, FEWEST_AT_ONCE), MOST_AT_ONCE)
        page = filtered_jobs(records, wanted, limit, cursor)
        if page.items:
            yield page.items[:left]
        cursor = page.cursor
        if cursor is None:
            return
        left = None if left is None else left - len(page.items)


def jobs_file(jobs: Sequence[Job], clean: Clean) -> str:
    """Jobs as CSV, without secrets."""
    return csv_text(COLUMNS, (_cells(job, clean) for job in jobs))


def _cells(job: Job, clean: Clean) -> tuple[object, ...]:
    patch = job.patch
    return (
        *(job.id, job.request, job.repository.full_name, job.commit, job.state.value),
        job.ended_because.value if job.ended_because else None,
        clean(job.title),
        f"{job.prompt.name} v{job.prompt.version}",
        *(job.model, job.requester, job.created_at.isoformat()),
        job.ended_at.isoformat() if job.ended_at else None,
        *(job.seconds_worked, job.cost_usd),
        *((patch.files, patch.additions, patch.deletions) if patch else (None, None, None)),
        len(job.findings),
        clean(publication_in_short(job)),
    )

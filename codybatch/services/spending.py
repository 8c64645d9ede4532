"""What was spent on jobs, summed up by day, model, prompt, repository or person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from codybatch.domain.errors import TooManyToSum
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING, Usage, Usd
from codybatch.domain.records import Record
from codybatch.domain.states import JobState
from codybatch.ports import EVERYTHING, PageRequest, Records


class By(StrEnum):
    """What spending is summed up by."""

    DAY = "day"
    """On which the job was submitted, in UTC."""
    MODEL = "model"
    PROMPT = "prompt"
    """Its name; all versions together."""
    REPOSITORY = "repository"
    PERSON = "person"


class Spent(Record):
    """What some jobs cost together."""

    name: str
    jobs: int = 0
    succeeded: int = 0
    usage: Usage = Usage()
    cost_usd: Usd = NOTHING
    uncertain_usd: Usd = NOTHING
    """Of it: for replies that were lost."""

    @property
    def cached(self) -> float | None:
        """Share of all prompts that came from the cache."""
        whole = self.usage.prompt_tokens
        return self.usage.cache_read_tokens / whole if whole else None

    def with_job(self, job: Job) -> Spent:
        """The same and one job more."""
        return self.with_(
            jobs=self.jobs + 1,
            succeeded=self.succeeded + (job.state is JobState.SUCCEEDED),
            usage=self.usage + job.usage,
            cost_usd=self.cost_usd + job.cost_usd,
            uncertain_usd=self.uncertain_usd + job.uncertain_cost_usd,
        )


def spending(
    records: Records, since: datetime, by: By, most: int | None = None
) -> tuple[Spent, ...]:
    """What the jobs since a moment cost: days in their order, anything else the dearest first.

    Every job is read. The tallies of days hold other numbers: of the jobs that ended on a day.

    Args:
        records: where the jobs are.
        since: when the first of them was submitted.
        by: what they are summed up by.
        most: jobs that are read; None for all.

    Raises:
        TooManyToSum: there are more than ``most``.
    """
    jobs = _jobs_since(records, since)
    return summed(jobs if most is None else _at_most(most, jobs, since), by)


def summed(jobs: Iterable[Job], by: By) -> tuple[Spent, ...]:
    """What jobs cost, group by group."""
    groups: dict[str, Spent] = {}
    for job in jobs:
        name = _name(job, by)
        groups[name] = groups.get(name, Spent(name=name)).with_job(job)
    if by is By.DAY:
        return tuple(groups[name] for name in sorted(groups))
    return tuple(sorted(groups.values(), key=lambda one: (-one.cost_usd, one.name)))


def in_all(parts: Iterable[Spent]) -> Spent:
    """All of them together."""
    total = Spent(name="All")
    for part in parts:
        total = total.with_(
            jobs=total.jobs + part.jobs,
            succeeded=total.succeeded + part.succeeded,
            usage=total.usage + part.usage,
            cost_usd=total.cost_usd + part.cost_usd,
            uncertain_usd=total.uncertain_usd + part.uncertain_usd,
        )
    return total


def _at_most(most: int, jobs: Iterable[Job], since: datetime) -> Iterator[Job]:
    for number, job in enumerate(jobs, start=1):
        if number > most:
            raise TooManyToSum(
                f"More than {most:,} jobs were submitted since {since:%Y-%m-%d %H:%M} UTC, and one "
                "answer sums up at most so many. Ask for a later since, or sum all of them up by "
                "`codybatch costs` on a machine with this store."
            )
        yield job


def _jobs_since(records: Records, since: datetime) -> Iterator[Job]:
    cursor: str | None = None
    while True:
        page = records.list_jobs(EVERYTHING, PageRequest(1000, cursor, since))
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _name(job: Job, by: By) -> str:
    names = {
        By.DAY: f"{job.created_at:%Y-%m-%d}",
        By.MODEL: job.model,
        By.PROMPT: job.prompt.name,
        By.REPOSITORY: job.repository.full_name,
        By.PERSON: job.requester,
    }
    return names[by]

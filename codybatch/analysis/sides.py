"""What a person names to be compared: requests, or all jobs of a prompt's version."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from codybatch.analysis.gathering.from_requests import Side, material_of
from codybatch.analysis.gathering.material import Material
from codybatch.analysis.results import RequestResult
from codybatch.composition import Application
from codybatch.domain.errors import UnknownIdentifier, UsageError
from codybatch.domain.experiments import Metric
from codybatch.domain.identifiers import RequestId, request_id
from codybatch.domain.jobs import Job
from codybatch.services.job_lists import JobFilter, pages_of_jobs


class Contestant(ABC):
    """What brings its jobs with it: an arm of an experiment."""

    @property
    @abstractmethod
    def jobs(self) -> tuple[Job, ...]:
        """Those that count."""


One = str | RequestResult | Contestant
Named = One | Sequence[One]
"""A prompt (``hints@2``; its latest version without a number), a request by its id or as it was
read, an arm of an experiment, or several of these together.
"""
MOST_JOBS = 20_000
"""Of a side: who compares more means something else."""


def metric_of(written: str) -> Metric:
    """The metric that a person names.

    Raises:
        UsageError: there is none of this name.
    """
    if written not in set(Metric):
        raise UsageError(f"{written!r} is no metric: {', '.join(Metric)}.")
    return Metric(written)


def is_by_owner(by: str) -> bool:
    """Whether repositories of one owner count as one.

    Raises:
        UsageError: that is no unit.
    """
    if by not in {"repository", "owner"}:
        raise UsageError(f"by takes 'repository' or 'owner', not {by!r}.")
    return by == "owner"


def material_for(app: Application, a: Named, b: Named, metric: str, by: str) -> Material:
    """What two sides compare.

    Args:
        app: where they are.
        a: the one that the other is compared with.
        b: the other.
        metric: what is asked about.
        by: ``repository`` or ``owner``.

    Raises:
        UsageError: something that cannot be; the message says what can.
        NotFound, UnknownPrompt: there is no such request or prompt.
    """
    chosen, owner = metric_of(metric), is_by_owner(by)
    return material_of(side_of(app, a), side_of(app, b), chosen, app.store.records, by_owner=owner)


def side_of(app: Application, named: Named) -> Side:
    """The requests and jobs of a side.

    Raises:
        UsageError: nothing is named, or more than can be compared.
        NotFound, UnknownPrompt: there is no such request or prompt.
    """
    every = [named] if isinstance(named, str | RequestResult | Contestant) else list(named)
    if not every:
        raise UsageError("A side of a comparison is empty: name a request or a prompt.")
    jobs = {job.id: job for one in every for job in _jobs_of(app, one)}
    if len(jobs) > MOST_JOBS:
        raise UsageError(f"{_written(every)} has {len(jobs):,} jobs; {MOST_JOBS:,} are the most.")
    requests = dict.fromkeys(job.request for job in jobs.values())
    found = tuple(app.requests.find(RequestId(one)) for one in requests)
    return Side(_written(every), found, tuple(jobs.values()))


def _jobs_of(app: Application, named: One) -> Iterable[Job]:
    if isinstance(named, Contestant):
        return named.jobs
    if isinstance(named, RequestResult):
        return app.requests.jobs_of(RequestId(named.record.id))
    try:
        request = request_id(named)
    except UnknownIdentifier:
        return _jobs_of_prompt(app, named)
    return app.requests.jobs_of(app.requests.find(request).id)


def _jobs_of_prompt(app: Application, written: str) -> list[Job]:
    version = app.prompts.find(written)
    pages = pages_of_jobs(app.store.records, JobFilter(prompt=version.name), MOST_JOBS + 1)
    return [job for page in pages for job in page if job.prompt == version.ref]


def _written(every: Sequence[One]) -> str:
    return ", ".join(one.id if isinstance(one, RequestResult) else str(one) for one in every)

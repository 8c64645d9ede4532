"""Requests, estimates and costs as programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from codybatch.domain.estimates import Estimate
from codybatch.domain.identifiers import JobId, Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget, Usage, Usd
from codybatch.domain.prompts import Kind, PromptRef
from codybatch.domain.records import Moment
from codybatch.domain.requests import (
    JobCounts,
    Origin,
    Request,
    RequestOptions,
    SkippedRepository,
)
from codybatch.services.estimates import Forecast, RepositoryEstimate, basis_in_words
from codybatch.services.explained_cost import ExplainedCost
from codybatch.services.proposed import NothingToSubmit
from codybatch.services.spending import By, Spent, in_all
from codybatch.services.wire.jobs import JobResult
from codybatch.services.wire.shape import Shape, fields_of


class SkippedShown(Shape):
    """A repository that a request leaves out, and why."""

    repository: str
    job: JobId
    url: str

    @classmethod
    def of(cls, skipped: SkippedRepository) -> Self:
        """The shape of a repository that is left out."""
        return cls(repository=str(skipped.repository), job=skipped.job, url=skipped.url)


class RequestShown(Shape):
    """A request as lists have it."""

    id: RequestId
    title: str
    prompt: PromptRef
    kind: Kind
    prompt_text: str
    variables: dict[str, str]
    repositories: tuple[str, ...]
    """``owner/name`` or ``owner/name@ref``, in the order of the jobs."""
    skipped: tuple[SkippedShown, ...]
    options: RequestOptions
    budget: Budget
    estimate: Estimate | None
    requester: Person
    created_at: Moment
    origin: Origin
    counts: JobCounts
    released_at: Moment | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """The shape of a request."""
        return cls(**cls._known(request))

    @classmethod
    def _known(cls, request: Request) -> dict[str, Any]:
        return {
            **fields_of(cls, request),
            "repositories": tuple(map(str, request.repositories)),
            "skipped": tuple(map(SkippedShown.of, request.skipped)),
        }


class RequestInFull(RequestShown):
    """A request with the results of its jobs."""

    jobs: tuple[JobResult, ...]

    @classmethod
    def with_jobs(cls, request: Request, jobs: Sequence[Job]) -> Self:
        """The shape of a request and its jobs."""
        return cls(**cls._known(request), jobs=tuple(map(JobResult.of, jobs)))


class Submitted(RequestInFull):
    """A request that was submitted."""

    notices: tuple[str, ...] = ()
    """What a person should know of it beforehand."""

    @classmethod
    def noticing(cls, request: Request, jobs: Sequence[Job], notices: Sequence[str]) -> Self:
        """The shape of what was submitted."""
        shown = tuple(map(JobResult.of, jobs))
        return cls(**cls._known(request), jobs=shown, notices=tuple(notices))


class NothingSubmitted(Shape):
    """What a submission comes to where every repository is skipped, as was asked for."""

    id: None = None
    skipped: tuple[SkippedShown, ...]
    jobs: tuple[JobResult, ...] = ()
    notices: tuple[str, ...]

    @classmethod
    def of(cls, nothing: NothingToSubmit) -> Self:
        """The shape of nothing to do."""
        skipped = tuple(map(SkippedShown.of, nothing.skipped))
        return cls(skipped=skipped, notices=(nothing.message,))


class RepositoryForecast(Estimate):
    """What the job of one repository may cost."""

    repository: str
    size_kb: int

    @classmethod
    def of(cls, one: RepositoryEstimate) -> Self:
        """The shape of a repository's estimate."""
        named, size = str(one.facts.repository), one.facts.size_kb
        return cls(**fields_of(cls, one.estimate), repository=named, size_kb=size)


class ForecastShown(Shape, Estimate):
    """What a request may cost."""

    basis_in_words: str
    repositories: tuple[RepositoryForecast, ...]
    job_cap_usd: Usd | None
    request_cap_usd: Usd | None
    day_left_usd: Usd | None
    price_table: str
    notices: tuple[str, ...]

    @classmethod
    def of(cls, forecast: Forecast) -> Self:
        """The shape of a forecast."""
        return cls(
            **fields_of(cls, forecast.total),
            basis_in_words=basis_in_words(forecast.total),
            repositories=tuple(map(RepositoryForecast.of, forecast.repositories)),
            job_cap_usd=forecast.job_cap_usd,
            request_cap_usd=forecast.request_cap_usd,
            day_left_usd=forecast.day_left_usd,
            price_table=forecast.price_table,
            notices=forecast.notices,
        )


class CostShown(Shape, ExplainedCost):
    """What a job's cost is made of."""

    id: JobId

    @classmethod
    def of(cls, job: Job, cost: ExplainedCost) -> Self:
        """The shape of a job's cost."""
        return cls(id=job.id, **fields_of(cls, cost))


class SpentShown(Shape):
    """What some jobs cost together."""

    name: str
    jobs: int
    succeeded: int
    usage: Usage
    cost_usd: Usd
    uncertain_usd: Usd
    """Of it: for replies that were lost."""
    cached: float | None
    """Share of all prompts that came from the cache."""

    @classmethod
    def of(cls, spent: Spent) -> Self:
        """The shape of a sum."""
        return cls(**fields_of(cls, spent), cached=spent.cached)


class GroupedSpending(Shape):
    """What jobs cost, group by group and in all."""

    by: By
    items: tuple[SpentShown, ...]
    total: SpentShown

    @classmethod
    def by_group(cls, by: By, parts: Sequence[Spent]) -> Self:
        """The shape of what was summed up."""
        items, total = tuple(map(SpentShown.of, parts)), SpentShown.of(in_all(parts))
        return cls(by=by, items=items, total=total)


class RequestCost(Shape):
    """What a request cost, repository by repository, against what was expected."""

    id: RequestId
    items: tuple[SpentShown, ...]
    total: SpentShown
    estimate: Estimate | None

    @classmethod
    def against(cls, request: Request, parts: Sequence[Spent]) -> Self:
        """The shape of a request's cost."""
        items, total = tuple(map(SpentShown.of, parts)), SpentShown.of(in_all(parts))
        return cls(id=request.id, items=items, total=total, estimate=request.estimate)

"""What every new request passes, whatever made it: checks first, then the store, then the engine.

A request is refused whole before anything is stored: what the allow-list, the code host, the model
and its price say is asked first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from secrets import token_hex

from codybatch.domain.errors import CodyBatchError, EngineError, RepositoryRefused
from codybatch.domain.events import Event, EventKind
from codybatch.domain.identifiers import RequestId, job_id_of
from codybatch.domain.jobs import Job, Lineage, Waiting
from codybatch.domain.money import Usage
from codybatch.domain.repositories import GITHUB, AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.requests import Request, RequestOptions
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import (
    Clock,
    CodeHostFactory,
    Created,
    Engine,
    ModelClient,
    PageRequest,
    Partition,
    PartitionKind,
    Records,
    Unusable,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Policy:
    """What the operator allows."""

    allowed: AllowList
    max_repositories: int
    has_daily_cap: bool
    host: str = GITHUB
    """The code host whose addresses name repositories."""
    request_cap_usd: Decimal | None = None
    """What a request may cost where nobody who may says otherwise; None for no cap."""


@dataclass(frozen=True)
class Intake:
    """Checks requests, stores them with their jobs, and hands the jobs over."""

    records: Records
    engine: Engine
    code_host: CodeHostFactory
    model: Callable[[], ModelClient]
    """Makes the client: it is costly, and most commands need none."""
    clock: Clock
    policy: Policy

    def check_model(self, options: RequestOptions, request_cap_usd: Decimal | None) -> None:
        """Refuse a model that is not known, or that has no price where a cap must hold.

        Raises:
            UnknownModel, ModelWithoutPrice: it cannot run.
            ModelError: the model's service could not be asked.
        """
        model = self.model()
        model.capabilities(options.model)
        caps = (options.job_cost_cap_usd, request_cap_usd)
        if self.policy.has_daily_cap or any(cap is not None for cap in caps):
            model.price(options.model, Usage(), self.clock.now())

    def look_up(self, repositories: Sequence[RepositoryRef]) -> tuple[RepositoryFacts, ...]:
        """What the code host says of each, in this order; all of them can be worked on.

        Raises:
            RepositoryRefused, BranchNotFound, NotPermitted: one cannot be used.
            RepositoryNotAllowed: one is not allowed under its name of today.
            CodeHostError: the code host could not be asked.
        """
        answers = self.code_host().look_up(repositories)
        errors = [answer.error for answer in answers if isinstance(answer, Unusable)]
        if len(errors) == 1:
            raise errors[0]
        if errors:
            listed = " ".join(str(error) for error in errors)
            raise RepositoryRefused(f"{len(errors)} repositories cannot be used. {listed}")
        facts = tuple(answer for answer in answers if isinstance(answer, RepositoryFacts))
        for fact in facts:  # a renamed repository answers under its new name
            self.policy.allowed.check(fact.repository)
        if len({fact.id for fact in facts}) < len(facts):
            raise RepositoryRefused("Two of the names are the same repository, which was renamed.")
        return facts

    def take(self, request: Request, jobs: Sequence[Job], idempotency_key: str) -> Created:
        """Store a request with its jobs, and hand the jobs to the engine.

        Raises:
            IdempotencyConflict: the key was used for another request.
            LineageBusy: a job would continue a lineage that is still at work.
            EngineError: the engine cannot take the jobs now; they stay queued.
        """
        created = self.records.create_request(request, jobs, idempotency_key)
        self.hand_over(created.request.id)
        return created

    def hand_over(self, request: RequestId) -> None:
        """Hand queued jobs over; where the engine cannot take them now, reconcile does it later.

        Raises:
            EngineError: it cannot take them now.
        """
        partition = Partition(PartitionKind.REQUEST, request)
        jobs = self.records.list_jobs(partition, PageRequest(limit=1000)).items
        waiting = [job for job in jobs if needs_submission(job)]
        if not waiting:
            if alive := [job for job in jobs if not job.state.is_terminal]:
                # who handed them over may not have come to the end
                self.engine.reconcile(alive)
            return
        try:
            self.engine.submit(waiting)
        except EngineError as error:
            log.warning("the jobs of %s could not be handed over: %s", request, error)
            for job in waiting:
                self.records.add_events(job.id, [_not_handed_over(error, self.clock.now())])
            raise


def new_job(
    request: Request,
    index: int,
    fact: RepositoryFacts,
    lineage: Lineage | None = None,
    commit: str | None = None,
) -> Job:
    """A request's job in one repository.

    Args:
        request: what it belongs to.
        index: its place in the request, from 1.
        fact: what the code host says of the repository.
        lineage: the one it continues; None begins one of its own.
        commit: the one to pin; None pins the one that the code host named.
    """
    job = job_id_of(request.id, index)
    held = request.options.rehearse and index > 1
    return Job(
        id=job,
        request=request.id,
        index=index,
        request_title=request.title,
        prompt=request.prompt,
        kind=request.kind,
        model=request.options.model,
        requester=request.requester,
        repository=fact.repository,
        repository_id=fact.id,
        commit=commit or fact.head_commit,
        base_branch=fact.base_branch or fact.default_branch,
        owned=fact.owned,
        lineage=lineage or Lineage(root=job, root_title=request.title, salt=token_hex(16)),
        created_at=request.created_at,
        cell=request.origin.cell,
        state=JobState.WAITING if held else JobState.QUEUED,
        waiting=Waiting(reason=WaitingReason.HELD, since=request.created_at) if held else None,
    )


def needs_submission(job: Job) -> bool:
    """Whether a job waits for being handed over."""
    return job.state is JobState.QUEUED and job.submission is None


def _not_handed_over(error: CodyBatchError, now: datetime) -> Event:
    text = f"The engine could not take the job: {error.discreet} It stays queued."
    return Event(at=now, kind=EventKind.SUBMITTED, text=text)

"""Requests: submit one, list them, release what is held, raise a cap, cancel one.

A request is refused whole before anything is stored: what the allow-list, the code host, the
prompt, the model and its price say is asked first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from secrets import token_hex

from codybatch.domain.errors import (
    BudgetRefused,
    CodyBatchError,
    EngineError,
    NothingHeld,
    RepositoryRefused,
)
from codybatch.domain.events import Event, EventKind
from codybatch.domain.identifiers import Person, RequestId, job_id_of
from codybatch.domain.jobs import Job, Lineage, Waiting
from codybatch.domain.money import Budget, Usage
from codybatch.domain.prompts import PromptDraft, PromptVersion
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.requests import JobCounts, Request
from codybatch.domain.states import JobState, WaitingReason
from codybatch.ports import (
    EVERYTHING,
    FIRST_PAGE,
    Clock,
    CodeHostFactory,
    Created,
    Engine,
    ModelClient,
    Page,
    PageRequest,
    Partition,
    PartitionKind,
    Records,
    Unusable,
)
from codybatch.services.identities import new_idempotency_key, new_request_id
from codybatch.services.prompts import Prompts
from codybatch.services.submission_form import SubmissionForm, chosen_repositories, title_of


@dataclass(frozen=True)
class Policy:
    """What the operator allows."""

    allowed: AllowList
    max_repositories: int
    has_daily_cap: bool


@dataclass(frozen=True)
class Requests:
    """Use cases of requests."""

    records: Records
    engine: Engine
    prompts: Prompts
    code_host: CodeHostFactory
    model: Callable[[], ModelClient]
    """Makes the client: it is costly, and most commands need none."""
    clock: Clock
    policy: Policy

    def submit(self, form: SubmissionForm) -> Created:
        """Check everything, store the request with its jobs, and hand the jobs to the engine.

        The same idempotency key with the same form gives back the request of the first time.

        Raises:
            UsageError, PolicyError: the form is wrong or refused; nothing is stored.
            CodeHostError, ModelError: a service could not be asked; nothing is stored.
            IdempotencyConflict: the key was used for another request.
        """
        repositories = chosen_repositories(
            form.repositories, self.policy.allowed, self.policy.max_repositories
        )
        self._check_prompt(form)
        self._check_model(form)
        facts = self._look_up(repositories)
        prompt, text = self._prompt_of(form)
        request = self._request(form, prompt, text, repositories)
        jobs = tuple(_job(request, index, fact) for index, fact in enumerate(facts, start=1))
        key = form.idempotency_key or new_idempotency_key(request.created_at)
        created = self.records.create_request(request, jobs, key)
        self._hand_over(created.request.id)
        return created

    def find(self, request: RequestId) -> Request:
        """One request.

        Raises:
            NotFound: there is none.
        """
        return self.records.request(request)

    def jobs_of(self, request: RequestId) -> tuple[Job, ...]:
        """The jobs of a request, in the order of its repositories."""
        partition = Partition(PartitionKind.REQUEST, request)
        return self.records.list_jobs(partition, PageRequest(limit=1000)).items

    def list(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Request]:
        """Requests, newest first."""
        return self.records.list_requests(partition, page)

    def search(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Request]:
        """Requests that hold all the words."""
        return self.records.search_requests(words, page)

    def cancel(self, request: RequestId, by: Person) -> tuple[Job, ...]:
        """Cancel every job of a request that has not ended; gives back its jobs.

        Raises:
            NotFound: there is no such request.
        """
        self.records.request(request)
        for job in self.jobs_of(request):
            if not job.state.is_terminal:
                self.engine.cancel(self.records.request_cancel(job.id, self.clock.now(), by))
        return self.jobs_of(request)

    def release(self, request: RequestId, by: Person) -> tuple[Job, ...]:
        """Let the held jobs of a rehearsal run; gives back the request's jobs.

        Raises:
            NotFound: there is no such request.
            NothingHeld: none of its jobs is held.
        """
        found = self.records.request(request)
        held = [job for job in self.jobs_of(request) if _is_held(job)]
        if not held:
            raise NothingHeld(f"No job of the request {request} is held.")
        now = self.clock.now()
        self.records.update_request(found.with_(released_at=now))
        event = Event(at=now, kind=EventKind.RELEASED, text=f"Released by {by}.")
        for job in held:
            self.records.put_back(job.id, [event])
        self._hand_over(request)
        return self.jobs_of(request)

    def raise_budget(self, request: RequestId, cap_usd: Decimal | None) -> Request:
        """Give a request another cost cap (US dollars; None for none); its waiting jobs go on.

        Raises:
            NotFound: there is no such request.
            StaleWrite: somebody else changed it at the same time.
            BudgetRefused: the cap is below what was spent.
        """
        found = self.records.request(request)
        spent = found.budget.spent_usd
        if cap_usd is not None and cap_usd < spent:
            raise BudgetRefused(f"The request has already cost ${spent}: the cap cannot be lower.")
        raised = self.records.update_request(
            found.with_(budget=found.budget.with_(cap_usd=cap_usd))
        )
        self.engine.reconcile()
        return raised

    def _check_prompt(self, form: SubmissionForm) -> None:
        written = form.prompt
        prompt = written if isinstance(written, PromptDraft) else self.prompts.find(written)
        prompt.render(form.variables)

    def _prompt_of(self, form: SubmissionForm) -> tuple[PromptVersion, str]:
        """The version to run; a draft is saved only now that nothing refuses the request."""
        if isinstance(form.prompt, PromptDraft):
            prompt = self.prompts.save(form.prompt, form.requester)
        else:
            prompt = self.prompts.find(form.prompt)
        return prompt, prompt.render(form.variables)

    def _check_model(self, form: SubmissionForm) -> None:
        model = self.model()
        model.capabilities(form.options.model)
        caps = (form.options.job_cost_cap_usd, form.request_cost_cap_usd)
        if self.policy.has_daily_cap or any(cap is not None for cap in caps):
            model.price(form.options.model, Usage(), self.clock.now())

    def _look_up(self, repositories: tuple[RepositoryRef, ...]) -> tuple[RepositoryFacts, ...]:
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

    def _request(
        self,
        form: SubmissionForm,
        prompt: PromptVersion,
        text: str,
        repositories: tuple[RepositoryRef, ...],
    ) -> Request:
        now = self.clock.now()
        held = len(repositories) - 1 if form.options.rehearse else 0
        return Request(
            id=new_request_id(now),
            title=form.title.strip() or title_of(text),
            prompt=prompt.ref,
            kind=prompt.kind,
            prompt_text=text,
            variables=form.variables,
            repositories=repositories,
            options=form.options,
            budget=Budget(cap_usd=form.request_cost_cap_usd),
            requester=form.requester,
            created_at=now,
            origin=form.origin,
            counts=JobCounts(queued=len(repositories) - held, waiting=held),
        )

    def _hand_over(self, request: RequestId) -> None:
        """Hand queued jobs over; where the engine cannot take them now, reconcile does it later."""
        jobs = self.jobs_of(request)
        waiting = [job for job in jobs if _needs_submission(job)]
        if not waiting:
            if not all(job.state.is_terminal for job in jobs):
                self.engine.reconcile()  # whoever handed them over may not have come to the end
            return
        try:
            self.engine.submit(waiting)
        except EngineError as error:
            for job in waiting:
                self.records.add_events(job.id, [_not_handed_over(error, self.clock.now())])
            raise


def _is_held(job: Job) -> bool:
    return job.waiting is not None and job.waiting.reason is WaitingReason.HELD


def _needs_submission(job: Job) -> bool:
    return job.state is JobState.QUEUED and job.submission is None


def _not_handed_over(error: CodyBatchError, now: datetime) -> Event:
    text = f"The engine could not take the job: {error} It stays queued."
    return Event(at=now, kind=EventKind.SUBMITTED, text=text)


def _job(request: Request, index: int, fact: RepositoryFacts) -> Job:
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
        commit=fact.head_commit,
        base_branch=fact.base_branch or fact.default_branch,
        owned=fact.owned,
        lineage=Lineage(root=job, root_title=request.title, salt=token_hex(16)),
        created_at=request.created_at,
        state=JobState.WAITING if held else JobState.QUEUED,
        waiting=Waiting(reason=WaitingReason.HELD, since=request.created_at) if held else None,
    )

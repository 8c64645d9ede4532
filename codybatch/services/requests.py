"""Requests: submit one, list them, release what is held, raise a cap, cancel one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from codybatch.domain.errors import BudgetRefused, CodeHostError, ModelWithoutPrice, NothingHeld
from codybatch.domain.estimates import Estimate
from codybatch.domain.events import Event, EventKind
from codybatch.domain.identifiers import Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.domain.prompts import PromptDraft, PromptVersion
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.requests import JobCounts, Request, SkippedRepository
from codybatch.domain.states import WaitingReason
from codybatch.ports import (
    EVERYTHING,
    FIRST_PAGE,
    Clock,
    Created,
    Engine,
    Page,
    PageRequest,
    Partition,
    PartitionKind,
    Records,
)
from codybatch.services.estimates import Estimates, Forecast
from codybatch.services.identities import new_idempotency_key, new_request_id
from codybatch.services.intake import Intake, new_job
from codybatch.services.prompts import Prompts, refusal_of_archived
from codybatch.services.proposed import Admission, NothingToSubmit, Proposed
from codybatch.services.submission_form import SubmissionForm, chosen_repositories, title_of


class _Checked(NamedTuple):
    """A form of which everything is known to be right."""

    repositories: tuple[RepositoryRef, ...]
    prompt: PromptDraft
    facts: tuple[RepositoryFacts, ...]


@dataclass(frozen=True)
class Requests:
    """Use cases of requests."""

    records: Records
    engine: Engine
    prompts: Prompts
    intake: Intake
    proposed: Proposed
    estimates: Estimates
    clock: Clock

    def forecast(self, form: SubmissionForm) -> Forecast:
        """What a request may cost; it is checked like one that is submitted, and nothing is stored.

        Raises:
            UsageError, PolicyError: the form is wrong or refused, or the model has no price.
            CodeHostError, ModelError: a service could not be asked.
        """
        checked = self._checked(form)
        return self._forecast(form, checked.prompt, checked.facts)

    def check(self, form: SubmissionForm) -> None:
        """Refuse what ``submit`` would refuse now, but for pull requests that are open; nothing is
        stored.

        Raises:
            UsageError, PolicyError: the form is wrong or refused.
            CodeHostError, ModelError: a service could not be asked.
        """
        self._checked(form)

    def submit(self, form: SubmissionForm) -> Created:
        """Check everything, store the request with its jobs, and hand the jobs to the engine.

        The same idempotency key with the same form gives back the request of the first time.

        Raises:
            UsageError, PolicyError: the form is wrong or refused; nothing is stored.
            CodeHostError, ModelError: a service could not be asked; nothing is stored.
            IdempotencyConflict: the key was used for another request.
            NothingToSubmit: every repository is skipped, as was asked for; nothing is stored.
        """
        repositories, draft, facts = checked = self._checked(form)
        admission = self._admit(form, checked)
        estimate = self._estimate(form, draft, admission.facts)
        prompt, text = self._prompt_of(form)
        kept = [one for one, fact in zip(repositories, facts, strict=True) if fact in admission]
        request = self._request(form, prompt, text, tuple(kept), admission.skipped)
        request = request.with_(estimate=estimate)
        jobs = tuple(
            new_job(request, index, fact, admission.lineages.get(fact.id))
            for index, fact in enumerate(admission.facts, start=1)
        )
        key = form.idempotency_key or new_idempotency_key(request.created_at)
        return self.intake.take(request, jobs, key)

    def hindrances(self, created: Created) -> tuple[str, ...]:
        """A sentence for each open pull request that a new job joined and will not be able to
        update; none where the code host cannot be asked now, since publishing asks it again.
        """
        joined = [job for job in created.jobs if job.lineage.root != job.id]
        if created.replayed or not joined:
            return ()
        try:
            return tuple(self.proposed.hindrances(created.request.options.publish, joined))
        except CodeHostError:
            return ()

    def find(self, request: RequestId) -> Request:
        """One request.

        Raises:
            NotFound: there is none.
        """
        return self.records.request(request)

    def submitted(self, by: Person, idempotency_key: str) -> Request | None:
        """The request that a person submitted under a key; None where the key is unused."""
        return self.records.submitted(by, idempotency_key)

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
        self.intake.hand_over(request)
        return self.jobs_of(request)

    def raise_budget(self, request: RequestId, cap_usd: Decimal | None) -> Request:
        """Give a request another cost cap (US dollars; None for none); its waiting jobs go on, with
        the next tick where that comes from outside.

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
        self.engine.reconcile(self.jobs_of(request))
        return raised

    def _checked_prompt(self, form: SubmissionForm) -> PromptDraft:
        written = form.prompt
        prompt = written if isinstance(written, PromptDraft) else self.prompts.find(written)
        if self.prompts.is_archived(prompt.name) and self._earlier(form) is None:
            raise refusal_of_archived(prompt.name)
        prompt.render(form.variables)
        return prompt

    def _checked(self, form: SubmissionForm) -> _Checked:
        """Everything that can be refused before pull requests are looked at."""
        policy = self.intake.policy
        repositories = chosen_repositories(
            form.repositories, policy.allowed, policy.max_repositories, policy.host
        )
        prompt = self._checked_prompt(form)
        self.intake.check_model(form.options, form.request_cost_cap_usd)
        return _Checked(repositories, prompt, self.intake.look_up(repositories))

    def _forecast(
        self, form: SubmissionForm, prompt: PromptDraft, facts: tuple[RepositoryFacts, ...]
    ) -> Forecast:
        cap = form.request_cost_cap_usd
        return self.estimates.forecast(prompt.name, prompt.kind, form.options, cap, facts)

    def _estimate(
        self, form: SubmissionForm, prompt: PromptDraft, facts: tuple[RepositoryFacts, ...]
    ) -> Estimate | None:
        """What is expected; None for a model without a price, which may run where no cap holds."""
        try:
            return self._forecast(form, prompt, facts).total
        except ModelWithoutPrice:
            return None

    def _admit(self, form: SubmissionForm, checked: _Checked) -> Admission:
        """What to work on, where pull requests of the prompt are open already."""
        repositories, prompt, facts = checked
        earlier = self._earlier(form)
        if earlier is not None:  # it comes again; what it opened itself does not stand in its way
            return Admission.as_before(facts, earlier.skipped)
        proposed = self.proposed
        admission = proposed.admit(prompt.name, prompt.kind, form.options, repositories, facts)
        if not admission.facts:
            listed = ", ".join(one.url for one in admission.skipped)
            raise NothingToSubmit(
                f"Nothing to do: the prompt {prompt.name!r} has an open pull request in every one "
                f"of these repositories, and they are skipped: {listed}.",
                admission.skipped,
            )
        return admission

    def _earlier(self, form: SubmissionForm) -> Request | None:
        """The request that the form's key was used for, where it comes again."""
        key = form.idempotency_key
        return None if key is None else self.records.submitted(form.requester, key)

    def _prompt_of(self, form: SubmissionForm) -> tuple[PromptVersion, str]:
        """The version to run; a draft is saved only now that nothing refuses the request."""
        if isinstance(form.prompt, PromptDraft):
            prompt = self.prompts.save(form.prompt, form.requester)
        else:
            prompt = self.prompts.find(form.prompt)
        return prompt, prompt.render(form.variables)

    def _request(
        self,
        form: SubmissionForm,
        prompt: PromptVersion,
        text: str,
        repositories: tuple[RepositoryRef, ...],
        skipped: tuple[SkippedRepository, ...],
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
            skipped=skipped,
            options=form.options,
            budget=Budget(cap_usd=form.request_cost_cap_usd),
            requester=form.requester,
            created_at=now,
            origin=form.origin,
            counts=JobCounts(queued=len(repositories) - held, waiting=held),
        )


def _is_held(job: Job) -> bool:
    return job.waiting is not None and job.waiting.reason is WaitingReason.HELD

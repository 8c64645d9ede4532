"""Continuations: retry jobs, or follow up on them, as a new request of the same lineages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.domain.errors import (
    BranchNotFound,
    JobNotEnded,
    NoAllowList,
    NotContinuable,
    RepositoryRefused,
    TooManyRepositories,
)
from codybatch.domain.events import Event, EventKind
from codybatch.domain.identifiers import JobId, Person, RequestId
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.money import Budget, Usd
from codybatch.domain.records import Record
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.requests import JobCounts, Origin, OriginKind, Request, RequestOptions
from codybatch.domain.states import JobState
from codybatch.ports import (
    Clock,
    Created,
    PageRequest,
    Partition,
    PartitionKind,
    Records,
)
from codybatch.services.identities import new_request_id
from codybatch.services.intake import Intake, new_job
from codybatch.services.lineages import begins_with, followed_up, left_by, newest_ended
from codybatch.services.proposed import Proposed
from codybatch.services.submission_form import title_of

MAX_INSTRUCTIONS = 20_000
"""Characters of what a follow-up asks for; more belongs into a prompt of its own."""


class ContinuationForm(Record):
    """A retry or follow-up as a person asks for it; made by ``Continuations.form``."""

    relation: LineageRelation
    jobs: tuple[JobId, ...]
    """Those that are continued: ended, and of one request."""
    instructions: str = ""
    """Of a follow-up: what to do now."""
    same_commit: bool = False
    """Of a retry: whether it works on its parent's commit, not on the branch's head of now."""
    options: RequestOptions
    request_cost_cap_usd: Usd | None = None
    requester: Person
    idempotency_key: str | None = None
    left_out: tuple[str, ...] = ()
    """Of a whole request: a sentence for each job that is not continued, and why."""


@dataclass(frozen=True)
class Continued:
    """The new request, and what a person should know of it."""

    created: Created
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Continuations:
    """Use cases of what goes on from a job that has ended.

    One job of a lineage works at a time: the store refuses a second. The same call that comes again
    while the first is at work gives back what the first one made.
    """

    records: Records
    intake: Intake
    proposed: Proposed
    clock: Clock

    def form(
        self, relation: LineageRelation, jobs: Sequence[JobId], requester: Person
    ) -> ContinuationForm:
        """What a person fills in to continue jobs, with their request's options and cap in it.

        Raises:
            NotFound: there is no such job.
            NotContinuable: none is named, or they are of several requests.
        """
        parents = [self.records.job(job) for job in dict.fromkeys(jobs)]
        requests = list(dict.fromkeys(parent.request for parent in parents))
        if len(requests) != 1:
            raise NotContinuable(
                f"These jobs are of {len(requests)} requests ({', '.join(requests)}): continue "
                "each request's jobs in a call of their own."
                if requests
                else "Name at least one job."
            )
        request = self.records.request(requests[0])
        return ContinuationForm(
            relation=relation,
            jobs=tuple(parent.id for parent in parents),
            options=request.options.with_(rehearse=False),
            request_cost_cap_usd=request.budget.cap_usd,
            requester=requester,
        )

    def form_of_request(
        self, relation: LineageRelation, request: RequestId, requester: Person
    ) -> ContinuationForm:
        """The same for a whole request: its jobs that did not succeed, or for a follow-up all that
        have ended; but for those that others went on from.

        Raises:
            NotFound: there is no such request.
            NotContinuable: no job is left; the message says what is with each.
        """
        self.records.request(request)
        partition = Partition(PartitionKind.REQUEST, request)
        jobs = self.records.list_jobs(partition, PageRequest(limit=1000)).items
        why_not = {job.id: self._left_out(relation, job) for job in jobs}
        left_out = tuple(why for why in why_not.values() if why)
        chosen = [job for job, why in why_not.items() if not why]
        if not chosen:
            raise NotContinuable(
                f"No job of the request {request} is left to continue. {' '.join(left_out)}"
            )
        return self.form(relation, chosen, requester).with_(left_out=left_out)

    def submit(self, form: ContinuationForm) -> Continued:
        """Check everything, store the new request, and hand its jobs to the engine.

        Raises:
            JobNotEnded: a job to continue is still at work.
            LineageBusy: another job of its lineage is; nothing is stored.
            NotContinuable: there is nothing to begin from, or nothing is asked for.
            PolicyError: a setting or permission forbids it; nothing is stored.
            CodeHostError, ModelError: a service could not be asked; nothing is stored.
            IdempotencyConflict: the key was used for another request.
        """
        parents = tuple(self.records.job(job) for job in form.jobs)
        self._check(form, parents)
        self.intake.check_model(form.options, form.request_cost_cap_usd)
        facts = self._look_up(form, parents)
        request = self._request(form, parents)
        jobs = [
            self._job(request, index, form, parent, fact)
            for index, (parent, fact) in enumerate(zip(parents, facts, strict=True), start=1)
        ]
        notices = (*form.left_out, *self._notices(form, parents))
        key = form.idempotency_key or self._key(form, parents)
        created = self.records.create_request(request, jobs, key)
        if not created.replayed:
            self._tell_parents(created)
        self.intake.hand_over(created.request.id)
        return Continued(created, notices)

    # which jobs

    def _left_out(self, relation: LineageRelation, job: Job) -> str:
        if not job.state.is_terminal:
            return f"{job.id} has not ended ({job.state})."
        if relation is LineageRelation.RETRY and job.state is JobState.SUCCEEDED:
            return f"{job.id} succeeded."
        latest = newest_ended(self.records.lineage(job.lineage.root))
        if latest.id != job.id:
            return f"{job.id} was continued by {latest.id}, which ended as {latest.state}."
        return ""

    def _check(self, form: ContinuationForm, parents: Sequence[Job]) -> None:
        policy = self.intake.policy
        if not policy.allowed.patterns:
            raise NoAllowList
        if len(parents) > policy.max_repositories:
            raise TooManyRepositories(
                f"A request takes at most {policy.max_repositories} repositories, and this one "
                f"would have {len(parents)}. Continue some of the jobs at a time."
            )
        for parent in parents:
            if not parent.state.is_terminal:
                raise JobNotEnded(
                    f"The job {parent.id} has not ended ({parent.state}). Wait until it has "
                    f"(`codybatch jobs wait {parent.id}`), or cancel it."
                )
        if form.relation is LineageRelation.FOLLOW_UP:
            _check_instructions(form.instructions)
        for parent in parents:
            self._check_beginning(form.relation, parent)

    def _check_beginning(self, relation: LineageRelation, parent: Job) -> None:
        retried = relation is LineageRelation.RETRY
        begin = begins_with(parent, self.records) if retried else left_by(parent, self.records)
        if begin is not None and begin.patch is not None and not begin.patch.applies:
            raise NotContinuable(
                f"The patch of {begin.id} does not apply to its own commit, so nothing can begin "
                f"with it. Retry that job: `codybatch jobs retry {begin.id}`."
            )

    # where they work

    def _look_up(
        self, form: ContinuationForm, parents: Sequence[Job]
    ) -> tuple[RepositoryFacts, ...]:
        """What the code host says of each repository at the commit that is worked on."""
        asked = [self._where(form, parent) for parent in parents]
        try:
            found = self.intake.look_up(asked)
        except BranchNotFound as error:
            raise BranchNotFound(f"{error} {_WITHOUT_IT[form.relation]}") from None
        for parent, fact in zip(parents, found, strict=True):
            if fact.id != parent.repository_id:
                raise RepositoryRefused(
                    f"{fact.repository.full_name} is another repository than the one that "
                    f"{parent.id} worked on: that was deleted, or renamed and its name taken. "
                    "Submit a new request."
                )
        return found

    def _where(self, form: ContinuationForm, parent: Job) -> RepositoryRef:
        if self._is_pinned(form, parent):
            return parent.repository.with_(ref=parent.commit)
        return parent.repository

    def _is_pinned(self, form: ContinuationForm, parent: Job) -> bool:
        """A patch to begin with fits the commit that it was made on."""
        wanted = form.relation is LineageRelation.FOLLOW_UP or form.same_commit
        return wanted or followed_up(parent, self.records) is not None

    # the new request

    def _request(self, form: ContinuationForm, parents: Sequence[Job]) -> Request:
        earlier = self.records.request(parents[0].request)
        retried = form.relation is LineageRelation.RETRY
        now = self.clock.now()
        return Request(
            id=new_request_id(now),
            title=earlier.title if retried else title_of(form.instructions),
            prompt=earlier.prompt,
            kind=earlier.kind,
            prompt_text=earlier.prompt_text,
            variables=earlier.variables,
            repositories=tuple(parent.repository for parent in parents),
            options=form.options,
            budget=Budget(cap_usd=form.request_cost_cap_usd),
            requester=form.requester,
            created_at=now,
            origin=Origin(
                kind=OriginKind.RETRY if retried else OriginKind.FOLLOW_UP,
                job=parents[0].id if len(parents) == 1 else None,
                request=earlier.id,
            ),
            counts=JobCounts(queued=len(parents)),
        )

    def _job(
        self,
        request: Request,
        index: int,
        form: ContinuationForm,
        parent: Job,
        fact: RepositoryFacts,
    ) -> Job:
        follows = form.relation is LineageRelation.FOLLOW_UP
        lineage = parent.lineage.with_(
            parent=parent.id,
            relation=form.relation,
            instructions=form.instructions.strip() if follows else parent.lineage.instructions,
        )
        named = fact.repository.with_(ref=parent.repository.ref)
        job = new_job(request, index, fact.with_(repository=named), lineage)
        pinned = self._is_pinned(form, parent)
        return job.with_(base_branch=parent.base_branch) if pinned else job

    def _key(self, form: ContinuationForm, parents: Sequence[Job]) -> str:
        """A key that stays the same until a job of one of the lineages has ended."""
        ended = [newest_ended(self.records.lineage(parent.lineage.root)).id for parent in parents]
        asked = form.model_dump_json(exclude={"requester", "idempotency_key", "left_out"})
        digest = hashlib.sha256(json.dumps([asked, ended]).encode()).hexdigest()
        return f"{form.relation}-{digest[:32]}"

    # what people are told

    def _notices(self, form: ContinuationForm, parents: Sequence[Job]) -> list[str]:
        told = [notice for parent in parents if (notice := self._goes_back(parent))]
        return [*told, *self.proposed.hindrances(form.options.publish, parents)]

    def _goes_back(self, parent: Job) -> str:
        latest = newest_ended(self.records.lineage(parent.lineage.root))
        if latest.id == parent.id:
            return ""
        return (
            f"{parent.id} was continued by {latest.id} already. The new job goes back before it: "
            "where it is published, it takes the place of that change."
        )

    def _tell_parents(self, created: Created) -> None:
        for job in created.jobs:
            if job.lineage.parent is None:
                continue
            verb = "Retried" if job.lineage.relation is LineageRelation.RETRY else "Followed up"
            text = f"{verb} by {created.request.requester}: continued by {job.id}."
            event = Event(at=created.request.created_at, kind=EventKind.CONTINUED, text=text)
            self.records.add_events(job.lineage.parent, [event])


_WITHOUT_IT = {
    LineageRelation.RETRY: (
        "The ref or commit that the job worked on is gone from the code host: submit a new request "
        "on another one. (A retry of a follow-up, or with --same-commit, needs the very commit.)"
    ),
    LineageRelation.FOLLOW_UP: (
        "The commit that the job worked on is gone from the code host, and a follow-up begins "
        "there. Retry the job instead: that works on the branch's head of now."
    ),
}


def _check_instructions(instructions: str) -> None:
    if not instructions.strip():
        raise NotContinuable("Say what the follow-up is to do: its text is empty.")
    if len(instructions) > MAX_INSTRUCTIONS:
        raise NotContinuable(
            f"The text of a follow-up has at most {MAX_INSTRUCTIONS:,} characters, and this one "
            f"has {len(instructions):,}. Save it as a prompt, and submit that."
        )

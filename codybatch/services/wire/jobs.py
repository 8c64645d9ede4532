"""Jobs as programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field

from codybatch.domain.findings import Confidence, Finding, Verdict
from codybatch.domain.identifiers import JobId, Person, RequestId, SubmissionId
from codybatch.domain.jobs import Job, Lineage, LineageRelation, Patch, Progress, Waiting
from codybatch.domain.money import Usage, Usd
from codybatch.domain.prompts import Kind, PromptRef
from codybatch.domain.publication import (
    GateFinding,
    Publication,
    PublicationKind,
    PullRequest,
    WithheldReason,
)
from codybatch.domain.records import JsonObject, Moment
from codybatch.domain.requests import ExperimentCell
from codybatch.domain.states import EndedBecause, JobState, Phase
from codybatch.services.wire.shape import Shape, fields_of

LOG = "Where the engine keeps the log of the job's last worker: an address; null where it has none."


class PatchShown(Shape):
    """A patch by its numbers; its bytes are asked for by themselves."""

    files: int
    additions: int
    deletions: int
    sha256: str
    """Of its bytes."""

    @classmethod
    def of(cls, patch: Patch | None) -> Self | None:
        """The shape of a job's patch, where it has one."""
        if patch is None:
            return None
        blob = {"sha256": patch.blob.sha256, "size": patch.blob.size}
        known = {**fields_of(cls, patch), **blob}
        return cls(**{name: known[name] for name in cls.model_fields})


class PatchInFull(PatchShown):
    """The same with the changed paths."""

    size: int
    """Bytes."""
    paths: tuple[str, ...] = ()
    """At most 1,000."""
    applies: bool
    """Whether it was shown to apply to a fresh checkout."""
    redacts_secret: bool
    """Whether it removes a secret, and so holds one."""


class PublicationShown(Shape):
    """What became of a patch, without what only those who publish need to know of each other."""

    kind: PublicationKind
    reasons: tuple[WithheldReason, ...]
    detail: str
    branch: str | None
    intended_commit: str | None
    pushed_commit: str | None
    pull_request: PullRequest | None
    overridden_by: Person | None
    url: str | None
    """Where to look at it."""

    @classmethod
    def of(cls, publication: Publication) -> Self:
        """The shape of a publication."""
        return cls(**fields_of(cls, publication), url=publication.url)


class JobResult(Shape):
    """What came of a job: the fields that are promised, in this order."""

    id: JobId
    repository: str
    """``owner/name``."""
    commit: str
    state: JobState
    ended_because: EndedBecause | None
    were_changes_necessary: bool | None
    """Of an audit: whether any finding calls for a change; null for an ask."""
    title: str
    summary: str
    patch: PatchShown | None
    findings: tuple[Finding, ...]
    answer: JsonObject | None
    publication: PublicationShown
    usage: Usage
    cost_usd: Usd

    @classmethod
    def of(cls, job: Job) -> Self:
        """The shape of a job."""
        return cls(**cls._known(job))

    @classmethod
    def _known(cls, job: Job) -> dict[str, Any]:
        return {
            **fields_of(cls, job),
            "repository": job.repository.full_name,
            "patch": PatchShown.of(job.patch),
            "publication": PublicationShown.of(job.publication),
        }


class LineageShown(Shape):
    """A job's family."""

    root: JobId
    root_title: str
    parent: JobId | None
    relation: LineageRelation | None
    instructions: str

    @classmethod
    def of(cls, lineage: Lineage) -> Self:
        """The shape of a lineage: without its salt."""
        return cls(**fields_of(cls, lineage))


class JobShown(JobResult):
    """All that is recorded of a job: its result first, then how it came to it."""

    request: RequestId
    index: int
    request_title: str
    prompt: PromptRef
    kind: Kind
    model: str
    requester: Person
    repository_id: str
    base_branch: str
    owned: bool
    lineage: LineageShown
    created_at: Moment
    cell: ExperimentCell | None
    """Its place in an experiment, where it was made for one."""
    waiting: Waiting | None
    phase: Phase | None
    submission: SubmissionId | None
    attempts: int
    fruitless_attempts: int
    started_at: Moment | None
    ended_at: Moment | None
    seconds_worked: float
    ended_detail: str
    verification: str
    confidence: Confidence | None
    follow_ups: tuple[str, ...]
    claim_mismatch: str
    progress: Progress
    uncertain_cost_usd: Usd
    price_table: str
    conversations: int
    patch: PatchInFull | None
    gate: tuple[GateFinding, ...]
    log: str | None = Field(description=LOG)
    cancel_requested: bool

    @classmethod
    def _known(cls, job: Job) -> dict[str, Any]:
        more = {"patch": PatchInFull.of(job.patch), "lineage": LineageShown.of(job.lineage)}
        return {**super()._known(job), **more}


class Continuation(Shape):
    """A job that goes on from another."""

    id: JobId
    relation: LineageRelation | None
    state: JobState


class JobInFull(JobShown):
    """A job with those that go on from it, and what people think of it."""

    continued_by: tuple[Continuation, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    """By rater."""

    @classmethod
    def with_family(cls, job: Job, lineage: Sequence[Job], verdicts: Sequence[Verdict]) -> Self:
        """The shape of a job.

        Args:
            job: which.
            lineage: all jobs of it, oldest first.
            verdicts: of the job.
        """
        children = (
            Continuation(id=one.id, relation=one.lineage.relation, state=one.state)
            for one in lineage
            if one.lineage.parent == job.id
        )
        return cls(**cls._known(job), continued_by=tuple(children), verdicts=tuple(verdicts))


class Refusal(Shape):
    """Why something was not done."""

    code: str
    message: str


class PublishedShown(JobResult):
    """A job after it was to be published."""

    outcome: str | None = Field(default=None)
    """``published``, ``already_published``, ``nothing_to_publish`` or ``withheld``; null where it
    was refused or failed."""
    error: Refusal | None = None

    @classmethod
    def after(cls, job: Job, outcome: str | None, error: Refusal | None = None) -> Self:
        """The shape of what came of it."""
        return cls(**cls._known(job), outcome=outcome, error=error)

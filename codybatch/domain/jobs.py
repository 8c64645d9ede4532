"""Jobs: a request's work on one repository at one pinned commit."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from codybatch.domain.findings import Confidence, Finding
from codybatch.domain.identifiers import JobId, Person, RequestId, SubmissionId
from codybatch.domain.money import NOTHING, Usage, Usd
from codybatch.domain.prompts import Kind, PromptRef
from codybatch.domain.publication import GateFinding, Publication, PublicationKind
from codybatch.domain.records import JsonObject, Moment, Record
from codybatch.domain.repositories import Profile, RepositoryRef
from codybatch.domain.requests import ExperimentCell
from codybatch.domain.states import EndedBecause, JobState, Phase, WaitingReason
from codybatch.domain.threads import BlobRef, Charges, ThreadRef


class LineageRelation(StrEnum):
    """How a job continues another."""

    RETRY = "retry"
    FOLLOW_UP = "follow_up"


class Lineage(Record):
    """A job's family: the root job names the one branch and the one pull request."""

    root: JobId
    root_title: str
    """The root request's title: part of the branch's name."""
    salt: str = ""
    """Random, of the placeholders that stand for secrets in the lineage's threads. It is not shown:
    who knows it could confirm a guess at a weak secret."""
    parent: JobId | None = None
    relation: LineageRelation | None = None
    instructions: str = ""
    """Of a follow-up: what the person asked for."""


class AttemptOwner(Record):
    """Who works on a job: one process that an engine started."""

    engine: str
    engine_job: str
    """The engine's id of the job: the same over its restarts."""
    attempt: int = Field(ge=1)
    """The engine's count; a higher one of the same engine job takes over at once."""
    host: str
    pid: int | None = None
    pid_started_at: float | None = None
    """Seconds since the epoch; with the pid it names a process for good on one machine."""


class Lease(Record):
    """The right to work on a job until ``expires_at``; a higher fence makes all lower ones void."""

    job: JobId
    fence: int = Field(ge=1)
    owner: AttemptOwner
    expires_at: Moment


class Waiting(Record):
    """Why a job waits, and until when where that is known."""

    reason: WaitingReason
    since: Moment
    until: Moment | None = None
    detail: str = ""
    credential: str | None = None
    """For ``credential``: which one, by its name and fingerprint, never its value."""
    cap_usd: Usd | None = None
    """For a budget: the cap that was reached; the job goes on once it was raised."""


class Progress(Record):
    """What a heartbeat carries."""

    turn: int = 0
    cost_usd: Usd = NOTHING
    context_tokens: int = 0
    last_tool: str | None = None
    """One short phrase, such as ``edit_file src/app.py``."""
    at: Moment | None = None


class Patch(Record):
    """The job's change against its pinned commit."""

    blob: BlobRef
    files: int
    additions: int
    deletions: int
    paths: tuple[str, ...] = ()
    """At most 1,000 changed paths, for lists and comparisons."""
    applies: bool = True
    """Whether it was shown to apply to a fresh checkout."""
    redacts_secret: bool = False
    """Whether it removes a secret, and so holds one."""


class Job(Record):
    """One repository of one request.

    The fields from ``lease`` on are the store's: it fills them in when a job is read, and takes no
    notice of them when a job is written.
    """

    id: JobId
    request: RequestId
    index: int = Field(ge=1)
    request_title: str
    prompt: PromptRef
    kind: Kind
    model: str
    requester: Person
    repository: RepositoryRef
    repository_id: str
    commit: str
    """The pinned commit: 40 hex digits."""
    base_branch: str
    owned: bool
    lineage: Lineage
    created_at: Moment
    cell: ExperimentCell | None = None
    """Its place in an experiment, where it was made for one."""
    state: JobState = JobState.QUEUED
    waiting: Waiting | None = None
    phase: Phase | None = None
    submission: SubmissionId | None = None
    attempts: int = 0
    fruitless_attempts: int = 0
    """In a row, this one included: those that a fault ended before the thread was one step longer.
    One that had to wait, or was asked to leave, is none of them."""
    started_at: Moment | None = None
    ended_at: Moment | None = None
    seconds_worked: float = 0.0
    """Of finished attempts, and of this one up to its last commit; the time limit counts these."""
    ended_because: EndedBecause | None = None
    ended_detail: str = ""
    """What exactly was wrong, for people; secrets redacted."""
    were_changes_necessary: bool | None = None
    title: str = ""
    summary: str = ""
    verification: str = ""
    confidence: Confidence | None = None
    follow_ups: tuple[str, ...] = ()
    claim_mismatch: str = ""
    """Where what the model said of its change does not match the work tree."""
    profile: Profile | None = None
    progress: Progress = Progress()
    usage: Usage = Usage()
    cost_usd: Usd = NOTHING
    uncertain_cost_usd: Usd = NOTHING
    """Set aside for replies that may have been paid for and were lost; part of ``cost_usd``."""
    price_table: str = ""
    """The price table's name and version."""
    conversations: int = 0
    patch: Patch | None = None
    gate: tuple[GateFinding, ...] = ()
    findings: tuple[Finding, ...] = ()
    answer: JsonObject | None = None
    publication: Publication = Publication()
    thread: ThreadRef | None = None
    log: str | None = None
    """Where the engine keeps the log."""
    lease: Lease | None = None
    cancel_requested: bool = False
    reserved_usd: Usd = NOTHING
    version: int = 0

    @property
    def has_result(self) -> bool:
        """Whether it ended with something to judge: a patch, findings or an answer. What a person
        cancelled may be judged too, but asks nobody to.
        """
        made_something = bool(self.patch or self.findings or self.answer is not None)
        return made_something and self.state.is_terminal and self.state is not JobState.CANCELLED

    def charged(self, charges: Charges) -> Job:
        """The job with what its thread's requests cost counted, also the one that is still without
        a reply and may have been paid for. An attempt that adopts its reply later counts what that
        cost instead.
        """
        if charges.total <= self.cost_usd:
            return self
        return self.with_(
            cost_usd=charges.total,
            uncertain_cost_usd=charges.uncertain,
            progress=self.progress.with_(cost_usd=charges.total),
        )

    @property
    def is_withheld(self) -> bool:
        """Whether it ended with a patch that was to be published and was not."""
        return self.state.is_terminal and self.publication.kind is PublicationKind.WITHHELD

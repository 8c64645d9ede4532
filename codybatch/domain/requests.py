"""Requests: one prompt version over a few repositories, with options and a budget."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from codybatch.domain.estimates import Estimate
from codybatch.domain.identifiers import ExperimentId, JobId, Person, RequestId, ScheduleId
from codybatch.domain.money import Budget, Usd
from codybatch.domain.prompts import Kind, PromptRef
from codybatch.domain.publication import PublishMode
from codybatch.domain.records import Moment, Record
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.states import JobState


class Effort(StrEnum):
    """How hard the model thinks; fixed for a conversation."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


class ExistingPullRequest(StrEnum):
    """What to do where the prompt already has an open pull request."""

    UPDATE = "update"
    ANOTHER = "another"
    SKIP = "skip"


def _label(text: str) -> str:
    if not text.strip() or len(text) > MAX_LABEL or not text.isprintable():
        raise ValueError(f"{text!r} is no label: 1 to {MAX_LABEL} printable characters")
    return text.strip()


def _assignee(text: str) -> str:
    if not _LOGIN.fullmatch(text):
        raise ValueError(f"{text!r} is no login: letters, digits, dashes, underscores, without @")
    return text


def _reviewer(text: str) -> str:
    owner, is_team, team = text.partition("/")
    if not _LOGIN.fullmatch(owner) or (is_team and not _TEAM.fullmatch(team)):
        raise ValueError(f"{text!r} is no reviewer: a login without @, or org/team")
    return text


MAX_LABEL = 50
"""Characters (docs.github.com, "Managing labels")."""
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,98}(\[bot\])?")
_TEAM = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,98}")
Label = Annotated[str, AfterValidator(_label)]
Assignee = Annotated[str, AfterValidator(_assignee)]
Reviewer = Annotated[str, AfterValidator(_reviewer)]


class RequestOptions(Record):
    """How a request's jobs run."""

    model: str
    effort: Effort | None = None
    job_cost_cap_usd: Usd | None = None
    max_turns: int = Field(default=60, ge=1, le=1000)
    max_minutes: int = Field(default=45, ge=1, le=14 * 24 * 60)
    publish: PublishMode = PublishMode.NONE
    rehearse: bool = False
    """Whether only the first job runs, and the rest are held until the request is released."""
    follow_guidance_files: bool = False
    """Whether AGENTS.md and its kin are read as guidance."""
    labels: tuple[Label, ...] = Field(default=(), max_length=20)
    reviewers: tuple[Reviewer, ...] = Field(default=(), max_length=15)
    """People by their login, teams as ``org/team``; at most as many as GitHub asks."""
    assignees: tuple[Assignee, ...] = Field(default=(), max_length=10)
    existing_pull_request: ExistingPullRequest | None = None


class PullRequestWishes(Record):
    """What a person wants a pull request to carry, in place of what its request said."""

    labels: tuple[Label, ...] = Field(default=(), max_length=20)
    reviewers: tuple[Reviewer, ...] = Field(default=(), max_length=15)
    assignees: tuple[Assignee, ...] = Field(default=(), max_length=10)


class OriginKind(StrEnum):
    """What made a request."""

    PERSON = "person"
    RETRY = "retry"
    FOLLOW_UP = "follow_up"
    SCHEDULE = "schedule"
    EXPERIMENT = "experiment"


class ExperimentCell(Record):
    """The place of a request, and of its jobs, in an experiment."""

    experiment: ExperimentId
    arm: str
    """The arm's key."""
    repetition: int = Field(ge=1)
    attempt: int = Field(default=1, ge=1)
    """Above 1: made again, because the one before failed."""


class Origin(Record):
    """Where a request comes from."""

    kind: OriginKind = OriginKind.PERSON
    job: JobId | None = None
    """Of a retry or follow-up of one job: that one."""
    request: RequestId | None = None
    """Of a retry or follow-up: the request whose jobs it continues."""
    schedule: ScheduleId | None = None
    due_at: Moment | None = None
    cell: ExperimentCell | None = None


class SkippedRepository(Record):
    """A repository that a request leaves out, because the prompt's pull request is open there."""

    repository: RepositoryRef
    job: JobId
    """The job that opened or updated it last."""
    url: str
    """Of the pull request."""


class JobCounts(Record):
    """How many jobs of a request are in each state."""

    queued: int = 0
    running: int = 0
    waiting: int = 0
    succeeded: int = 0
    partial: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, state.value) for state in JobState)

    @property
    def ended(self) -> int:
        """Those in a terminal state."""
        return sum(getattr(self, state.value) for state in JobState if state.is_terminal)

    def of(self, state: JobState) -> int:
        """How many are in ``state``."""
        return int(getattr(self, state.value))

    def moved(self, before: JobState, after: JobState) -> JobCounts:
        """With one job moved from one state to another."""
        if before is after:
            return self
        return self.with_(**{before.value: self.of(before) - 1, after.value: self.of(after) + 1})


class Request(Record):
    """One prompt version, variables, repositories, options and budget, by a person."""

    id: RequestId
    title: str
    prompt: PromptRef
    kind: Kind
    prompt_text: str
    """The prompt with its variables filled in: what the model is asked."""
    variables: dict[str, str] = Field(default_factory=dict)
    repositories: tuple[RepositoryRef, ...] = Field(min_length=1)
    """Those with a job, in the order of the jobs."""
    skipped: tuple[SkippedRepository, ...] = ()
    """Those that were asked for and left out."""
    options: RequestOptions
    budget: Budget = Budget()
    estimate: Estimate | None = None
    """What its jobs were expected to cost when it was submitted; None where nothing could tell."""
    requester: Person
    created_at: Moment
    origin: Origin = Origin()
    counts: JobCounts = JobCounts()
    """Kept by the store with each change of a job."""
    released_at: Moment | None = None
    """Of a rehearsal: when the held jobs were released."""
    version: int = 0
    """Rises with every change; a writer names the one it read."""

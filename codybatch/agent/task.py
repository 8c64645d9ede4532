"""What a conversation is given and what it gives back; both travel over the pipe to the worker."""

from __future__ import annotations

from pydantic import Field

from codybatch.domain.findings import Confidence, Finding
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import NOTHING, Usage, Usd
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject, Record
from codybatch.domain.repositories import Profile, RepositoryRef
from codybatch.domain.requests import Effort
from codybatch.domain.states import EndedBecause


class Limits(Record):
    """When a conversation must stop; checked before each request."""

    max_turns: int = Field(default=60, ge=1)
    seconds_left: float = Field(default=45 * 60.0)
    """Of the job's working time, when this attempt's conversation begins."""
    cost_cap_usd: Usd | None = None
    """Of the whole job, what earlier attempts spent included."""
    max_tokens: int = Field(default=32_000, ge=1_000)
    """Of one reply, where the cap leaves room for it."""
    context_tokens: int | None = None
    """Where to hand off to a fresh conversation; worked out from the model where None."""
    max_handoffs: int = 2


class Task(Record):
    """Everything a conversation needs to begin or to go on."""

    job: JobId
    kind: Kind
    prompt_text: str
    answer_schema: JsonObject | None = None
    repository: RepositoryRef
    commit: str
    base_branch: str
    model: str
    effort: Effort | None = None
    limits: Limits
    profile: Profile
    guidance: dict[str, str] = Field(default_factory=dict)
    """Guidance files by path, only where the request says that they are to be followed."""
    follow_up: str = ""
    """Of a follow-up: what the person asks for now."""
    parent_outcome: str = ""
    """Of a follow-up: what the parent job was asked and how it ended, in words."""


class Spending(Record):
    """What a job's conversations have used so far, over all attempts."""

    turn: int = 0
    conversations: int = 0
    usage: Usage = Usage()
    cost_usd: Usd = NOTHING
    uncertain_cost_usd: Usd = NOTHING
    """Part of ``cost_usd``: charged for replies that were lost on the way."""
    context_tokens: int = 0
    last_tool: str | None = None


class ConversationEnd(Record):
    """How a conversation ended: exactly one of ``ended_because``, ``waiting``, ``interrupted``."""

    ended_because: EndedBecause | None = None
    waiting: Waiting | None = None
    interrupted: bool = False
    """The worker asked it to stop; the worker knows why."""
    detail: str = ""
    were_changes_necessary: bool | None = None
    title: str = ""
    summary: str = ""
    verification: str = ""
    confidence: Confidence | None = None
    follow_ups: tuple[str, ...] = ()
    claim_mismatch: str = ""
    findings: tuple[Finding, ...] = ()
    answer: JsonObject | None = None
    spending: Spending = Spending()
    tree: str = ""
    """The digest of the work tree at the end."""

"""Where a conversation keeps its steps: its only way to the outside but the model.

In production the other end is the worker, over a pipe (``worker/conversation.py``); a step is
committed, durably and fenced, before ``commit`` returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import Event as ThreadEvent
from typing import Protocol

from codybatch.agent.task import Spending
from codybatch.domain.events import Event
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import NOTHING, Usage, Usd
from codybatch.domain.records import Record
from codybatch.domain.threads import Step, StepKind


class StepEntry(Record):
    """A step to commit, before the worker adds job, time, fence and blob to it."""

    conversation: int
    sequence: int
    kind: StepKind
    turn: int = 0
    content: bytes | None = None
    """The step's bytes (JSON); None for a request."""
    request_sha256: str | None = None
    reserved_usd: Usd = NOTHING
    usage: Usage | None = None
    cost_usd: Usd = NOTHING
    appended: bool = True
    tree: str | None = None


@dataclass(frozen=True)
class RecordedStep:
    """A committed step with its bytes."""

    step: Step
    content: bytes | None


class Interrupted(Exception):
    """The worker asks the conversation to stop: cancelled, lease lost, or shutting down."""


class MustWait(Exception):
    """The job cannot go on now; it waits, and a later attempt continues."""

    def __init__(self, waiting: Waiting) -> None:
        """Keep why, and until when."""
        super().__init__(waiting.detail)
        self.waiting = waiting


class TurnLog(Protocol):
    """The durable record of a job's conversations, and the budget they draw on."""

    @property
    def interrupted(self) -> ThreadEvent:
        """Set when the worker asks the conversation to stop; a stream in flight is then aborted."""
        ...

    def recorded(self) -> Sequence[RecordedStep]:
        """All committed steps of the job, by conversation and sequence."""
        ...

    def adopt(self, conversation: int, sequence: int, request_sha256: str) -> bytes | None:
        """The bytes of a reply that an earlier attempt received and did not commit, where it
        answers exactly this request.
        """
        ...

    def commit(self, entries: Sequence[StepEntry], spending: Spending) -> None:
        """Commit steps in one transaction, with what the job has used so far.

        Raises:
            Interrupted: the job was cancelled, the lease is lost or the worker shuts down.
        """
        ...

    def reserve(self, amount: Decimal, spent: Decimal) -> None:
        """Make sure that ``amount`` (US dollars) is set aside for the next reply; ``spent`` is what
        the job has cost so far.

        Raises:
            MustWait: the request's or the day's cap leaves no room.
            Interrupted: as for ``commit``.
        """
        ...

    def tell(self, event: Event) -> None:
        """Add an event to the job's life; never fails, and may be delayed."""
        ...

    def heartbeat(self, spending: Spending) -> None:
        """Show progress between commits, such as the tool that runs now; never fails."""
        ...

"""The port of engines: what runs jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.submissions import Submission


class EngineState(StrEnum):
    """What an engine says of a job."""

    PENDING = "pending"
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class EngineView:
    """What an engine knows of one job."""

    job: JobId
    state: EngineState
    detail: str = ""
    """Why, where the engine says so."""
    log: str = ""
    """Where its log can be read: an address; empty where nobody knows one."""


class Engine(Protocol):
    """What runs jobs. The records say what is true; an engine only starts and stops processes."""

    name: str

    def submit(self, jobs: Sequence[Job]) -> Submission:
        """Hand queued jobs over in as few calls as the engine allows, and do not wait for them.

        Raises:
            EngineError: they could not be handed over; they stay queued, and ``reconcile`` tries
                again.
        """
        ...

    def cancel(self, job: Job) -> None:
        """Stop a running job's process soon, after the records asked it to stop."""
        ...

    def describe(self, jobs: Sequence[Job]) -> tuple[EngineView, ...]:
        """What the engine says of these jobs, in this order."""
        ...

    def reconcile(self, jobs: Sequence[Job] | None = None) -> int:
        """Bring what the engine says and what the records say together: queued jobs nobody will
        start are submitted, running ones whose process is gone are started again, waiting ones
        whose reason is gone are put back. Says how many were touched. Safe to call at any time.

        Args:
            jobs: those that there is news of or that somebody watches, so that the rest need not
                be looked at now; None looks at all, which is for whoever keeps everything going
                with the deployment's own credentials and caps, and not for a face.

        Raises:
            EngineError: the engine cannot be asked, or takes no jobs; they stay as they are.
        """
        ...

    def let_go(self) -> None:
        """Let go of connections, and leave what runs to itself; nothing may be called after."""
        ...


class WaitingJobs(Protocol):
    """Who looks after waiting jobs: what an engine asks for on each tick."""

    def put_back(self) -> int:
        """Put back every job whose reason to wait is gone; says how many."""
        ...

    def next_due(self) -> bool:
        """Whether a job waits for a time or a credential, so that somebody must look again."""
        ...

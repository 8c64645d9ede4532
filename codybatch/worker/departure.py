"""How an attempt leaves its job: settled, waiting, or queued for the next attempt."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from enum import IntEnum

from codybatch.domain.errors import CodeHostCredentialRefused, CodeHostThrottled
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.jobs import Waiting
from codybatch.domain.states import ENDINGS, EndedBecause, JobState, WaitingReason
from codybatch.domain.threads import Step, charges_of
from codybatch.ports import CredentialTrouble
from codybatch.services.threads import assemble
from codybatch.worker.attempt import Attempt
from codybatch.worker.surroundings import Surroundings

log = logging.getLogger(__name__)

CREDENTIAL_PAUSE = timedelta(minutes=15)
"""How long jobs wait before a refused credential is tried again."""


class WorkerExit(IntEnum):
    """The worker's exit status, for the engine that started it.

    Every status that begins with a 1 asks for another attempt: AGAIN, a fault of ours or of the
    store (1), and what a shell says of a process that a signal ended (128 and more; 137 for one
    that ran out of memory). 2 and 3 are wrong usage and a refusal: no attempt would go better.
    """

    DONE = 0
    """The job ended, waits, or is somebody else's."""
    AGAIN = 100
    """The job is queued: start another attempt."""


class MustWaitForService(Exception):
    """A service asks the job to wait."""

    def __init__(self, waiting: Waiting) -> None:
        """Keep why, and until when."""
        super().__init__(waiting.detail)
        self.waiting = waiting


class Departure:
    """The last write of an attempt: exactly one of its methods is called."""

    def __init__(self, attempt: Attempt, around: Surroundings) -> None:
        """Leave the job of ``attempt``."""
        self.attempt = attempt
        self.around = around

    def settle(self, because: EndedBecause, detail: str = "") -> WorkerExit:
        """End the job: the thread becomes one file, then everything changes in one write.

        Raises:
            LeaseLost: somebody else settled it, or works on it.
        """
        ending = ENDINGS[because]
        steps = self.around.records.steps(self.attempt.job.id)
        thread = assemble(self.attempt.job.id, self.attempt.lease.fence, steps, self.around.blobs)
        now = self.around.clock.now()
        self._charge(steps)
        job = self.attempt.note(
            state=ending.state,
            ended_because=because,
            ended_detail=self.around.net.clean(detail),
            ended_at=now,
            phase=None,
            thread=thread,
        )
        text = ending.sentence + (f" {job.ended_detail}" if job.ended_detail else "")
        level = EventLevel.ERROR if ending.state is JobState.FAILED else EventLevel.INFO
        event = Event(at=now, kind=EventKind.ENDED, text=text, level=level)
        self.around.records.settle(self.attempt.lease, job, [*self.attempt.untold(), event])
        return WorkerExit.DONE

    def wait(self, waiting: Waiting, *, after_fault: bool = False) -> WorkerExit:
        """Leave the job waiting; a refused credential stops every other job that uses it, too.

        Args:
            waiting: why, and until when.
            after_fault: whether this attempt counts as one that brought nothing.

        Raises:
            LeaseLost: somebody else works on it.
        """
        waiting = waiting.with_(detail=self.around.net.clean(waiting.detail))
        if waiting.reason is WaitingReason.CREDENTIAL:
            waiting = self._note_trouble(waiting)
        if not after_fault:
            self._forgive()
        job = self.attempt.note(state=JobState.WAITING, waiting=waiting, phase=None)
        event = self._warning(EventKind.WAITING, _waiting_text(waiting))
        self.around.records.release(self.attempt.lease, job, [*self.attempt.untold(), event])
        return WorkerExit.DONE

    def hand_on(self) -> WorkerExit:
        """Leave the job queued, because this process was asked to stop.

        Raises:
            LeaseLost: somebody else works on it.
        """
        text = "The worker was asked to stop; another goes on where it stopped."
        event = Event(at=self.around.clock.now(), kind=EventKind.RELEASED, text=text)
        self._forgive()
        return self._release(event)

    def try_again(self, error: Exception) -> WorkerExit:
        """Leave the job queued, because another attempt may get further.

        Raises:
            LeaseLost: somebody else works on it.
        """
        log.warning("%s: %s", self.attempt.job.id, self.around.net.clean(str(error)))
        text = self.around.net.clean(f"{error} Trying again.")
        return self._release(self._warning(EventKind.RETRIED, text))

    def _charge(self, steps: Sequence[Step]) -> None:
        """Count what the thread cost, with a reply that is still missing."""
        charged = self.attempt.job.charged(charges_of(steps))
        self.attempt.note(
            cost_usd=charged.cost_usd,
            uncertain_cost_usd=charged.uncertain_cost_usd,
            progress=charged.progress,
        )

    def _forgive(self) -> None:
        """That this attempt ends here is nobody's fault, so it brings the job no nearer its end."""
        self.attempt.note(fruitless_attempts=max(0, self.attempt.job.fruitless_attempts - 1))

    def _release(self, event: Event) -> WorkerExit:
        self._charge(self.around.records.steps(self.attempt.job.id))
        job = self.attempt.note(state=JobState.QUEUED, phase=None)
        self.around.records.release(self.attempt.lease, job, [*self.attempt.untold(), event])
        return WorkerExit.AGAIN

    def _note_trouble(self, waiting: Waiting) -> Waiting:
        until = waiting.until or waiting.since + CREDENTIAL_PAUSE
        credential = waiting.credential or self.around.credential
        self.around.records.note_credential_trouble(
            CredentialTrouble(credential, waiting.detail, waiting.since, until)
        )
        return waiting.with_(until=until, credential=credential)

    def _warning(self, kind: EventKind, text: str) -> Event:
        at = self.around.clock.now()
        return Event(at=at, kind=kind, text=text, level=EventLevel.WARNING)


def service_asks_to_wait(
    error: CodeHostThrottled | CodeHostCredentialRefused, around: Surroundings
) -> MustWaitForService:
    """What a code host's answer means for the job."""
    now = around.clock.now()
    if isinstance(error, CodeHostThrottled):
        reason, until, credential = WaitingReason.THROTTLED, error.until, None
    else:
        reason, until = WaitingReason.CREDENTIAL, now + CREDENTIAL_PAUSE
        credential = around.code_host_credential
    return MustWaitForService(
        Waiting(reason=reason, since=now, until=until, detail=str(error), credential=credential)
    )


def _waiting_text(waiting: Waiting) -> str:
    until = f" until {waiting.until:%Y-%m-%d %H:%M} UTC" if waiting.until else ""
    return f"Waits{until}: {waiting.detail or waiting.reason}"

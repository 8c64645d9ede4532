"""Taking a job back from a worker that is gone: it is queued again, cancelled, or given up."""

from __future__ import annotations

import logging
import socket

from codybatch.domain.errors import IllegalTransition, JobEnded, LeaseHeld, LeaseLost
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.jobs import AttemptOwner, Job
from codybatch.domain.states import ENDINGS, EndedBecause, JobState
from codybatch.domain.threads import charges_of
from codybatch.engines.aws_batch.container import ENGINE_NAME
from codybatch.ports import Clock, Records

log = logging.getLogger(__name__)

_TAKEN_MEANWHILE = (IllegalTransition, JobEnded, LeaseHeld, LeaseLost)


class TakingBack:
    """Changes the records of jobs whose worker is known to be gone."""

    def __init__(self, records: Records, clock: Clock) -> None:
        """Change ``records``."""
        self._records = records
        self._clock = clock

    def queued(self, job: Job, told: str) -> Job | None:
        """The job, queued for a next worker; None where somebody else has it, or it was cancelled.

        Args:
            job: queued, or running under a worker that is gone.
            told: what went wrong, for people; empty where nothing did.
        """
        events = self._events(EventKind.RETRIED, EventLevel.WARNING, told)
        if job.state is JobState.RUNNING:
            if not self._release(job, events):
                return None
        elif events:
            self._records.add_events(job.id, events)
        if job.cancel_requested:
            self._records.request_cancel(job.id, self._clock.now(), job.requester)
            return None
        return self._records.job(job.id)

    def give_up(self, job: Job, times: int, reason: str, address: str) -> None:
        """End a job that no worker can begin."""
        where = f" Its log: {address}" if address else ""
        detail = f"AWS Batch could not run it, {times} times in a row: {reason}.{where}"
        because, now = EndedBecause.INTERNAL_ERROR, self._clock.now()
        events = self._events(EventKind.ENDED, EventLevel.ERROR, detail)
        try:
            taken = self._records.claim(job.id, self._owner(job), now, now)
            if taken.lease is None:
                return
            ended = taken.with_(
                state=ENDINGS[because].state,
                ended_because=because,
                ended_detail=detail,
                ended_at=now,
            )
            self._records.settle(taken.lease, ended, events)
        except _TAKEN_MEANWHILE as reason_to_leave:
            log.info("%s is not given up: %s", job.id, reason_to_leave)

    def _release(self, job: Job, events: list[Event]) -> bool:
        """Put a running job into the queue, with what its lost replies may have cost."""
        now = self._clock.now()
        try:
            taken = self._records.claim(job.id, self._owner(job), now, now)
            if taken.lease is None:
                return False
            self._records.release(taken.lease, self._charged(taken), events)
        except _TAKEN_MEANWHILE as reason:
            log.info("%s is left to its worker: %s", job.id, reason)
            return False
        return True

    def _charged(self, job: Job) -> Job:
        queued = job.with_(state=JobState.QUEUED, phase=None)
        return queued.charged(charges_of(self._records.steps(job.id)))

    def _owner(self, job: Job) -> AttemptOwner:
        """The successor of the worker that is gone: it need not wait for its lease to run out."""
        gone = job.lease.owner if job.lease else None
        is_ours = gone is not None and gone.engine == ENGINE_NAME
        return AttemptOwner(
            engine=ENGINE_NAME,
            engine_job=gone.engine_job if gone and is_ours else f"sweep:{job.id}",
            attempt=gone.attempt + 1 if gone and is_ours else 1,
            host=socket.gethostname(),
        )

    def _events(self, kind: EventKind, level: EventLevel, told: str) -> list[Event]:
        now = self._clock.now()
        return [Event(at=now, kind=kind, text=told, level=level)] if told else []

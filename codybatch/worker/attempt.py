"""One attempt at a job: its lease, its heartbeat, what it knows, and why it must stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event as ThreadEvent
from threading import RLock, Thread
from typing import Any, Self

from codybatch.domain.errors import LeaseLost, StoreError
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.jobs import Job, Lease, Progress
from codybatch.domain.states import Phase
from codybatch.domain.threads import Step
from codybatch.ports import Clock, Records, Signal
from codybatch.services.wording import PHASES

HEARTBEAT_SECONDS = 3.0
LEASE_FOR = timedelta(seconds=30)


class StopReason(StrEnum):
    """Why an attempt must stop."""

    CANCELLED = "cancelled"
    LEASE_LOST = "lease_lost"
    SHUTDOWN = "shutdown"


class Stopped(Exception):
    """The attempt must stop; ``Attempt.stop_reason`` says why."""


class Attempt:
    """A claimed job while this process works on it.

    Every write goes through here, fenced by the lease. A thread renews the lease; what it learns,
    and what signals ask for, sets ``interrupted``.
    """

    def __init__(self, job: Job, lease: Lease, records: Records, clock: Clock) -> None:
        """Hold ``job``, which was just claimed with ``lease``."""
        self.job = job
        self.lease = lease
        self.interrupted = ThreadEvent()
        self.stop_reason: StopReason | None = None
        self.on_stop: Callable[[], None] | None = None
        self._records = records
        self._clock = clock
        self._began = clock.monotonic()
        self._worked_before = job.seconds_worked
        self._lock = RLock()
        self._telling = RLock()
        self._untold: list[Event] = []
        self._finished = ThreadEvent()
        self._heart = Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> Self:
        """Start the heartbeat."""
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the heartbeat."""
        self._finished.set()
        self._heart.join()
        self._tell_now()

    def stop(self, reason: StopReason) -> None:
        """Ask this attempt to stop; the first reason is kept, but a lost lease outranks all."""
        with self._lock:
            if self.stop_reason is None or reason is StopReason.LEASE_LOST:
                self.stop_reason = reason
        self.interrupted.set()
        if self.on_stop:
            self.on_stop()

    def stop_soon(self, reason: StopReason) -> None:
        """Ask this attempt to stop, from a signal handler: the lock may be held by the code it
        interrupted, so another thread asks.
        """
        Thread(target=self.stop, args=(reason,), daemon=True, name="stop").start()

    def check(self) -> None:
        """Go on, unless the attempt must stop.

        Raises:
            Stopped: it must.
        """
        if self.interrupted.is_set():
            raise Stopped

    def note(self, **changes: Any) -> Job:
        """Change what this process knows of the job; the next commit stores it."""
        with self._lock:
            worked = self._worked_before + self._clock.monotonic() - self._began
            self.job = self.job.with_(**{"seconds_worked": round(worked, 3), **changes})
            return self.job

    def commit(
        self, steps: Sequence[Step] = (), events: Sequence[Event] = (), **changes: Any
    ) -> None:
        """Store the job as noted and with these changes, with steps and events.

        Raises:
            Stopped: the lease is lost (nothing was stored), or the job was cancelled (it was).
        """
        job = self.note(**changes, **({"fruitless_attempts": 0} if steps else {}))
        try:
            with self._telling:
                told = [*self.untold(), *events]
                signal = self._records.commit(self.lease, job, steps, told)
        except LeaseLost:
            self.stop(StopReason.LEASE_LOST)
            raise Stopped from None
        self._obey(signal)
        self.check()

    def enter(self, phase: Phase) -> None:
        """Begin a phase.

        Raises:
            Stopped: as for ``commit``.
        """
        event = Event(at=self._clock.now(), kind=EventKind.PHASE, text=f"{PHASES[phase]}.")
        self.commit(events=[event], phase=phase)

    def tell(self, kind: EventKind, text: str, level: EventLevel = EventLevel.INFO) -> None:
        """Add an event to the job's life."""
        self.tell_event(Event(at=self._clock.now(), kind=kind, text=text, level=level))

    def tell_event(self, event: Event) -> None:
        """Add a ready event: a warning at once, another with the next commit or heartbeat, since a
        write of its own costs as much as the turn it tells of. An event that cannot be stored does
        not stop the work.
        """
        with self._telling:
            self._untold.append(event)
        if event.level is not EventLevel.INFO:
            self._tell_now()

    def untold(self) -> list[Event]:
        """Take the events that nobody has stored yet, to store them."""
        with self._telling:
            taken, self._untold = self._untold, []
            return taken

    def _tell_now(self) -> None:
        with self._telling, suppress(StoreError):
            if events := self.untold():
                self._records.add_events(self.job.id, events)

    def _beat(self) -> None:
        while not self._finished.wait(HEARTBEAT_SECONDS):
            try:
                self._obey(self._records.renew(self.lease, self._progress(), self._expiry()))
                self._tell_now()
            except LeaseLost:
                self.stop(StopReason.LEASE_LOST)
                return
            except StoreError:
                continue  # the lease still runs; the next beat tries again

    def _progress(self) -> Progress:
        with self._lock:
            return self.job.progress.with_(at=self._clock.now())

    def _expiry(self) -> datetime:
        return self._clock.now() + LEASE_FOR

    def _obey(self, signal: Signal) -> None:
        if signal.cancel_requested:
            self.stop(StopReason.CANCELLED)

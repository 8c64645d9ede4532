"""The dispatcher: one process a home directory that keeps queued jobs running on this machine.

It holds nothing that is not in the records: when it is killed, the next one adopts the workers that
live and starts again those that died. SIGTERM drains (workers commit and leave); SIGHUP hands over
to a dispatcher with other settings (workers stay).
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event as ThreadEvent

from codybatch.domain.errors import CodyBatchError, DispatcherRunning, LeaseHeld, NotFound
from codybatch.domain.events import KEPT_FOR, Event, EventKind, EventLevel
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import AttemptOwner, Job
from codybatch.domain.states import ENDINGS, EndedBecause, JobState
from codybatch.engines.local.crew import ENGINE_NAME, Crew, Worker
from codybatch.engines.local.processes import ProcessName, process_of, this_host
from codybatch.engines.local.restarts import Restarts
from codybatch.engines.local.station import DispatcherStatus, Station
from codybatch.ports import Clock, PageRequest, Partition, PartitionKind, Records, WaitingJobs

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How long between two looks."""
TICK_SECONDS = 1.0
"""How long between two looks at the waiting jobs."""
IDLE_SECONDS = 5.0
"""How long there must be nothing to do before a dispatcher leaves."""
DRAIN_SECONDS = 30.0
"""How long workers may take to leave."""


@dataclass(frozen=True)
class DispatcherSettings:
    """How much runs at once, how long an idle dispatcher stays, and what it was configured with."""

    max_parallel: int
    fingerprint: str
    """Of all settings; a dispatcher with others takes this one's place."""
    idle_seconds: float = IDLE_SECONDS


class Dispatcher:
    """Starts workers, looks after them, and leaves when there is nothing to do."""

    def __init__(
        self,
        records: Records,
        waiting: WaitingJobs,
        station: Station,
        crew: Crew,
        clock: Clock,
        settings: DispatcherSettings,
    ) -> None:
        """Dispatch the jobs of ``records``."""
        self._records = records
        self._waiting = waiting
        self._station = station
        self._crew = crew
        self._clock = clock
        self._settings = settings
        self._restarts = Restarts(clock)
        self._since = clock.now()
        self._tick_at = 0.0
        self._stop = ThreadEvent()
        self._hand_over = False
        self._trouble = ""
        """Why the last look failed."""

    def run(self) -> None:
        """Dispatch until idle, drained or replaced.

        Raises:
            DispatcherRunning: another dispatcher serves this home directory.
        """
        self._station.take()
        self._listen_to_signals()
        log.info("dispatcher %s begins, %s jobs at once", os.getpid(), self._settings.max_parallel)
        self._forget_old_events()
        self._remove_left_work_trees()
        while True:
            self._work_until_idle()
            self._station.leave()
            if self._stop.is_set() or not self._work_came_meanwhile():
                return

    def _remove_left_work_trees(self) -> None:
        """Killed workers leave work trees, and perhaps the file of a credential in use."""
        for folder in self._station.work_trees():
            try:
                runs = self._records.job(JobId(folder.name)).state is JobState.RUNNING
            except NotFound:
                runs = False
            if not runs:
                shutil.rmtree(folder, ignore_errors=True)

    def _work_came_meanwhile(self) -> bool:
        """Whether a submitter saw our lock just before we let go of it, and relies on us."""
        if not self._has_work():
            return False
        try:
            self._station.take()
        except DispatcherRunning:
            return False
        return True

    def _listen_to_signals(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        signal.signal(signal.SIGINT, lambda *_: self._stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._replaced())

    def _replaced(self) -> None:
        self._hand_over = True
        self._stop.set()

    def _work_until_idle(self) -> None:
        busy_at = self._clock.monotonic()
        while not self._stop.is_set():
            if not self._is_idle_after_look():
                busy_at = self._clock.monotonic()
            elif self._clock.monotonic() - busy_at >= self._settings.idle_seconds:
                log.info("nothing to do: the dispatcher leaves")
                return
            self._clock.sleep(LOOK_SECONDS, self._stop)
        if not self._hand_over:
            self._drain()

    def _is_idle_after_look(self) -> bool:
        try:
            self.look()
            idle = not self._crew and not self._has_work()
        except CodyBatchError as error:
            if error.message != self._trouble:  # four times a second, a log would fill the disk
                log.exception("this look failed; looking again until it does not")
            self._trouble = error.message
            return False
        self._trouble = ""
        return idle

    def look(self) -> None:
        """One look: reap what ended, put back what may go on, start what can run."""
        for worker in self._crew.reap():
            self._note_end(worker)
        if self._clock.monotonic() >= self._tick_at:
            self._waiting.put_back()
            self._tick_at = self._clock.monotonic() + TICK_SECONDS
        for job in self._jobs(JobState.RUNNING):
            if job.id not in self._crew:
                self._resume(job)
        for job in self._jobs(JobState.QUEUED):
            if self._is_full():
                break
            if job.id not in self._crew:
                self._start(job)
        self._write_status()

    def _is_full(self) -> bool:
        return len(self._crew) >= self._settings.max_parallel

    def _jobs(self, state: JobState) -> Iterator[Job]:
        """The first jobs of a state, oldest first: as many as could matter in one look."""
        page = PageRequest(
            limit=self._settings.max_parallel + len(self._crew) + 8, oldest_first=True
        )
        yield from self._records.list_jobs(Partition(PartitionKind.STATE, state), page).items

    def _resume(self, job: Job) -> None:
        """A running job that has no worker of ours: adopt its worker, or start it again."""
        if self._crew.adopt(job):
            return
        lease = job.lease
        name = process_of(lease.owner) if lease else None
        dead_here = name is not None and name.is_gone()
        expired = lease is None or lease.expires_at <= self._clock.now()
        if (dead_here or expired) and not self._is_full():
            self._start(job)

    def _start(self, job: Job) -> None:
        if not self._restarts.may_start(job.id):
            return
        if self._restarts.is_hopeless(job.id):
            self._give_up(job)
            return
        try:
            self._crew.start(job)
        except OSError as error:
            log.warning("no worker could be started for %s: %s", job.id, error)
            self._restarts.failed(job.id)

    def _note_end(self, worker: Worker) -> None:
        job = self._records.job(worker.job)
        if job.state.is_terminal or job.state is JobState.WAITING:
            self._restarts.forget(worker.job)
            return
        log.warning("the worker of %s left with status %s", worker.job, worker.status)
        self._restarts.ended(worker.job, job.attempts, job.fruitless_attempts)

    def _give_up(self, job: Job) -> None:
        """End a job whose workers die before they can claim it."""
        now = self._clock.now()
        # Without a pid: should this fail half-way, the next look must not adopt this very process.
        owner = AttemptOwner(
            engine=ENGINE_NAME,
            engine_job=f"{ENGINE_NAME}:{job.id}",
            attempt=job.attempts + 1,
            host=this_host(),
        )
        try:
            taken = self._records.claim(job.id, owner, now, now)
        except LeaseHeld:
            return
        because = EndedBecause.INTERNAL_ERROR
        log_file = self._station.log_of(job.id)
        detail = f"Its worker cannot be started; the reason stands in {log_file}."
        event = Event(at=now, kind=EventKind.ENDED, text=detail, level=EventLevel.ERROR)
        ended = taken.with_(
            state=ENDINGS[because].state, ended_because=because, ended_detail=detail, ended_at=now
        )
        if taken.lease:
            self._records.settle(taken.lease, ended, [event])
        self._restarts.forget(job.id)

    def _has_work(self) -> bool:
        counts = self._records.job_counts()
        return bool(counts.queued or counts.running or self._waiting.next_due())

    def _drain(self) -> None:
        log.info("draining: %s workers are asked to leave", len(self._crew))
        self._crew.ask_to_stop()
        self._write_status(draining=True)
        until = self._clock.monotonic() + DRAIN_SECONDS
        while self._crew and self._clock.monotonic() < until:
            self._crew.reap()
            self._clock.sleep(0.1)

    def _write_status(self, draining: bool = False) -> None:
        name = ProcessName.of(os.getpid())
        status = DispatcherStatus(
            pid=os.getpid(),
            pid_started_at=name.started_at if name else 0.0,
            settings=self._settings.fingerprint,
            since=self._since,
            workers=self._crew.pids(),
            draining=draining,
        )
        with suppress(OSError):  # a full disk must not end who starts the jobs
            self._station.write_status(status)

    def _forget_old_events(self) -> None:
        self._records.forget_events(self._clock.now() - KEPT_FOR)

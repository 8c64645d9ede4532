"""The local engine's port: makes submissions, and sees to it that a dispatcher runs."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence

from ulid import ULID

from codybatch.domain.errors import EngineError
from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.engines.local.crew import ENGINE_NAME, LaunchCommand
from codybatch.engines.local.processes import process_of
from codybatch.engines.local.station import DispatcherStatus, Station
from codybatch.ports import Clock, EngineState, EngineView, Records, WaitingJobs

START_SECONDS = 20.0
"""How long a dispatcher may take to take its place, on a slow machine."""
POLL_SECONDS = 0.05


class LocalEngine:
    """Runs jobs as processes of this machine."""

    name = ENGINE_NAME

    def __init__(
        self,
        records: Records,
        waiting: WaitingJobs,
        station: Station,
        clock: Clock,
        command: LaunchCommand,
        settings: str,
    ) -> None:
        """Start dispatchers with ``command``; ``settings`` is a fingerprint of the settings."""
        self._records = records
        self._waiting = waiting
        self._station = station
        self._clock = clock
        self._command = command
        self._settings = settings
        self._children: list[subprocess.Popen[bytes]] = []
        """Dispatchers that this process started: they outlive it, or are reaped when they leave."""

    def submit(self, jobs: Sequence[Job]) -> Submission:
        """Note the jobs as one submission; the dispatcher finds them.

        Raises:
            EngineError: no dispatcher can be started; the jobs stay queued.
        """
        submission = Submission(
            id=SubmissionId(str(ULID.from_datetime(self._clock.now())).lower()),
            engine=ENGINE_NAME,
            jobs=tuple(job.id for job in jobs),
            created_at=self._clock.now(),
        )
        self._records.add_submission(submission)
        self.ensure_dispatcher()
        return submission

    def cancel(self, job: Job) -> None:
        """See that somebody heeds it: a living worker does with its next heartbeat.

        Raises:
            EngineError: the worker is dead, and no dispatcher can be started to end its job.
        """
        heeded = job.state is not JobState.RUNNING or _state(job) is EngineState.RUNNING
        if not heeded and not self._station.is_taken():
            self._start()

    def describe(self, jobs: Sequence[Job]) -> tuple[EngineView, ...]:
        """What the processes of this machine say of the jobs."""
        return tuple(EngineView(job.id, _state(job)) for job in jobs)

    def reconcile(self, jobs: Sequence[Job] | None = None) -> int:  # noqa: ARG002 - it sees all
        """Put back what may go on, and see that a dispatcher runs where there is work.

        One that runs with other settings is left alone: it looks after everything itself, and who
        only watches jobs must not make them go on with other keys than they were submitted with.
        """
        status = self._station.status()
        if status is not None and status.settings != self._settings:
            return 0
        return self.take_over()

    def take_over(self) -> int:
        """Like ``reconcile``; and these settings take the place of those a dispatcher runs with.

        Raises:
            EngineError: no dispatcher can be started.
        """
        touched = self._waiting.put_back()
        counts = self._records.job_counts()
        if counts.queued or counts.running or self._waiting.next_due():
            self.ensure_dispatcher()
        return touched

    def status(self) -> DispatcherStatus | None:
        """What the dispatcher says of itself; None where none runs."""
        return self._station.status()

    def stop(self) -> bool:
        """Ask the dispatcher to drain, and wait until it has left; False where none runs."""
        status = self._station.status()
        if status is None or not status.process.signal(signal.SIGTERM):
            self.reap()
            return False
        self._wait_until_left(60.0)
        for child in self._children:
            if child.pid == status.pid:
                child.wait()
        self.reap()
        return True

    def reap(self) -> None:
        """Take leave of dispatchers that this process started and that have ended."""
        self._children = [child for child in self._children if child.poll() is None]

    def ensure_dispatcher(self) -> None:
        """See that a dispatcher with these settings runs.

        Raises:
            EngineError: it cannot be started.
        """
        if self._station.is_taken():
            status = self._station.status()
            if status is None or status.settings == self._settings:
                return
            status.process.signal(signal.SIGHUP)
            self._wait_until_left(START_SECONDS)
        self._start()

    def let_go(self) -> None:
        """Leave what was started to itself: it outlives us, which Python would warn about."""
        for child in self._children:
            if child.poll() is None:
                child.returncode = 0
        self._children.clear()

    def _start(self) -> None:
        log = self._station.dispatcher_log()
        with log.open("ab") as output:
            child = subprocess.Popen(
                (*self._command.arguments, "dispatcher", "run"),
                env=dict(self._command.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",  # it outlives us, and must not hold on to a person's folder
            )
        self._children.append(child)
        until = time.monotonic() + START_SECONDS
        while not self._has_begun(child.pid):
            if child.poll() is not None and self._station.is_taken():
                return  # somebody else's dispatcher was faster
            if child.poll() is not None or time.monotonic() > until:
                raise EngineError(f"The dispatcher did not start; the reason stands in {log}.")
            time.sleep(POLL_SECONDS)

    def _has_begun(self, pid: int) -> bool:
        status = self._station.status()
        return status is not None and status.pid == pid

    def _wait_until_left(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._station.is_taken():
            if time.monotonic() > until:
                raise EngineError(
                    "The dispatcher does not leave. `codybatch dispatcher status` shows it."
                )
            time.sleep(POLL_SECONDS)


def _state(job: Job) -> EngineState:
    if job.state.is_terminal:
        return EngineState.ENDED
    if job.state is not JobState.RUNNING:
        return EngineState.PENDING
    name = process_of(job.lease.owner) if job.lease else None
    if name is None:
        return EngineState.UNKNOWN
    return EngineState.RUNNING if name.is_alive() else EngineState.ENDED

"""The worker processes of a dispatcher: started, adopted, reaped, asked to stop."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.engines.local.processes import ProcessName, process_of
from codybatch.engines.local.station import Station

ENGINE_NAME = "local"


@dataclass(frozen=True)
class LaunchCommand:
    """How this program is started again: ``arguments`` and then a command's words."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def for_worker(self, job: JobId, engine_job: str, attempt: int) -> LaunchCommand:
        """The command that starts a worker."""
        words = ("worker", "run", job, "--engine-job", engine_job, "--attempt", str(attempt))
        return LaunchCommand((*self.arguments, *words), self.environment)


@dataclass
class Worker:
    """A worker process: our child, or one that an earlier dispatcher started."""

    job: JobId
    name: ProcessName
    child: subprocess.Popen[bytes] | None = None

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.child.poll() is None if self.child else self.name.is_alive()

    @property
    def status(self) -> int | None:
        """How our child ended; None while it runs, and for an adopted one."""
        return self.child.returncode if self.child else None


class Crew:
    """All workers of this machine that the dispatcher knows."""

    def __init__(self, station: Station, command: LaunchCommand) -> None:
        """Start workers with ``command``; their logs go to the station."""
        self._station = station
        self._command = command
        self._workers: dict[JobId, Worker] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._workers)

    def __contains__(self, job: object) -> bool:
        """Whether a job has a worker."""
        return job in self._workers

    def pids(self) -> dict[JobId, int]:
        """The pid of each job's worker."""
        return {job: worker.name.pid for job, worker in self._workers.items()}

    def start(self, job: Job) -> None:
        """Start a worker for a job, in a session of its own: it outlives its dispatcher.

        Raises:
            OSError: it cannot be started.
        """
        attempt = max(job.attempts, job.lease.owner.attempt if job.lease else 0) + 1
        command = self._command.for_worker(job.id, f"{ENGINE_NAME}:{job.id}", attempt)
        with self._station.log_of(job.id).open("ab") as log:
            child = subprocess.Popen(
                command.arguments,
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        name = ProcessName.of(child.pid) or ProcessName(child.pid, 0.0)
        self._workers[job.id] = Worker(job.id, name, child)

    def adopt(self, job: Job) -> bool:
        """Take over a living worker that another dispatcher started; False where it is dead."""
        name = process_of(job.lease.owner) if job.lease else None
        if name is None or not name.is_alive():
            return False
        self._workers[job.id] = Worker(job.id, name)
        return True

    def reap(self) -> list[Worker]:
        """Take out the workers that have ended, and give them back."""
        ended = [worker for worker in self._workers.values() if not worker.is_alive()]
        for worker in ended:
            del self._workers[worker.job]
        return ended

    def ask_to_stop(self) -> None:
        """Ask all of them to commit what is there and leave."""
        for worker in self._workers.values():
            worker.name.signal(signal.SIGTERM)

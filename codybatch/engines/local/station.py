"""The dispatcher's files in the home directory: its lock, its status, and the logs."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import Field

from codybatch.domain.errors import DispatcherRunning, EngineError
from codybatch.domain.identifiers import JobId
from codybatch.domain.records import Moment, Record
from codybatch.engines.local.processes import ProcessName

TAKE_SECONDS = 1.0
"""Longer than anybody who only looks holds the lock."""


class DispatcherStatus(Record):
    """What a dispatcher says of itself."""

    pid: int
    pid_started_at: float
    settings: str
    """A fingerprint of the settings it began with."""
    since: Moment
    workers: dict[JobId, int] = Field(default_factory=dict)
    """The pid of each job's worker."""
    draining: bool = False

    @property
    def process(self) -> ProcessName:
        """The dispatcher's process."""
        return ProcessName(self.pid, self.pid_started_at)


class Station:
    """The place in a home directory where at most one dispatcher stands."""

    def __init__(self, home: Path) -> None:
        """Use ``home``; nothing is made before it is needed."""
        self.home = home
        self.folder = home / "dispatcher"
        self.logs = home / "logs"
        self._lock = FileLock(self.folder / "lock", timeout=TAKE_SECONDS)

    def take(self) -> None:
        """Become the one dispatcher.

        Raises:
            DispatcherRunning: another process is.
        """
        self._make(self.folder)
        try:
            self._lock.acquire()
        except Timeout:
            raise DispatcherRunning from None

    def leave(self) -> None:
        """Stop being the dispatcher."""
        self._lock.release()

    def is_taken(self) -> bool:
        """Whether a dispatcher stands here now."""
        self._make(self.folder)
        try:
            with self._lock.acquire(timeout=0):
                return False
        except Timeout:
            return True

    def write_status(self, status: DispatcherStatus) -> None:
        """Replace the status whole; what is lost in a power cut is written again at once."""
        self._make(self.folder)
        draft = self.folder / f"status.{os.getpid()}"
        draft.write_text(status.to_json())
        draft.replace(self.folder / "status.json")

    def status(self) -> DispatcherStatus | None:
        """What the last dispatcher said of itself; None where it does not run (any more)."""
        try:
            text = (self.folder / "status.json").read_text()
            status = DispatcherStatus.model_validate_json(text)
        except (OSError, ValueError):
            return None
        return status if status.process.is_alive() else None

    def work_trees(self) -> tuple[Path, ...]:
        """The folders of jobs that run, or whose worker was killed; each has its job's name."""
        work = self.home / "work"
        return tuple(work.iterdir()) if work.is_dir() else ()

    def log_of(self, job: JobId) -> Path:
        """Where a job's workers write their log."""
        self._make(self.logs)
        return self.logs / f"{job}.log"

    def dispatcher_log(self) -> Path:
        """Where dispatchers write their log."""
        self._make(self.logs)
        return self.logs / "dispatcher.log"

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                f"The folder {folder} cannot be made ({error.strerror}). "
                "Set CODYBATCH_HOME to a folder that you may write to."
            ) from None

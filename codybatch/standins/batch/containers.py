"""Containers: a process of this machine for each, with its log in a file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

SIGNALLED = 128
"""What a shell adds to a signal's number where it tells an exit code."""


@dataclass(frozen=True)
class Host:
    """Stands for the image and the job definition's variables.

    Arguments:
        entry_point: what stands before each job's command.
        environment: what every container gets, beside what Batch adds.
        logs: the folder of the log files.
        grace_seconds: between SIGTERM and SIGKILL; 30 on AWS, where nothing else is set.
    """

    entry_point: tuple[str, ...]
    environment: Mapping[str, str]
    logs: Path
    grace_seconds: float = 30.0

    def log_file(self, stream: str) -> Path:
        """The file of a log stream."""
        return self.logs / f"{stream.replace('/', '~')}.log"

    def start(
        self, command: tuple[str, ...], environment: Mapping[str, str], stream: str
    ) -> Container:
        """Start a container.

        Raises:
            OSError: there is no such program.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log_file(stream).open("ab") as log:
            process = subprocess.Popen(
                (*self.entry_point, *command),
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )
        return Container(process, self.grace_seconds)


class Container:
    """A running container: a process, with whatever it starts."""

    def __init__(self, process: subprocess.Popen[bytes], grace_seconds: float) -> None:
        self._process = process
        self._grace = grace_seconds
        self._timers: list[threading.Timer] = []

    @property
    def pid(self) -> int:
        """Of its main process."""
        return self._process.pid

    def wait(self) -> int:
        """Wait for its end; its exit code, as Batch tells it."""
        code = self._process.wait()
        for timer in self._timers:
            timer.cancel()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return code if code >= 0 else SIGNALLED - code

    def stop(self) -> None:
        """SIGTERM for its main process, and after the grace period SIGKILL for all."""
        self._process.send_signal(signal.SIGTERM)
        self.later(self._grace, self.kill)

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something in so many seconds, unless it has ended before."""
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def kill(self) -> None:
        """SIGKILL for its main process and all that came of it, in whatever session."""
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(self._process.pid)
            for process in (main, *main.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

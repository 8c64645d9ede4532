"""The gate that all writes to GitHub pass, one at a time and paced."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from codybatch.domain.errors import RepositoryUnavailable

LONGEST_QUEUE_SECONDS = 120.0


class WriteGate:
    """Lets writes through one at a time, at least ``interval`` seconds apart.

    GitHub asks for a second between writes, one after the other (docs.github.com, "Best practices
    for using the REST API"). The file makes that hold over all processes of a home; a process that
    dies lets go of it.
    """

    def __init__(
        self,
        interval: float,
        file: Path | None = None,
        longest_queue: float = LONGEST_QUEUE_SECONDS,
    ) -> None:
        """Keep a pause between writes.

        Args:
            interval: seconds from the end of one write to the beginning of the next.
            file: shares the gate between processes; the time of the last write lies beside it.
            longest_queue: seconds after which a write that waits for others is given up.
        """
        self._interval = interval
        self._file = file
        self._longest_queue = longest_queue
        self._lock = threading.Lock()
        self._last = 0.0

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait for our turn; the next one's begins an interval after this one ends.

        Raises:
            RepositoryUnavailable: others held the gate for too long; nothing was written.
        """
        if self._file is None:
            with self._lock:
                self._pause_since(self._last)
                try:
                    yield
                finally:
                    self._last = time.time()
        else:
            with self._held(self._file):
                yield

    @contextmanager
    def _held(self, file: Path) -> Iterator[None]:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file, timeout=self._longest_queue)
        try:
            lock.acquire()
        except Timeout:
            raise RepositoryUnavailable(
                f"Other jobs have been writing to GitHub for {self._longest_queue:g} s. Try again."
            ) from None
        last = file.with_name(f"{file.name}.last")  # the lock's own file is new to whoever waits
        try:
            with suppress(FileNotFoundError):
                self._pause_since(last.stat().st_mtime)
            yield
        finally:
            last.touch()
            lock.release()

    def _pause_since(self, last: float) -> None:
        # A clock that was set back must not make a long pause of it.
        pause = min(self._interval, last + self._interval - time.time())
        if pause > 0:
            time.sleep(pause)

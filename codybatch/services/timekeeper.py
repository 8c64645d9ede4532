"""Looks at the schedules every few seconds, for as long as a process that can do so lives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
LEAVE_SECONDS = 5.0
"""How long a tick under way is waited for; one that is cut off is made up for by the next."""


class Timekeeper:
    """Calls a tick from a thread of its own while the block runs."""

    def __init__(self, tick: Callable[[], object], seconds: float = TICK_SECONDS) -> None:
        """Call ``tick`` every ``seconds``, the first time after as long."""
        self._tick = tick
        self._seconds = seconds
        self._stop = Event()
        self._trouble = ""
        """Why the last tick failed."""
        self._thread = Thread(target=self._run, name="timekeeper", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, once the tick under way has ended or takes too long."""
        self._stop.set()
        self._thread.join(LEAVE_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self._tick_once()

    def _tick_once(self) -> None:
        try:
            self._tick()
        except Exception as error:
            if str(error) != self._trouble:  # said once, not every few seconds
                log.exception("a tick failed; trying again")
            self._trouble = str(error)
        else:
            self._trouble = ""

"""The port of time."""

from __future__ import annotations

from datetime import datetime
from threading import Event as ThreadEvent
from typing import Protocol


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """The time of day: aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, from any beginning."""
        ...

    def sleep(self, seconds: float, until: ThreadEvent | None = None) -> None:
        """Wait ``seconds``, or less where ``until`` is set meanwhile."""
        ...

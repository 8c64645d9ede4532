"""The system's clock: the one adapter of the clock port that production uses."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event as ThreadEvent


class SystemClock:
    """The time of this machine, and waiting for it."""

    def now(self) -> datetime:
        """The time of day: aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards, since some moment before this process began."""
        return time.monotonic()

    def sleep(self, seconds: float, until: ThreadEvent | None = None) -> None:
        """Wait ``seconds``, or less where ``until`` is set meanwhile; not at all where negative."""
        if until is not None:
            until.wait(max(0.0, seconds))
        elif seconds > 0:
            time.sleep(seconds)

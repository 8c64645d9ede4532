"""How many requests one caller may send: a bucket of tokens for each, in this process's memory."""

from __future__ import annotations

import time
from collections.abc import Callable

BURST_SECONDS = 10.0
"""So much of the allowance may be spent at once."""
MOST_CALLERS = 10_000


class Allowance:
    """Lets each caller send so many requests a minute, some of them at once.

    A token bucket: it holds the requests of ``BURST_SECONDS``, and fills at the rate that is
    allowed.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        """Allow ``per_minute`` requests a minute; ``now`` tells seconds that only go up."""
        self._rate = per_minute / 60
        self._most = max(1.0, self._rate * BURST_SECONDS)
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}

    def seconds_to_wait(self, caller: str) -> float:
        """How long a caller must wait before the next request; 0 where it may come in now, and
        then it is counted.
        """
        now = self._now()
        left, at = self._left.pop(caller, (self._most, now))
        left = min(self._most, left + (now - at) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[caller] = (left if wait else left - 1, now)
        while len(self._left) > MOST_CALLERS:
            del self._left[next(iter(self._left))]
        return wait

"""Primary rate limits, counted for each account and resource as GitHub does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = 3600
MINUTE = 60
# Points in a window, and the window's seconds (docs.github.com, rate limits for the REST API,
# the GraphQL API and search).
WINDOWS = {
    "core": (5000, HOUR),
    "graphql": (5000, HOUR),
    "search": (30, MINUTE),
    "code_search": (10, MINUTE),
}
ANONYMOUS = {"core": 60, "search": 10, "graphql": 60, "code_search": 10}


@dataclass(frozen=True)
class Window:
    """How far one account has used one resource."""

    resource: str
    limit: int
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        """Points that are left, never below 0."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Return the headers that every answer of the API carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(int(self.resets_at.timestamp())),
            "X-RateLimit-Resource": self.resource,
        }


class RateLimits:
    """The windows of all accounts.

    Arguments:
        now: the clock.
        limits: points in a window by resource, where they are not GitHub's.
    """

    def __init__(self, now: Callable[[], datetime], limits: dict[str, int] | None = None) -> None:
        self._now = now
        self._limits = {name: points for name, (points, _) in WINDOWS.items()} | (limits or {})
        self._windows: dict[tuple[str, str], Window] = {}
        self._lock = threading.Lock()

    def spend(self, who: str, resource: str, points: int = 1) -> Window:
        """Count points for a caller, and return the window after it.

        Arguments:
            who: the account's login; empty for nobody.
            resource: one of `WINDOWS`.
            points: 0 only looks.

        A window with `used` above `limit` means that the caller has to be refused.
        """
        with self._lock:
            window = self._windows.get((who, resource))
            if window is None or window.resets_at <= self._now():
                window = self._new_window(who, resource)
            spent = min(window.used + points, window.limit + 1)
            window = Window(resource, window.limit, spent, window.resets_at)
            self._windows[who, resource] = window
            return window

    def give_back(self, who: str, resource: str) -> Window:
        """Take one point back: an answer of 304 is free."""
        with self._lock:
            window = self._windows[who, resource]
            spent = max(0, window.used - 1)
            window = Window(resource, window.limit, spent, window.resets_at)
            self._windows[who, resource] = window
            return window

    def _new_window(self, who: str, resource: str) -> Window:
        limit = self._limits[resource] if who else ANONYMOUS[resource]
        ends = self._now() + timedelta(seconds=WINDOWS[resource][1])
        return Window(resource, limit, 0, ends)

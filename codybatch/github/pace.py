"""How fast one kind of search may go, by what GitHub's answers say of its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

WINDOW_SECONDS = 60.0
"""Searches are counted by the minute: 30 for repositories, 10 for code, and 10 of both for nobody
(docs.github.com, "REST API endpoints for search")."""


@dataclass
class Pace:
    """What is left of the minute's searches. Where answers say nothing of it, there is no limit."""

    remaining: int = 1
    resets_at: float = 0.0
    """Seconds since 1970."""

    def note(self, headers: Mapping[str, Any]) -> None:
        """Remember what an answer's headers, in lower case, say."""
        try:
            self.remaining = int(headers["x-ratelimit-remaining"])
            self.resets_at = float(headers["x-ratelimit-reset"])
        except (KeyError, ValueError):
            self.remaining = 1

    def seconds_to_wait(self, now: datetime) -> float:
        """How long the next search has to wait."""
        if self.remaining > 0:
            return 0.0
        # It is not said when in that second; a clock that is wrong must not make hours of it.
        left = self.resets_at + 1 - now.astimezone(UTC).timestamp()
        return min(max(left, 0.0), WINDOW_SECONDS + 1)

"""What this process has answered since it began, for the metrics."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple


class Served(NamedTuple):
    """What was asked and how it was answered."""

    method: str
    route: str
    """As the document of the API writes it, so that ids make no series of their own."""
    status: int


class Counters:
    """Counts answers; safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: Counter[Served] = Counter()
        self._seconds = 0.0

    def count(self, served: Served, seconds: float) -> None:
        """Count one answer, and how long it took."""
        with self._lock:
            self._served[served] += 1
            self._seconds += seconds

    def served(self) -> Mapping[Served, int]:
        """How often each was answered."""
        with self._lock:
            return dict(self._served)

    def seconds(self) -> float:
        """How long all answers took together."""
        with self._lock:
            return self._seconds

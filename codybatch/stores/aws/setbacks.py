"""How often calls had to be made again, and why: what an operator looks at first."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class Setbacks:
    """Counts by the reason; any thread may count."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, reason: str) -> None:
        """One more for a reason, such as ``ThrottlingException`` or ``TransactionConflict``."""
        with self._lock:
            self._counts[reason] += 1

    def counts(self) -> dict[str, int]:
        """All reasons with their numbers, since this process opened the store."""
        with self._lock:
            return dict(self._counts)

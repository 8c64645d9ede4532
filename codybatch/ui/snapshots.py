"""What sessions have in common: what one of them read a moment ago serves the others, too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")
FRESH_SECONDS = 1.0
"""How old a snapshot may be; a page looks again every two seconds at most."""
MOST_KEPT = 256
"""How many snapshots are kept; the ones that were read first go first."""


@dataclass
class _Reading:
    """A reading that is under way; others wait for it."""

    begun: float
    generation: int
    ended: threading.Event = field(default_factory=threading.Event)


class Snapshots:
    """Keyed values, each read at most once in a second, however many threads ask."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Holds nothing; ``now`` tells seconds that only go up."""
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, object]] = {}
        self._readings: dict[Hashable, _Reading] = {}
        self._generation = 0

    def current(self, key: Hashable, read: Callable[[], T]) -> T:
        """A value that was read less than ``FRESH_SECONDS`` ago, else what ``read`` gives now.

        Args:
            key: everything that ``read`` depends on: two callers with one key get one value.
            read: reads the value. What it raises is raised here and not kept: whoever waited for
                it reads anew.
        """
        mine: _Reading | None = None
        while mine is None:
            with self._lock:
                kept = self._kept.get(key)
                if kept and self._now() - kept[0] < FRESH_SECONDS:
                    return cast("T", kept[1])
                others = self._readings.get(key)
                if others is None:
                    mine = self._readings[key] = _Reading(self._now(), self._generation)
            if others is not None:
                others.ended.wait()
        return self._read(key, read, mine)

    def forget(self) -> None:
        """Let everything be read anew: something was changed. A reading under way is not kept."""
        with self._lock:
            self._kept.clear()
            self._readings.clear()
            self._generation += 1

    def _read(self, key: Hashable, read: Callable[[], T], mine: _Reading) -> T:
        try:
            value = read()
            with self._lock:
                if mine.generation == self._generation:
                    self._keep(key, mine.begun, value)
            return value
        finally:
            with self._lock:
                if self._readings.get(key) is mine:
                    del self._readings[key]
            mine.ended.set()

    def _keep(self, key: Hashable, begun: float, value: object) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (begun, value)
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

"""The prompt cache: which prefix was stored when, so that usage is counted as in the service.

Source: the prompt caching guide. Entries are written only at breakpoints; a breakpoint looks back
over at most 20 blocks, itself included; reading refreshes; below the model's minimum nothing is
stored. Of A, the highest hit, B, the last hour's breakpoint behind it and C, the last breakpoint:
A is read, B - A written for an hour, C - B for five minutes, and what follows C is plain input.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codybatch.standins.anthropic.cache_markers import SECONDS, Marker
from codybatch.standins.anthropic.wire import JsonObject

LOOK_BACK = 20
_MOST_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Prefixes:
    """A request as the cache sees it.

    Arguments:
        digests: of every block, the digest of the prompt up to and with it.
        totals: of every block, the tokens up to and with it.
        breakpoints: in the order of the prompt.
        minimum: the shortest prefix worth storing, in tokens.
    """

    digests: Sequence[bytes]
    totals: Sequence[int]
    breakpoints: Sequence[Marker]
    minimum: int


@dataclass(frozen=True, slots=True)
class InputUsage:
    """The tokens of a prompt in four disjoint parts."""

    fresh: int
    read: int
    written_5m: int
    written_1h: int

    @property
    def total(self) -> int:
        """The whole prompt."""
        return self.fresh + self.read + self.written_5m + self.written_1h

    def as_json(self, output_tokens: int) -> JsonObject:
        """The reply's ``usage``."""
        return {
            "input_tokens": self.fresh,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
            "output_tokens": output_tokens,
            "service_tier": "standard",
        }


@dataclass(slots=True)
class _Entry:
    expires: float
    seconds: int


class PromptCache:
    """The stored prefixes of one service.

    Arguments:
        clock: seconds that never run backwards; a test gives its own and turns it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: dict[bytes, _Entry] = {}
        self._lock = threading.Lock()

    def look_up(self, prefixes: Prefixes) -> InputUsage:
        """How the prompt's tokens are counted, as things stand now; reading refreshes."""
        with self._lock:
            hit = self._highest_hit(prefixes)
            self._refresh(prefixes, hit)
        return _usage(prefixes, hit)

    def store(self, prefixes: Prefixes) -> None:
        """Write the prefixes at the breakpoints: done when the reply begins, not before."""
        now = self._clock()
        with self._lock:
            for marker in self._worth_storing(prefixes):
                seconds = SECONDS[marker.ttl]
                self._entries[prefixes.digests[marker.position]] = _Entry(now + seconds, seconds)
            if len(self._entries) > _MOST_ENTRIES:
                alive = {key: entry for key, entry in self._entries.items() if entry.expires > now}
                self._entries = alive

    def _highest_hit(self, prefixes: Prefixes) -> int:
        for marker in reversed(prefixes.breakpoints):
            for position in range(marker.position, max(-1, marker.position - LOOK_BACK), -1):
                if self._alive(prefixes.digests[position]):
                    return position
        return -1

    def _alive(self, digest: bytes) -> bool:
        entry = self._entries.get(digest)
        return entry is not None and entry.expires > self._clock()

    def _refresh(self, prefixes: Prefixes, hit: int) -> None:
        read = [marker.position for marker in prefixes.breakpoints if marker.position < hit]
        for position in (*read, *([hit] if hit >= 0 else [])):
            digest = prefixes.digests[position]
            if self._alive(digest):
                entry = self._entries[digest]
                entry.expires = self._clock() + entry.seconds

    def _worth_storing(self, prefixes: Prefixes) -> list[Marker]:
        return [
            marker
            for marker in prefixes.breakpoints
            if prefixes.totals[marker.position] >= prefixes.minimum
            and not self._alive(prefixes.digests[marker.position])
        ]


def _usage(prefixes: Prefixes, hit: int) -> InputUsage:
    def total(position: int) -> int:
        return prefixes.totals[position] if position >= 0 else 0

    behind = [
        marker
        for marker in prefixes.breakpoints
        if marker.position > hit and total(marker.position) >= prefixes.minimum
    ]
    hours = [marker.position for marker in behind if marker.ttl == "1h"]
    a = total(hit)
    b = total(hours[-1]) if hours else a
    c = total(behind[-1].position) if behind else a
    whole = prefixes.totals[-1] if prefixes.totals else 0
    return InputUsage(fresh=whole - c, read=a, written_5m=c - b, written_1h=b - a)

"""Whether the model goes round in circles: the same calls again, or two replies in turn."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Sequence

from codybatch.agent.turn import Call, canonical

NUDGE_AFTER = 3
"""Replies with the same call, while the work tree did not change."""
STOP_AFTER = 5
NUDGE_AFTER_ALTERNATING = 6
"""Replies that are by turns two and the same, whatever they do to the work tree."""
STOP_AFTER_ALTERNATING = 10


class Repetition:
    """Counts repeated calls of one conversation; the thresholds are near OpenHands'."""

    def __init__(self) -> None:
        self._calls: Counter[bytes] = Counter()
        self._replies: deque[bytes] = deque(maxlen=STOP_AFTER_ALTERNATING)
        self._tree: str | None = None
        self._worst = 0

    def count(self, calls: Sequence[Call], tree: str | None) -> None:
        """Take over one reply's calls and the digest of the work tree after them."""
        digests = [_digest(call) for call in calls]
        self._replies.append(b"".join(digests))
        if tree != self._tree:
            self._calls.clear()
            self._tree = tree
        self._calls.update(set(digests))
        self._worst = max((self._calls[digest] for digest in digests), default=0)

    @property
    def is_noticeable(self) -> bool:
        """Whether this reply is the one to say something about."""
        return self._worst == NUDGE_AFTER or self._alternations() == NUDGE_AFTER_ALTERNATING

    @property
    def is_stuck(self) -> bool:
        """Whether going on has no use."""
        return self._worst >= STOP_AFTER or self._alternations() >= STOP_AFTER_ALTERNATING

    def _alternations(self) -> int:
        """How many replies, up to the last one, equal the one but one before them."""
        replies = list(self._replies)[::-1]
        length = min(2, len(replies))
        while length < len(replies) and replies[length] == replies[length - 2]:
            length += 1
        return length


def _digest(call: Call) -> bytes:
    return hashlib.sha256(call.name.encode() + b"\0" + canonical(call.input)).digest()[:16]

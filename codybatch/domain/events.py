"""Events: small, ordered lines of a job's life for people, kept 30 days."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from codybatch.domain.records import Moment, Record

KEPT_FOR = timedelta(days=30)


class EventLevel(StrEnum):
    """How much an event matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class EventKind(StrEnum):
    """What happened."""

    SUBMITTED = "submitted"
    CLAIMED = "claimed"
    """A worker took the job: an attempt begins."""
    RESUMED = "resumed"
    """The conversation went on where an attempt before had left it."""
    PHASE = "phase"
    TURN = "turn"
    TOOL = "tool"
    THROTTLED = "throttled"
    RETRIED = "retried"
    NUDGED = "nudged"
    HANDED_OFF = "handed_off"
    CACHE_MISSED = "cache_missed"
    PAID_TWICE = "paid_twice"
    GATE = "gate"
    PUBLISHING = "publishing"
    REBASED = "rebased"
    PUSHED = "pushed"
    PULL_REQUEST = "pull_request"
    WITHHELD = "withheld"
    WAITING = "waiting"
    RELEASED = "released"
    CONTINUED = "continued"
    CANCEL_REQUESTED = "cancel_requested"
    ENDED = "ended"


class Event(Record):
    """One line of a job's life."""

    at: Moment
    kind: EventKind
    text: str
    """One sentence for people; secrets redacted."""
    level: EventLevel = EventLevel.INFO
    turn: int | None = None


class StoredEvent(Event):
    """An event with its place in the job's order."""

    sequence: int
    """From 1, rising, unique inside the job."""

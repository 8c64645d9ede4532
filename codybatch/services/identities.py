"""New ids: lowercase ULIDs, so that they sort by the time of their making."""

from __future__ import annotations

from datetime import datetime

from ulid import ULID

from codybatch.domain.identifiers import ExperimentId, RequestId, ScheduleId


def new_request_id(now: datetime) -> RequestId:
    """An id for a request made at ``now``."""
    return RequestId(_ulid(now))


def new_schedule_id(now: datetime) -> ScheduleId:
    """An id for a schedule made at ``now``."""
    return ScheduleId(_ulid(now))


def new_experiment_id(now: datetime) -> ExperimentId:
    """An id for an experiment made at ``now``."""
    return ExperimentId(_ulid(now))


def new_idempotency_key(now: datetime) -> str:
    """A key that nobody else uses, for callers that bring none."""
    return f"auto-{_ulid(now)}"


def _ulid(now: datetime) -> str:
    return str(ULID.from_datetime(now)).lower()

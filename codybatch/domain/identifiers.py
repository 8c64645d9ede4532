"""The names of things, each a type of its own so that one cannot stand for another.

A request's id is a lowercase ULID, so ids sort by the time of their making. A job's id is its
request's id with the job's index (from 1), so either leads to the other without a look-up.
"""

from __future__ import annotations

import re
from typing import NewType

from codybatch.domain.errors import UnknownIdentifier

RequestId = NewType("RequestId", str)
JobId = NewType("JobId", str)
SubmissionId = NewType("SubmissionId", str)
ScheduleId = NewType("ScheduleId", str)
ExperimentId = NewType("ExperimentId", str)
Person = NewType("Person", str)
"""Who acts: the operating system's user or a setting on one machine, a token's name in the API."""

_ULID = r"[0-9a-hjkmnp-tv-z]{26}"
_REQUEST = re.compile(_ULID)
_JOB = re.compile(rf"({_ULID})-([1-9][0-9]{{0,5}})")


def request_id(text: str) -> RequestId:
    """Read a request's id.

    Raises:
        UnknownIdentifier: ``text`` does not have the form of one.
    """
    if not _REQUEST.fullmatch(text.lower()):
        raise UnknownIdentifier(
            f"{text!r} is not the id of a request. `codybatch requests list` shows them."
        )
    return RequestId(text.lower())


def job_id(text: str) -> JobId:
    """Read a job's id.

    Raises:
        UnknownIdentifier: ``text`` does not have the form of one.
    """
    if not _JOB.fullmatch(text.lower()):
        raise UnknownIdentifier(
            f"{text!r} is not the id of a job. `codybatch jobs list` shows them."
        )
    return JobId(text.lower())


def experiment_id(text: str) -> ExperimentId | None:
    """Read an experiment's id; None where ``text`` does not have the form of one."""
    return ExperimentId(text.lower()) if _REQUEST.fullmatch(text.lower()) else None


def job_id_of(request: RequestId, index: int) -> JobId:
    """The id of the ``index``-th job (from 1) of ``request``."""
    return JobId(f"{request}-{index}")

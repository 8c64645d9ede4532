"""What an audit found, and what people think of a job."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.records import Moment, Record


class Severity(StrEnum):
    """How bad a finding is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Confidence(StrEnum):
    """How sure the model says it is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Finding(Record):
    """One finding of an audit."""

    severity: Severity
    rule: str
    path: str
    start_line: int | None = None
    end_line: int | None = None
    message: str
    suggestion: str | None = None
    confidence: Confidence = Confidence.MEDIUM
    calls_for_change: bool = True


class Decision(StrEnum):
    """Accept or reject."""

    ACCEPT = "accept"
    REJECT = "reject"


class Verdict(Record):
    """One person's rating of a job; a later one by the same person replaces it."""

    job: JobId
    rater: Person
    decision: Decision
    rating: int | None = Field(default=None, ge=1, le=5)
    reasons: tuple[str, ...] = ()
    comment: str = ""
    blind: bool = False
    """Whether prompt and model were hidden."""
    at: Moment

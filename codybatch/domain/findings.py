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
    place_found: bool = True
    """Whether the path exists at the pinned commit and has these lines. Where it does not, the
    model was asked to correct it and did not, and ``path`` is only what it wrote."""


MAX_COMMENT = 10_000
"""Characters of a verdict's comment."""


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
    comment: str = Field(default="", max_length=MAX_COMMENT)
    blind: bool = False
    """Whether prompt and model were hidden."""
    at: Moment

"""What a check found, and how well that is."""

from __future__ import annotations

from enum import StrEnum

from codybatch.domain.records import Record


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Record):
    """What a check found."""

    check: str
    health: Health
    detail: str
    mend: str = ""
    """What to do; empty where all is well."""


def fine(check: str, detail: str) -> Finding:
    """All is well."""
    return Finding(check=check, health=Health.OK, detail=detail)


def warning(check: str, detail: str, mend: str) -> Finding:
    """Jobs run, but not as one may expect."""
    return Finding(check=check, health=Health.WARNING, detail=detail, mend=mend)


def failed(check: str, detail: str, mend: str) -> Finding:
    """No job can run before this is mended."""
    return Finding(check=check, health=Health.FAILED, detail=detail, mend=mend)

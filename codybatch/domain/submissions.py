"""Submissions: jobs handed to an engine in one call."""

from __future__ import annotations

import re

from pydantic import Field

from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.records import Moment, Record

_NAME = re.compile(r"cody-([0-9a-z]{1,64})-([1-9][0-9]{0,5})")


class Submission(Record):
    """A manifest: its jobs, an index per job (from 0, in this order), the engine's own id."""

    id: SubmissionId
    engine: str
    jobs: tuple[JobId, ...]
    engine_id: str | None = None
    created_at: Moment
    generation: int = Field(default=1, ge=1)
    """How many times in a row these jobs have been handed over without a worker that began."""
    attempts: int = Field(default=0, ge=0)
    """How often each of them had been claimed when it was handed over."""

    @property
    def name(self) -> str:
        """What the engine calls it: found again by it where the engine's answer was lost."""
        return f"cody-{self.id}-{self.generation}"


def submission_named(name: str) -> SubmissionId | None:
    """The submission that an engine calls so; None for a name that is none of ours."""
    found = _NAME.fullmatch(name)
    return SubmissionId(found[1]) if found else None

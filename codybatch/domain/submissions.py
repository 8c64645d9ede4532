"""Submissions: jobs handed to an engine in one call."""

from __future__ import annotations

from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.records import Moment, Record


class Submission(Record):
    """A manifest: its jobs, an index per job (from 0, in this order), the engine's own id."""

    id: SubmissionId
    engine: str
    jobs: tuple[JobId, ...]
    engine_id: str | None = None
    created_at: Moment

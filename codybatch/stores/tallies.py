"""What is counted when, the same for every store."""

from __future__ import annotations

from datetime import date

from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.domain.tallies import Tally


def of_end(job: Job) -> Tally:
    """What an ended job counts."""
    necessary = job.were_changes_necessary
    return Tally(
        succeeded=job.state is JobState.SUCCEEDED,
        partial=job.state is JobState.PARTIAL,
        failed=job.state is JobState.FAILED,
        cancelled=job.state is JobState.CANCELLED,
        changes_necessary=necessary is True,
        changes_unnecessary=necessary is False,
        cost_usd=job.cost_usd,
    )


def day_of_end(job: Job) -> date:
    """The UTC day on which an ended job is counted."""
    return (job.ended_at or job.progress.at or job.created_at).date()


def of_verdict(verdict: Verdict) -> Tally:
    """What a verdict counts, on the day of its ``at``."""
    accepts = verdict.decision is Decision.ACCEPT
    return Tally(accepted=accepts, rejected=not accepts)

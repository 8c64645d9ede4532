"""Lineages: what a job goes on from, and what went before it."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import PullRequest
from codybatch.domain.states import JobState
from codybatch.ports import Records

OPEN = "open"
"""The state of a pull request that still asks for something."""
_SAYS_WHAT_IT_CHANGED = frozenset({JobState.SUCCEEDED, JobState.PARTIAL})


def followed_up(job: Job, records: Records) -> Job | None:
    """The job that ``job`` follows up on; a retry of a follow-up follows up on the same one."""
    while job.lineage.relation is LineageRelation.RETRY and job.lineage.parent is not None:
        job = records.job(job.lineage.parent)
    if job.lineage.relation is not LineageRelation.FOLLOW_UP or job.lineage.parent is None:
        return None
    return records.job(job.lineage.parent)


def begins_with(job: Job, records: Records) -> Job | None:
    """The job whose patch ``job`` has in its work tree from the beginning; None without any."""
    earlier = followed_up(job, records)
    return left_by(earlier, records) if earlier else None


def left_by(job: Job, records: Records) -> Job | None:
    """The job whose patch holds what ``job`` left in its work tree; None where that is nothing.

    One that ended before it came to a patch of its own left what it began with.
    """
    if job.patch is not None:
        return job
    return None if job.state in _SAYS_WHAT_IT_CHANGED else begins_with(job, records)


def newest_ended(lineage: Sequence[Job]) -> Job:
    """The job of a lineage, oldest first, that ended last of those that have; else its first."""
    ended = [job for job in lineage if job.state.is_terminal]
    return ended[-1] if ended else lineage[0]


def last_noted(lineage: Sequence[Job]) -> PullRequest | None:
    """The lineage's pull request as it was noted last; None where there is none."""
    noted = (job.publication.pull_request for job in reversed(lineage))
    return next((pull for pull in noted if pull is not None), None)

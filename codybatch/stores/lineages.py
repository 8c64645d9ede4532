"""One job of a lineage at a time: the rule that new jobs are held to, the same for every store."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.domain.errors import LineageBusy
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job


def continued(jobs: Sequence[Job]) -> tuple[JobId, ...]:
    """The roots of the lineages that new jobs continue; a job that begins one is its own root."""
    return tuple(job.lineage.root for job in jobs if job.lineage.root != job.id)


def refuse_beside(at_work: Job | None) -> None:
    """Refuse a new job beside one of its lineage that has not ended.

    Args:
        at_work: that one; None where all have ended.

    Raises:
        LineageBusy: there is one.
    """
    if at_work is not None:
        raise LineageBusy(
            f"The job {at_work.id} of the same lineage has not ended ({at_work.state}), and one "
            "job at a time works for its branch. Wait until it has ended "
            f"(`codybatch jobs wait {at_work.id}`), or cancel it."
        )

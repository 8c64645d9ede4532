"""How a job's lineage reads: what it goes on from, who went on from it, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.cli.invocation import command
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.prompts import Kind
from codybatch.domain.requests import Origin, OriginKind
from codybatch.domain.states import JobState

_RELATIONS = {LineageRelation.RETRY: "retry", LineageRelation.FOLLOW_UP: "follow-up"}


def lineage_facts(job: Job, lineage: Sequence[Job]) -> dict[str, str]:
    """A job's place in its lineage as names and values; empty ones where it stands alone.

    Args:
        job: which.
        lineage: all jobs of it, oldest first.
    """
    by_id = {one.id: one for one in lineage}
    parent = by_id.get(job.lineage.parent) if job.lineage.parent else None
    begun_by = "" if job.lineage.root in {job.id, job.lineage.parent} else job.lineage.root
    return {
        "Continues": f"{_relation(job)} of {parent.id} ({parent.state})" if parent else "",
        "Asked": job.lineage.instructions,
        "Lineage": f"begun by {begun_by}" if begun_by else "",
        "Continued": "\n".join(
            f"by the {_relation(child)} {child.id} ({child.state})"
            for child in children(job, lineage)
        ),
    }


def children(job: Job, lineage: Sequence[Job]) -> list[Job]:
    """The jobs that go on from a job directly, oldest first."""
    return [one for one in lineage if one.lineage.parent == job.id]


def what_next(job: Job, lineage: Sequence[Job]) -> list[str]:
    """The commands that go on from a job: for the newest of its lineage, else where that is."""
    newest = lineage[-1] if lineage else job
    if newest.id != job.id:
        return [f"The newest job of its lineage: {command(f'jobs show {newest.id}')}"]
    if not job.state.is_terminal:
        return []
    if job.state is JobState.SUCCEEDED:
        asked = "more done" if job.kind is Kind.CHANGE else "more found out"
        return [f'Have {asked}: {command(f"jobs follow-up {job.id}")} "…"']
    return [f"Run it again: {command(f'jobs retry {job.id}')}"]


def origin_in_words(origin: Origin, jobs: Sequence[Job]) -> str:
    """Where a request comes from, where that is from another one or a schedule; else nothing.

    Args:
        origin: of the request.
        jobs: the request's own.
    """
    if origin.schedule is not None and origin.due_at is not None:
        return (
            f"Submitted by the schedule {origin.schedule}, due {origin.due_at:%Y-%m-%d %H:%M} UTC"
        )
    if origin.kind not in {OriginKind.RETRY, OriginKind.FOLLOW_UP}:
        return ""
    what = "Retry" if origin.kind is OriginKind.RETRY else "Follow-up"
    of = f"the job {origin.job}" if origin.job else f"jobs of the request {origin.request}"
    asked = next((job.lineage.instructions for job in jobs if job.lineage.instructions), "")
    return f"{what} of {of}{f': {asked}' if asked else ''}"


def _relation(job: Job) -> str:
    return _RELATIONS[job.lineage.relation] if job.lineage.relation else "job"

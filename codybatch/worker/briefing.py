"""What the conversation is told: the task, from the job, its request and its lineage."""

from __future__ import annotations

from codybatch.agent.task import Limits, Task
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.repositories import Profile
from codybatch.domain.requests import Request
from codybatch.domain.states import ENDINGS
from codybatch.ports import Blobs, Records
from codybatch.workspace.profile import redacted_head
from codybatch.workspace.tree import WorkTree

MAX_GUIDANCE_BYTES = 16_384
"""Of one guidance file: they are meant to be short, and hostile ones are not."""


def brief(job: Job, profile: Profile, request: Request, tree: WorkTree, records: Records) -> Task:
    """The task of a job's conversation."""
    options = request.options
    prompt = records.prompt(request.prompt.name, request.prompt.version)
    guided = profile.guidance_files if options.follow_guidance_files else ()
    return Task(
        job=job.id,
        kind=job.kind,
        prompt_text=request.prompt_text,
        answer_schema=prompt.answer_schema,
        repository=job.repository,
        commit=job.commit,
        base_branch=job.base_branch,
        model=job.model,
        effort=options.effort,
        limits=Limits(
            max_turns=options.max_turns,
            seconds_left=max(0.0, options.max_minutes * 60 - job.seconds_worked),
            cost_cap_usd=options.job_cost_cap_usd,
        ),
        profile=profile,
        guidance={path: redacted_head(tree, path, MAX_GUIDANCE_BYTES) for path in guided},
        follow_up=job.lineage.instructions,
        parent_outcome=_parents_outcome(job, records),
    )


def parents_patch(job: Job, records: Records, blobs: Blobs) -> bytes | None:
    """What a follow-up's work tree begins with: its parent's change."""
    if job.lineage.relation is not LineageRelation.FOLLOW_UP or job.lineage.parent is None:
        return None
    parent = records.job(job.lineage.parent)
    return blobs.get(parent.patch.blob) if parent.patch else None


def _parents_outcome(job: Job, records: Records) -> str:
    if job.lineage.relation is not LineageRelation.FOLLOW_UP or job.lineage.parent is None:
        return ""
    parent = records.job(job.lineage.parent)
    asked = records.request(parent.request).prompt_text
    because = ENDINGS[parent.ended_because].sentence if parent.ended_because else ""
    return f"It was asked: {asked}\nHow it ended: {because}\nIts summary: {parent.summary}"

"""What the conversation is told: the task, from the job, its request and its lineage."""

from __future__ import annotations

import json

from codybatch.agent.task import Limits, Task
from codybatch.domain.findings import Finding
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.repositories import Profile
from codybatch.domain.requests import Request
from codybatch.domain.states import ENDINGS
from codybatch.ports import Blobs, Records
from codybatch.services.lineages import begins_with, followed_up
from codybatch.workspace.profile import redacted_head
from codybatch.workspace.tree import WorkTree

MAX_GUIDANCE_BYTES = 16_384
"""Of one guidance file: they are meant to be short, and hostile ones are not."""
MAX_EARLIER_ASKED = 2_000
"""Characters of what each job before the parent was asked."""


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
        parent_outcome=parents_outcome(job, records),
    )


def parents_patch(job: Job, records: Records, blobs: Blobs) -> bytes | None:
    """What a follow-up's work tree begins with: the change that its parent left."""
    earlier = begins_with(job, records)
    return blobs.get(earlier.patch.blob) if earlier and earlier.patch else None


def parents_outcome(job: Job, records: Records) -> str:
    """What the job that is followed up on was asked, how it ended and what it said; then, shorter,
    what the jobs before it were asked. Empty for a job that follows up on none.
    """
    parent = followed_up(job, records)
    if parent is None:
        return ""
    told = [_outcome(parent, begins_with(job, records), records)]
    earlier = followed_up(parent, records)
    while earlier is not None:
        asked = _asked(earlier, records)[:MAX_EARLIER_ASKED]
        told.append(f"Before that it was asked: {asked}")
        earlier = followed_up(earlier, records)
    return "\n".join(told)


def _asked(job: Job, records: Records) -> str:
    """What a job was asked to do: a follow-up's instructions, else its prompt."""
    return job.lineage.instructions or records.request(job.request).prompt_text


def _outcome(parent: Job, change_of: Job | None, records: Records) -> str:
    ended = ENDINGS[parent.ended_because].sentence if parent.ended_because else ""
    told = {
        "It was asked": _asked(parent, records),
        "How it ended": f"{ended} {parent.ended_detail}",
        "What it changed": _change(change_of) if parent.kind is Kind.CHANGE else "",
        "Its title": parent.title,
        "Its summary": parent.summary,
        "What it said of checks": parent.verification,
        "What did not match": parent.claim_mismatch,
        "Its findings": "".join(map(_finding, parent.findings)),
        "Its answer": "" if parent.answer is None else json.dumps(parent.answer, indent=1),
    }
    return "\n".join(f"{name}: {text.strip()}" for name, text in told.items() if text.strip())


def _change(job: Job | None) -> str:
    patch = job.patch if job else None
    if patch is None:
        return "nothing."
    paths = ", ".join(patch.paths[:50])
    return f"{patch.files} file(s), +{patch.additions} -{patch.deletions}: {paths}"


def _finding(found: Finding) -> str:
    return "\n- " + found.model_dump_json(by_alias=True, exclude_none=True)

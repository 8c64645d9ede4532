"""One job's result as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.domain.identifiers import job_id
from codybatch.domain.jobs import Job
from codybatch.domain.publication import GateFinding
from codybatch.services.jobs import Jobs
from codybatch.ui.words import (
    STATE_BADGES,
    Badge,
    doing,
    duration,
    lines_changed,
    money,
    necessity,
    next_step,
    publication,
)

SHOWN_PATCH_BYTES = 400_000
"""A larger patch is cut for display; the download is whole."""


@dataclass(frozen=True)
class JobResult:
    """A job in words, with its patch."""

    id: str
    badge: Badge
    repository: str
    commit: str
    request: str
    doing: str
    detail: str
    next_step: str
    necessity: str
    title: str
    summary: str
    verification: str
    facts: tuple[tuple[str, str], ...]
    gate: tuple[GateFinding, ...]
    publication: str
    pull_request_url: str | None
    patch: bytes
    shown_patch: str
    is_cut: bool
    is_active: bool


def job_result(jobs: Jobs, written_id: str) -> JobResult:
    """A job's result.

    Raises:
        UnknownIdentifier: ``written_id`` is no job's id.
        NotFound: there is no such job.
    """
    job = jobs.find(job_id(written_id))
    patch = jobs.patch(job.id) if job.patch else b""
    return JobResult(
        id=job.id,
        badge=STATE_BADGES[job.state],
        repository=job.repository.full_name,
        commit=job.commit,
        request=job.request_title,
        doing=doing(job),
        detail=job.ended_detail or (job.waiting.detail if job.waiting else ""),
        next_step=next_step(job),
        necessity=necessity(job),
        title=job.title,
        summary=job.summary,
        verification=job.verification,
        facts=_facts(job),
        gate=job.gate,
        publication=publication(job),
        pull_request_url=job.publication.url,
        patch=patch,
        shown_patch=patch[:SHOWN_PATCH_BYTES].decode(errors="replace"),
        is_cut=len(patch) > SHOWN_PATCH_BYTES,
        is_active=not job.state.is_terminal,
    )


def _facts(job: Job) -> tuple[tuple[str, str], ...]:
    usage = job.usage
    cached = f"{usage.cache_read_tokens / usage.prompt_tokens:.0%}" if usage.prompt_tokens else "0%"
    return (
        ("Change", lines_changed(job.patch) or "None"),
        ("Cost", money(job.cost_usd)),
        ("Time", duration(job.seconds_worked)),
        ("Turns", str(job.progress.turn)),
        ("Read from cache", cached),
    )

"""One job's result as a page shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.identifiers import JobId, job_id
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateFinding
from codybatch.domain.states import JobState
from codybatch.services.jobs import Jobs
from codybatch.services.wording import detail, money, next_step, publication, sentence
from codybatch.ui.job_list import refresh_seconds
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import (
    GATE_RULES,
    STATE_BADGES,
    Badge,
    duration,
    necessity,
    outcome,
    place,
    severity_badge,
)

SHOWN_PATCH_BYTES = 200_000
"""A larger patch is cut for display; the download is whole."""


@dataclass(frozen=True)
class ShownFinding:
    """A finding of an audit in words."""

    badge: Badge
    headline: str
    message: str
    suggestion: str


@dataclass(frozen=True)
class ShownPatch:
    """A patch to read, and what to call it when it is taken away."""

    text: str
    is_cut: bool
    file_name: str
    size: str
    redacts_secret: bool


@dataclass(frozen=True)
class JobResult:
    """A job in words. What the model or a repository wrote is clean and shows what it hides, and
    must still be shown as plain text.
    """

    id: JobId
    badge: Badge
    repository: str
    about: str
    doing: str
    next_step: str
    detail: str
    necessity: str
    title: str
    summary: str
    verification: str
    doubt: str
    """Where the work tree does not show what the model says it did."""
    suggestions: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    gate: tuple[str, ...]
    findings: tuple[ShownFinding, ...]
    answer: str
    publication: str
    pull_request_url: str | None
    patch: ShownPatch | None
    lacks_patch: bool
    """Whether it ended well without the patch that one would look for."""
    refresh_seconds: float | None


def job_result(
    jobs: Jobs, clean: Clean, written_id: str, is_demonstration: bool = False
) -> JobResult:
    """A job's result.

    Args:
        jobs: where it comes from.
        clean: takes secrets out of what is shown.
        written_id: the job's id as the address has it.
        is_demonstration: whether the code host was a stand-in: its addresses then lead nowhere.

    Raises:
        UnknownIdentifier: ``written_id`` is no job's id.
        NotFound: there is no such job.
    """
    job = jobs.find(job_id(written_id))
    return JobResult(
        id=job.id,
        badge=STATE_BADGES[job.state],
        repository=job.repository.full_name,
        about=shown_on_one_line(_about(job), clean, longest=600),
        doing=shown_on_one_line(sentence(job, datetime.now(UTC)), clean),
        next_step=next_step(job),
        detail=shown(detail(job), clean),
        necessity=necessity(job),
        title=shown_on_one_line(job.title, clean),
        summary=shown(job.summary, clean),
        verification=shown(job.verification, clean),
        doubt=shown(job.claim_mismatch, clean),
        suggestions=tuple(shown(suggestion, clean) for suggestion in job.follow_ups),
        facts=_facts(job),
        gate=tuple(_gate_line(finding, clean) for finding in job.gate),
        findings=tuple(_finding(finding, clean) for finding in sorted(job.findings, key=_badness)),
        answer=_answer(job, clean),
        publication=shown(_publication(job, is_demonstration), clean),
        pull_request_url=None if is_demonstration else _safe_address(job.publication.url),
        patch=_patch(jobs, job, clean),
        lacks_patch=job.patch is None
        and (job.state, job.kind) == (JobState.SUCCEEDED, Kind.CHANGE),
        refresh_seconds=refresh_seconds([job.state]),
    )


def _about(job: Job) -> str:
    parts = (
        job.request_title,
        f"prompt {job.prompt.name} v{job.prompt.version}",
        job.model,
        f"by {job.requester}",
        f"commit {job.commit[:10]}",
        f"job {job.id}",
    )
    return " · ".join(parts)


def _facts(job: Job) -> tuple[tuple[str, str], ...]:
    usage = job.usage
    cached = f"{usage.cache_read_tokens / usage.prompt_tokens:.0%}" if usage.prompt_tokens else ""
    uncertain = job.uncertain_cost_usd
    found = (
        ("Result", outcome(job)),
        ("Files", str(job.patch.files) if job.patch else ""),
        ("Cost", money(job.cost_usd)),
        ("For lost replies", money(uncertain) if uncertain else ""),
        ("Time at work", duration(job.seconds_worked)),
        ("Turns", str(job.progress.turn)),
        ("Read from cache", cached),
        ("Confidence", job.confidence.value if job.confidence else ""),
    )
    return tuple((name, value) for name, value in found if value)


def _gate_line(finding: GateFinding, clean: Clean) -> str:
    where = place(finding.path, finding.line)
    return shown_on_one_line(f"{GATE_RULES[finding.rule]} · {where} · {finding.message}", clean)


def _finding(finding: Finding, clean: Clean) -> ShownFinding:
    where = place(finding.path, finding.start_line, finding.end_line)
    return ShownFinding(
        badge=severity_badge(finding.severity),
        headline=shown_on_one_line(f"{finding.rule} · {where}", clean),
        message=shown(finding.message, clean),
        suggestion=shown(finding.suggestion or "", clean),
    )


def _badness(finding: Finding) -> int:
    return list(Severity).index(finding.severity)


def _answer(job: Job, clean: Clean) -> str:
    if job.answer is None:
        return ""
    return shown(json.dumps(job.answer, indent=2, ensure_ascii=False), clean)


def _publication(job: Job, is_demonstration: bool) -> str:
    has_ended = " The demonstration's stand-in for GitHub has ended, so nothing is there to open."
    return publication(job) + (has_ended if is_demonstration and job.publication.url else "")


def _safe_address(url: str | None) -> str | None:
    """An address that a link may lead to; the code host's word alone does not make it one."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None


def _patch(jobs: Jobs, job: Job, clean: Clean) -> ShownPatch | None:
    if job.patch is None:
        return None
    whole = jobs.patch(job.id)
    is_cut = len(whole) > SHOWN_PATCH_BYTES
    begin = whole[: whole.rfind(b"\n", 0, SHOWN_PATCH_BYTES) + 1 or SHOWN_PATCH_BYTES]
    text = (begin if is_cut else whole).decode(errors="replace")
    return ShownPatch(
        text=shown(text, clean),
        is_cut=is_cut,
        file_name=f"{job.id}.patch",
        size=f"{len(whole) / 1000:,.1f} kB",
        redacts_secret=job.patch.redacts_secret,
    )

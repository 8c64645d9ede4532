"""What came of a job: the tab Result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateFinding
from codybatch.domain.states import JobState
from codybatch.services.finding_files import as_json
from codybatch.services.findings import BADNESS, cleaned_json, counted
from codybatch.services.jobs import Jobs
from codybatch.services.wording import place
from codybatch.ui.jobs.files import MOST_SHOWN, changed_files
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import GATE_RULES, Badge, necessity, severity_badge

SHOWN_PATCH_BYTES = 200_000
"""A larger patch is cut for display; the download is whole."""


@dataclass(frozen=True)
class ShownFinding:
    """A finding of an audit in words."""

    badge: Badge
    severity: Severity
    rule: str
    place: str
    message: str
    suggestion: str
    notes: str
    """How sure the model is, and whether the place exists."""


@dataclass(frozen=True)
class ShownFile:
    """A file that was changed."""

    path: str
    lines: str
    added_blocks: int
    removed_blocks: int


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
    """A result in words. What the model or a repository wrote is clean and shows what it hides, and
    must still be shown as plain text.
    """

    id: JobId
    necessity: str
    title: str
    summary: str
    verification: str
    doubt: str
    """Where the work tree does not show what the model says it did."""
    suggestions: tuple[str, ...]
    gate: tuple[str, ...]
    findings: tuple[ShownFinding, ...]
    counts: tuple[tuple[Severity, int], ...]
    """How many findings there are of each severity that occurs, the worst first."""
    answer: str
    files: tuple[ShownFile, ...]
    files_left_out: int
    lacks_patch: bool
    """Whether it ended well without the patch that one would look for."""
    is_empty: bool
    """Whether there is nothing to show yet, or at all."""


def job_result(jobs: Jobs, clean: Clean, job: Job) -> JobResult:
    """A job's result.

    Args:
        jobs: where its patch comes from.
        clean: takes secrets out of what is shown.
        job: which.
    """
    files = _files(jobs, job, clean)
    return JobResult(
        id=job.id,
        necessity=necessity(job),
        title=shown_on_one_line(job.title, clean),
        summary=shown(job.summary, clean),
        verification=shown(job.verification, clean),
        doubt=shown(job.claim_mismatch, clean),
        suggestions=tuple(shown(suggestion, clean) for suggestion in job.follow_ups),
        gate=gate_lines(job.gate, clean),
        findings=tuple(_finding(finding, clean) for finding in sorted(job.findings, key=_badness)),
        counts=tuple((which, count) for which, count in counted(job.findings).items() if count),
        answer=_answer(job, clean),
        files=files,
        files_left_out=job.patch.files - len(files) if job.patch else 0,
        lacks_patch=job.patch is None
        and (job.state, job.kind) == (JobState.SUCCEEDED, Kind.CHANGE),
        is_empty=not (
            job.title or job.summary or job.patch or job.findings or job.answer or job.gate
        ),
    )


def gate_lines(found: Sequence[GateFinding], clean: Clean) -> tuple[str, ...]:
    """What the gate found, a line each."""
    return tuple(
        shown_on_one_line(
            f"{GATE_RULES[one.rule]} · {place(one.path, one.line)} · {one.message}", clean
        )
        for one in found
    )


def shown_patch(jobs: Jobs, job: Job, clean: Clean, longest: int = SHOWN_PATCH_BYTES) -> ShownPatch:
    """A job's patch to read.

    Args:
        jobs: where it comes from.
        job: one that made a patch.
        clean: takes secrets out of what is shown.
        longest: bytes; a longer one is cut at a line.

    Raises:
        NotFound: it made no patch.
    """
    whole = jobs.patch(job.id)
    is_cut = len(whole) > longest
    begin = whole[: whole.rfind(b"\n", 0, longest) + 1 or longest]
    text = (begin if is_cut else whole).decode(errors="replace")
    return ShownPatch(
        text=shown(text, clean),
        is_cut=is_cut,
        file_name=f"{job.id}.patch",
        size=f"{len(whole) / 1000:,.1f} kB",
        redacts_secret=job.patch is not None and job.patch.redacts_secret,
    )


SORTED_BY = ("Severity", "File", "Rule")
"""What findings can be sorted by."""


def chosen_findings(
    result: JobResult, severities: Sequence[Severity] = (), by: str = "Severity"
) -> tuple[ShownFinding, ...]:
    """Some of the findings, in an order.

    Args:
        result: whose.
        severities: which; all where none is named.
        by: one of ``SORTED_BY``.
    """
    chosen = [one for one in result.findings if not severities or one.severity in severities]
    if by == "File":
        chosen.sort(key=lambda one: one.place)
    elif by == "Rule":
        chosen.sort(key=lambda one: (one.rule, one.place))
    return tuple(chosen)


def _files(jobs: Jobs, job: Job, clean: Clean) -> tuple[ShownFile, ...]:
    if job.patch is None:
        return ()
    return tuple(
        ShownFile(shown_on_one_line(file.path, clean), file.lines, *file.blocks)
        for file in changed_files(jobs.patch(job.id))[:MOST_SHOWN]
    )


def _finding(finding: Finding, clean: Clean) -> ShownFinding:
    where = place(finding.path, finding.start_line, finding.end_line)
    notes = [f"{finding.confidence.value} confidence"]
    if not finding.place_found:
        notes.append("this place does not exist in the repository")
    if not finding.calls_for_change:
        notes.append("calls for no change")
    return ShownFinding(
        badge=severity_badge(finding.severity),
        severity=finding.severity,
        rule=shown_on_one_line(finding.rule, clean),
        place=shown_on_one_line(where, clean),
        message=shown(finding.message, clean),
        suggestion=shown(finding.suggestion or "", clean),
        notes=", ".join(notes),
    )


def _badness(finding: Finding) -> tuple[int, str, int]:
    return BADNESS[finding.severity], finding.path, finding.start_line or 0


def _answer(job: Job, clean: Clean) -> str:
    if job.answer is None:
        return ""
    return shown(as_json(cleaned_json(job.answer, clean)), clean)

"""What audits found, over one job or many: chosen, counted, and as records and CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codybatch.domain.errors import NotFound, UsageError
from codybatch.domain.findings import Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject
from codybatch.services.csv_text import csv_text
from codybatch.services.wording import detail, sentence

Clean = Callable[[str], str]
"""Takes secrets out of a text."""

BADNESS = {severity: rank for rank, severity in enumerate(Severity)}
"""0 for the worst."""
_COLUMNS = (
    *("job", "repository", "commit", "severity", "rule", "path", "startLine", "endLine"),
    *("message", "suggestion", "confidence", "callsForChange", "placeFound"),
)


@dataclass(frozen=True)
class JobFinding:
    """A finding with the job that made it; its texts hold no secret."""

    job: Job
    finding: Finding


def check_audits(jobs: Sequence[Job]) -> None:
    """Refuse jobs of one request that can have no findings.

    Raises:
        UsageError: they are of another kind.
    """
    kind = jobs[0].kind
    if kind is not Kind.AUDIT:
        raise UsageError(f"Only audits have findings, and this is a prompt of kind {kind}.")


def answer_of(job: Job, clean: Clean, now: datetime) -> JsonObject:
    """What a question was answered with, without secrets.

    Args:
        job: of a prompt of kind ask.
        clean: takes secrets out.
        now: what time it is, for the sentence about a job without an answer.

    Raises:
        UsageError: the job is of another kind.
        NotFound: it has no answer; the message says how it stands.
    """
    if job.kind is not Kind.ASK:
        raise UsageError(f"Only questions have answers, and this is a prompt of kind {job.kind}.")
    if job.answer is None:
        stands = f"{sentence(job, now)} {detail(job)}".strip()
        raise NotFound(f"The job {job.id} has no answer. {stands}")
    found: JsonObject = cleaned_json(job.answer, clean)
    return found


def findings_of(
    jobs: Iterable[Job], clean: Clean, least: Severity = Severity.INFO
) -> tuple[JobFinding, ...]:
    """The findings of some jobs: job by job, the worst first, then by place.

    Args:
        jobs: audits; other jobs have none.
        clean: takes secrets out.
        least: leave out what is less bad.
    """
    return tuple(
        JobFinding(job, _cleaned(finding, clean))
        for job in jobs
        for finding in sorted(job.findings, key=_order)
        if BADNESS[finding.severity] <= BADNESS[least]
    )


def counted(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity, the worst first; none left out."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def counts_in_words(findings: Iterable[Finding]) -> str:
    """``2 high, 1 low``; ``none`` where there are none."""
    counts = counted(findings)
    return ", ".join(f"{count} {which}" for which, count in counts.items() if count) or "none"


def as_records(found: Sequence[JobFinding]) -> list[JsonObject]:
    """The findings as JSON: each with its job, repository and commit."""
    return [
        {
            "job": one.job.id,
            "repository": one.job.repository.full_name,
            "commit": one.job.commit,
            **one.finding.model_dump(mode="json", by_alias=True),
        }
        for one in found
    ]


def as_csv(found: Sequence[JobFinding]) -> str:
    """The findings as CSV (RFC 4180): hidden characters in plain sight, and no cell a formula."""
    return csv_text(
        _COLUMNS, ([record[column] for column in _COLUMNS] for record in as_records(found))
    )


def cleaned_json(value: Any, clean: Clean) -> Any:
    """A value of JSON types with secrets out of every text in it, names of fields included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): cleaned_json(inner, clean) for name, inner in value.items()}
    if isinstance(value, list):
        return [cleaned_json(inner, clean) for inner in value]
    return value


def _cleaned(finding: Finding, clean: Clean) -> Finding:
    suggestion = finding.suggestion
    return finding.with_(
        rule=clean(finding.rule),
        path=clean(finding.path),
        message=clean(finding.message),
        suggestion=None if suggestion is None else clean(suggestion),
    )


def _order(finding: Finding) -> tuple[int, str, int]:
    return BADNESS[finding.severity], finding.path, finding.start_line or 0

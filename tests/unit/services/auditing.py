"""Audits with findings, hostile ones among them, for what shows and exports them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from codybatch.domain.findings import Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.states import EndedBecause, JobState
from tests.contracts.examples import NOON, a_request, jobs_of

SECRET = "hunter2-hunter2"


def clean(text: str) -> str:
    """Takes the one secret of these tests out."""
    return text.replace(SECRET, "[redacted]")


def finding(severity: Severity = Severity.HIGH, **changes: Any) -> Finding:
    """A finding in ``src/db.py``."""
    usual = {"rule": "sql-injection", "path": "src/db.py", "message": "The name is not bound."}
    return Finding(severity=severity, **{**usual, "start_line": 3, **changes})


def audits(*findings: tuple[Finding, ...]) -> list[Job]:
    """Audits that ended with these findings, a repository each."""
    repositories = " ".join(f"acme/app{number}" for number, _ in enumerate(findings, 1))
    request = a_request(repositories=repositories, kind=Kind.AUDIT, title="Look for injections")
    jobs = jobs_of(
        request,
        state=JobState.SUCCEEDED,
        ended_because=EndedBecause.FINISHED,
        started_at=NOON,
        ended_at=NOON + timedelta(minutes=2),
    )
    return [
        job.with_(findings=found, were_changes_necessary=any(f.calls_for_change for f in found))
        for job, found in zip(jobs, findings, strict=True)
    ]

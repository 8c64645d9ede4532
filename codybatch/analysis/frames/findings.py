"""The frame of findings of audits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from codybatch.analysis.frames.column import (
    TEXT,
    WHOLE,
    WHOLE_IF_ANY,
    YES_OR_NO,
    Column,
    Frame,
    levels,
)
from codybatch.analysis.frames.identity import job_columns
from codybatch.domain.findings import Confidence, Finding, Severity
from codybatch.domain.jobs import Job
from codybatch.services.findings import findings_of


@dataclass(frozen=True)
class FindingRow:
    """A finding with the job that made it."""

    job: Job
    number: int
    finding: Finding


def rows_of_findings(jobs: Iterable[Job]) -> Iterator[FindingRow]:
    """The findings of some audits: job by job, the worst first."""
    for job in jobs:
        for number, found in enumerate(findings_of([job], _as_it_is), start=1):
            yield FindingRow(job, number, found.finding)


def _as_it_is(text: str) -> str:
    """The frame takes secrets out itself, of many texts at once."""
    return text


FINDINGS: Frame[FindingRow] = Frame(
    name="findings",
    row="A row is a finding of an audit: job by job, the worst first.",
    columns=(
        *job_columns("job."),
        Column("commit", TEXT, "The commit that was looked at.", attrgetter("job.commit")),
        Column("finding", WHOLE, "Its number in the job, from 1.", attrgetter("number")),
        Column("severity", levels(Severity), "How bad it is.", attrgetter("finding.severity")),
        Column("rule", TEXT, "What it breaks.", attrgetter("finding.rule"), is_foreign=True),
        Column("path", TEXT, "The file.", attrgetter("finding.path"), is_foreign=True),
        Column(
            "start_line",
            WHOLE_IF_ANY,
            "Its first line, from 1.",
            attrgetter("finding.start_line"),
        ),
        Column("end_line", WHOLE_IF_ANY, "Its last line.", attrgetter("finding.end_line")),
        Column("message", TEXT, "What is wrong.", attrgetter("finding.message"), is_foreign=True),
        Column(
            "suggestion",
            TEXT,
            "What would be right; missing where there is none.",
            attrgetter("finding.suggestion"),
            is_foreign=True,
        ),
        Column(
            "confidence",
            levels(Confidence),
            "How sure the model says it is.",
            attrgetter("finding.confidence"),
        ),
        Column(
            "calls_for_change",
            YES_OR_NO,
            "Whether something should be done.",
            attrgetter("finding.calls_for_change"),
        ),
        Column(
            "place_found",
            YES_OR_NO,
            "Whether file and lines exist at that commit.",
            attrgetter("finding.place_found"),
        ),
    ),
)

"""The frame of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from codybatch.analysis.frames.column import (
    MOMENT,
    TEXT,
    WHOLE_IF_ANY,
    YES_OR_NO,
    Column,
    Frame,
)
from codybatch.analysis.frames.identity import job_columns
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.jobs import Job
from codybatch.services.jobs import Jobs


@dataclass(frozen=True)
class VerdictRow:
    """A verdict with the job that it is of."""

    job: Job
    verdict: Verdict


def rows_of_verdicts(jobs: Jobs, of: Iterable[Job]) -> Iterator[VerdictRow]:
    """The verdicts of some jobs: job by job, by rater. Who has not ended has none."""
    for job in of:
        if job.state.is_terminal:
            for verdict in jobs.verdicts(job.id):
                yield VerdictRow(job, verdict)


VERDICTS: Frame[VerdictRow] = Frame(
    name="verdicts",
    row="A row is what one person thinks of one job; a later verdict replaces the earlier one.",
    columns=(
        *job_columns("job."),
        Column("rater", TEXT, "Who judged.", attrgetter("verdict.rater"), is_foreign=True),
        Column("decision", TEXT, "`accept` or `reject`.", attrgetter("verdict.decision")),
        Column(
            "is_accepted",
            YES_OR_NO,
            "The same, to count with.",
            lambda row: row.verdict.decision is Decision.ACCEPT,
        ),
        Column("rating", WHOLE_IF_ANY, "1 (bad) to 5 (good).", attrgetter("verdict.rating")),
        Column(
            "reasons",
            TEXT,
            "Reasons, with commas; empty where none was chosen.",
            lambda row: ", ".join(row.verdict.reasons),
            is_foreign=True,
        ),
        Column("comment", TEXT, "Anything more.", attrgetter("verdict.comment"), is_foreign=True),
        Column(
            "is_blind",
            YES_OR_NO,
            "Whether prompt and model were hidden.",
            attrgetter("verdict.blind"),
        ),
        Column("at", MOMENT, "When it was given.", attrgetter("verdict.at")),
    ),
)

"""``codybatch jobs findings | answer``: what audits found, and how questions were answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.jobs import JobArgument
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, json_line, print_facts, print_json, print_table, say
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.jobs import Job
    from codybatch.services.findings import Clean, JobFinding

COLUMNS = ("SEVERITY", "REPOSITORY", "PLACE", "RULE", "SURE", "MESSAGE")


class Format(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    SARIF = "sarif"


@guarded
def findings(
    job: Annotated[
        str | None,
        typer.Argument(metavar="[JOB_ID]", help="An audit; or all of a request with --request."),
    ] = None,
    request: Annotated[
        str | None, typer.Option(metavar="REQUEST_ID", help="All audits of this request.")
    ] = None,
    severity: Annotated[
        str | None,
        typer.Option(
            metavar="SEVERITY", help="This bad or worse: critical, high, medium, low, info."
        ),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="table, json, csv or sarif (2.1.0).")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an audit found, or all audits of a request: the worst first."""
    from codybatch.cli.context import opened
    from codybatch.domain.findings import Severity
    from codybatch.services.finding_files import FileFormat, findings_file
    from codybatch.services.findings import findings_of

    chosen = _chosen_format(form, output, as_json=as_json)
    if severity is not None and severity not in set(Severity):
        raise UsageError(f"{severity!r} is no severity: {', '.join(Severity)}.")
    with opened() as application:
        jobs = _audits(application, job, request)
        found = findings_of(jobs, application.net.clean, Severity(severity or Severity.INFO))
        server = application.settings.github_server_url
        is_table = chosen is Format.TABLE
        text = "" if is_table else findings_file(FileFormat(chosen), jobs, found, server)
    if output is not None:
        _write(output, text, len(found))
    elif chosen is not Format.TABLE:
        print(json_line(text) if chosen is not Format.CSV else text, end="")
    else:
        _print(jobs, found)


@guarded
def answer(job: JobArgument, as_json: AsJson = False) -> None:
    """Show what a question was answered with; --json gives the answer itself."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id
    from codybatch.services.findings import answer_of

    with opened() as application:
        found = application.jobs.find(job_id(job))
        cleaned = answer_of(found, application.net.clean, application.clock.now())
    if as_json:
        print_json(cleaned)
    else:
        print_facts({name: _in_words(value) for name, value in cleaned.items()})


def summarise(jobs: Sequence[Job], clean: Clean) -> None:
    """Print what the audits or questions of a request came to, repository by repository."""
    from codybatch.domain.findings import Severity
    from codybatch.services.findings import cleaned_json, counted

    if any(job.findings for job in jobs):
        counts = [(job, counted(job.findings)) for job in jobs]
        rows = [
            (job.repository.full_name, *(str(count[one] or "") for one in Severity))
            for job, count in counts
        ]
        say()
        print_table(("FINDINGS IN", *(one.value.upper() for one in Severity)), rows)
    answered = [job for job in jobs if job.answer is not None]
    if answered:
        answers = [cleaned_json(job.answer, clean) for job in answered]
        fields = dict.fromkeys(name for one in answers for name in one)
        say()
        print_table(
            ("ANSWER", *(job.repository.full_name for job in answered)),
            [(name, *(_in_words(one.get(name)) for one in answers)) for name in fields],
        )


def _chosen_format(form: str, output: Path | None, *, as_json: bool) -> Format:
    if form not in set(Format):
        raise UsageError(f"{form!r} is no format of findings: {', '.join(Format)}.")
    if as_json and form not in {Format.TABLE, Format.JSON}:
        raise UsageError("--json and --format say different things; give one of the two.")
    chosen = Format.JSON if as_json else Format(form)
    if output is not None and chosen is Format.TABLE:
        raise UsageError("A table is for reading: give --format json, csv or sarif with -o.")
    return chosen


def _audits(app: Application, job: str | None, request: str | None) -> tuple[Job, ...]:
    from codybatch.domain.identifiers import job_id, request_id
    from codybatch.services.findings import check_audits

    if (job is None) == (request is None):
        raise UsageError("Name one job, or a request with --request REQUEST_ID.")
    if job is not None:
        jobs: tuple[Job, ...] = (app.jobs.find(job_id(job)),)
    else:
        found = app.requests.find(request_id(str(request)))
        jobs = app.requests.jobs_of(found.id)
    check_audits(jobs)
    return jobs


def _write(output: Path, text: str, count: int) -> None:
    from codybatch.cli.files import write_whole

    write_whole(output, text.encode())
    hint(f"{count} findings written to {output}")


def _print(jobs: Sequence[Job], found: Sequence[JobFinding]) -> None:
    from codybatch.services.findings import counts_in_words
    from codybatch.services.wording import place

    for job in jobs:
        if not job.state.is_terminal:
            hint(f"{job.repository.full_name}: the job has not ended, so nothing is known yet.")
    if not found:
        say("No findings.")
        return
    rows = [
        (
            one.finding.severity.value,
            one.job.repository.full_name,
            place(one.finding.path, one.finding.start_line, one.finding.end_line)
            + ("" if one.finding.place_found else " (not there)"),
            one.finding.rule,
            one.finding.confidence.value,
            one.finding.message,
        )
        for one in found
    ]
    print_table(COLUMNS, rows)
    say(counts_in_words(one.finding for one in found))


def _in_words(value: object) -> str:
    """A field's value: text as it is, a list of texts with commas, anything else as JSON."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)

"""``codybatch prompts try``: what a prompt does in one repository, for little, and unpublished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.options import Effort, FileKind, Model, Schema, Variables
from codybatch.cli.output import hint, print_facts, print_json, say
from codybatch.cli.prompt_lint import Chosen, PromptFile
from codybatch.cli.run import guarded
from codybatch.cli.submission import Written

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.jobs import Job

_CAP_USD = "0.50"


@guarded
def try_out(
    repository: Annotated[
        str,
        typer.Option(
            "--repository", "-r", metavar="OWNER/NAME[@REF]", help="OWNER/NAME or OWNER/NAME@REF."
        ),
    ],
    prompt: Chosen = None,
    prompt_file: PromptFile = None,
    cap_usd: Annotated[
        str, typer.Option("--cap-usd", metavar="USD", help="US dollars that it may cost.")
    ] = _CAP_USD,
    var: Variables = None,
    kind: FileKind = None,
    schema: Schema = None,
    model: Model = None,
    effort: Effort = None,
    as_json: AsJson = False,
) -> None:
    """Run a prompt on one repository under a small cap, and show what comes of it.

    It is a request like any other, but nothing is published, whatever CODYBATCH_PUBLISH says: the
    result can be judged, followed up and published later. A prompt file is saved under its name.

    Exit status: 0 the job succeeded, 1 it did not, 2 wrong usage, 3 refused by policy or budget.
    """
    written = Written(
        prompt=prompt,
        prompt_file=prompt_file,
        repository=[repository],
        var=var,
        kind=kind,
        schema=schema,
        title="",
        model=model,
        effort=effort,
        max_cost=cap_usd,
        job_cost=cap_usd,
        publish="none",
    )
    _try(written, as_json=as_json)


def _try(written: Written, *, as_json: bool) -> None:
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import cap_from
    from codybatch.cli.report import leave_with, wait_for
    from codybatch.cli.submission import form_from
    from codybatch.services.wire.requests import RequestInFull

    cap_from(written.max_cost, None, "--cap-usd")  # by the name that was written
    with opened_to_change() as app:
        created = app.requests.submit(form_from(app, written, None))
        for notice in app.requests.hindrances(created):
            hint(f"Note: {notice}")
        jobs = wait_for(app, created.jobs)
        if as_json:
            request = app.requests.find(created.request.id)
            print_json(RequestInFull.with_jobs(request, jobs).as_json())
        else:
            _show(app, jobs[0])
    leave_with(jobs)


def _show(app: Application, job: Job) -> None:
    from codybatch.cli.findings import summarise
    from codybatch.cli.invocation import command
    from codybatch.cli.results import print_diff
    from codybatch.cli.words import facts

    print_facts(facts(job))
    if job.patch is not None:
        say()
        print_diff(app.net.clean(app.jobs.patch(job.id).decode(errors="replace")))
    summarise((job,), app.net.clean)
    hint(f"Judge it: {command(f'jobs rate {job.id} accept')} (or reject)")
    if job.findings:
        hint(f"See the findings: {command(f'jobs findings {job.id}')}")

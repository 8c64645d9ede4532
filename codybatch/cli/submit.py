"""``codybatch submit``: one prompt over a few repositories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codybatch.cli.invocation import command
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint
from codybatch.cli.run import guarded

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.ports import Created

PromptName = Annotated[
    str | None, typer.Argument(metavar="PROMPT", help="A saved prompt: NAME or NAME@3.")
]
PromptFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A file with the prompt's text, saved under the file's name; - reads standard input.",
    ),
]
Repositories = Annotated[
    list[str] | None,
    typer.Option(
        "--repository",
        "-r",
        metavar="OWNER/NAME[@REF]",
        help="OWNER/NAME or OWNER/NAME@REF; repeat it.",
    ),
]
Variables = Annotated[
    list[str] | None, typer.Option(metavar="NAME=VALUE", help="A variable: NAME=VALUE; repeat it.")
]
PromptKind = Annotated[
    str | None,
    typer.Option(metavar="KIND", help="Kind of a prompt file: change (the default), audit or ask."),
]
Schema = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Of an ask: a file with the JSON Schema of its answer."),
]
Title = Annotated[
    str, typer.Option(metavar="TEXT", help="Title of the request; else the prompt's first line.")
]
Model = Annotated[
    str | None, typer.Option(metavar="MODEL", help="The model; else CODYBATCH_MODEL.")
]
Effort = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL", help="How hard the model thinks: low, medium, high, xhigh or max."
    ),
]
MaxCost = Annotated[
    str | None,
    typer.Option(
        metavar="USD",
        help="US dollars for the whole request, or none; else CODYBATCH_REQUEST_COST_CAP_USD.",
    ),
]
JobCost = Annotated[
    str | None,
    typer.Option(
        metavar="USD", help="US dollars for each job, or none; else CODYBATCH_JOB_COST_CAP_USD."
    ),
]
MaxTurns = Annotated[
    int | None,
    typer.Option(metavar="N", help="Replies of the model for each job; else CODYBATCH_MAX_TURNS."),
]
MaxMinutes = Annotated[
    int | None,
    typer.Option(metavar="N", help="Minutes of work for each job; else CODYBATCH_MAX_MINUTES."),
]
Publish = Annotated[
    str | None,
    typer.Option(
        metavar="MODE",
        help="For owned repositories: none, branch, draft or ready; else CODYBATCH_PUBLISH.",
    ),
]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Run the first job only, and hold the others.")
]
IdempotencyKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="The same key submits the same request only once.")
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait until the jobs have ended, and show how they go.")
]


@guarded
def submit(
    prompt: PromptName = None,
    prompt_file: PromptFile = None,
    repository: Repositories = None,
    var: Variables = None,
    kind: PromptKind = None,
    schema: Schema = None,
    title: Title = "",
    model: Model = None,
    effort: Effort = None,
    max_cost: MaxCost = None,
    job_cost: JobCost = None,
    max_turns: MaxTurns = None,
    max_minutes: MaxMinutes = None,
    publish: Publish = None,
    rehearse: Rehearse = False,
    idempotency_key: IdempotencyKey = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Submit a request: one prompt over a few repositories, a durable job each.

    Exit status: 0 submitted (with --wait: every job succeeded), 1 a job did not succeed,
    2 wrong usage, 3 refused by policy or budget; what is refused leaves no record.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import (
        cap_from,
        chosen_prompt,
        options_from,
        understood,
        variables_from,
    )
    from codybatch.services.submission_form import SubmissionForm

    with opened_to_change() as app:
        defaults = app.default_options()
        written: dict[str, Any] = {
            "model": model,
            "effort": effort,
            "max_turns": max_turns,
            "max_minutes": max_minutes,
            "publish": publish,
            "rehearse": rehearse,
        }
        cap = cap_from(max_cost, app.settings.request_cost_cap_usd, "--max-cost")
        job_cap = cap_from(job_cost, defaults.job_cost_cap_usd, "--job-cost")
        with understood():
            form = SubmissionForm(
                prompt=chosen_prompt(prompt, prompt_file, kind, schema),
                variables=variables_from(var or ()),
                repositories=tuple(repository or ()),
                options=options_from(defaults.with_(job_cost_cap_usd=job_cap), written),
                request_cost_cap_usd=cap,
                requester=app.person,
                title=title,
                idempotency_key=idempotency_key,
            )
        _report(app, app.requests.submit(form), wait=wait, as_json=as_json)


def _report(app: Application, created: Created, *, wait: bool, as_json: bool) -> None:
    from codybatch.cli.report import leave_with, show_request, wait_for

    request, jobs = created.request, created.jobs
    if not as_json:
        again = "This request was submitted before" if created.replayed else "Submitted request"
        hint(f"{again}: {request.id} ({request.title})")
    if wait:
        jobs = wait_for(app, jobs)
        request = app.requests.find(request.id)
    show_request(request, jobs, as_json=as_json)
    if wait:
        leave_with(jobs)
    elif not as_json:
        ids = " ".join(job.id for job in jobs)
        hint(f"Watch it:   {command(f'jobs wait {ids}')}")
        hint(f"Look at it: {command(f'requests show {request.id}')}")

"""``codybatch jobs retry | follow-up`` and ``codybatch requests retry | follow-up``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli import completion
from codybatch.cli.jobs import JobArgument
from codybatch.cli.listing import AsJson
from codybatch.cli.requests import RequestArgument
from codybatch.cli.run import guarded
from codybatch.cli.submission import taking
from codybatch.cli.submit import IdempotencyKey, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codybatch.composition import Application
    from codybatch.domain.identifiers import JobId
    from codybatch.services.continuations import ContinuationForm


@dataclass(frozen=True)
class Otherwise:
    """What a person wrote to be otherwise than in the earlier request; None where nothing was."""

    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Another model than before.")
    ] = None
    effort: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL",
            autocompletion=completion.efforts,
            help="Another effort: low, medium, high, xhigh or max.",
        ),
    ] = None
    max_cost: Annotated[
        str | None,
        typer.Option(metavar="USD", help="US dollars for the whole new request, or none."),
    ] = None
    job_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="US dollars for each job, or none.")
    ] = None
    max_turns: Annotated[
        int | None, typer.Option(metavar="N", help="Replies of the model for each job.")
    ] = None
    max_minutes: Annotated[
        int | None, typer.Option(metavar="N", help="Minutes of work for each job.")
    ] = None
    publish: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            autocompletion=completion.publish_modes,
            help="How to publish: none, branch, draft or ready.",
        ),
    ] = None
    idempotency_key: IdempotencyKey = None
    wait: Wait = False
    as_json: AsJson = False


SameCommit = Annotated[
    bool,
    typer.Option(
        "--same-commit", help="On the same commit as before, not on the branch's head of now."
    ),
]
Instructions = Annotated[
    str, typer.Argument(metavar="TEXT", help="What to do now; it may refer to what was done.")
]


def taking_otherwise(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option of ``Otherwise``, in front of its own, as one argument."""
    return taking(Otherwise, command)


@guarded
@taking_otherwise
def retry_jobs(
    otherwise: Otherwise,
    jobs: Annotated[
        list[str], typer.Argument(metavar="JOB_ID...", help="Ids of jobs of one request.")
    ],
    same_commit: SameCommit = False,
) -> None:
    """Run jobs that have ended again, from the beginning, in their own branch and pull request.

    They are asked the same as before, with the same options where nothing else is said. A retry of
    a follow-up begins where that began.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.domain.jobs import LineageRelation

    with opened_to_change() as app:
        form = app.continuations.form(LineageRelation.RETRY, _ids(jobs), app.person)
        _submit(app, form.with_(same_commit=same_commit), otherwise)


@guarded
@taking_otherwise
def follow_up_job(otherwise: Otherwise, job: JobArgument, text: Instructions) -> None:
    """Have something more done after a job, in the same branch and pull request.

    It begins with the job's change, in a new conversation that is told what was asked and how it
    ended.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.domain.jobs import LineageRelation

    with opened_to_change() as app:
        form = app.continuations.form(LineageRelation.FOLLOW_UP, _ids([job]), app.person)
        _submit(app, _with_text(form, text), otherwise)


@guarded
@taking_otherwise
def retry_request(
    otherwise: Otherwise, request: RequestArgument, same_commit: SameCommit = False
) -> None:
    """Run the jobs of a request that ended without success again, as one new request."""
    from codybatch.cli.context import opened_to_change
    from codybatch.domain.identifiers import request_id
    from codybatch.domain.jobs import LineageRelation

    with opened_to_change() as app:
        form = app.continuations.form_of_request(
            LineageRelation.RETRY, request_id(request), app.person
        )
        _submit(app, form.with_(same_commit=same_commit), otherwise)


@guarded
@taking_otherwise
def follow_up_request(otherwise: Otherwise, request: RequestArgument, text: Instructions) -> None:
    """Have something more done after every job of a request that has ended."""
    from codybatch.cli.context import opened_to_change
    from codybatch.domain.identifiers import request_id
    from codybatch.domain.jobs import LineageRelation

    with opened_to_change() as app:
        form = app.continuations.form_of_request(
            LineageRelation.FOLLOW_UP, request_id(request), app.person
        )
        _submit(app, _with_text(form, text), otherwise)


def _ids(written: Sequence[str]) -> list[JobId]:
    from codybatch.domain.identifiers import job_id

    return [job_id(one) for one in written]


def _with_text(form: ContinuationForm, text: str) -> ContinuationForm:
    from codybatch.cli.form import understood

    with understood():
        return form.with_(instructions=text)


def _submit(app: Application, form: ContinuationForm, otherwise: Otherwise) -> None:
    from codybatch.cli.form import cap_from, options_from, written_options
    from codybatch.cli.report import report_created

    job_cap = cap_from(otherwise.job_cost, form.options.job_cost_cap_usd, "--job-cost")
    options = form.options.with_(job_cost_cap_usd=job_cap)
    continued = app.continuations.submit(
        form.with_(
            options=options_from(options, written_options(otherwise)),
            request_cost_cap_usd=cap_from(
                otherwise.max_cost, form.request_cost_cap_usd, "--max-cost"
            ),
            idempotency_key=otherwise.idempotency_key,
        )
    )
    report_created(
        app,
        continued.created,
        wait=otherwise.wait,
        as_json=otherwise.as_json,
        notices=continued.notices,
    )

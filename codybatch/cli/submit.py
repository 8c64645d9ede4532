"""``codybatch submit``: one prompt over a few repositories."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import guarded
from codybatch.cli.submission import Written, taking_submission

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.requests import ExistingPullRequest
    from codybatch.ports import Created
    from codybatch.services.proposed import NothingToSubmit
    from codybatch.services.submission_form import SubmissionForm

IdempotencyKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="The same key submits the same request only once.")
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait until the jobs have ended, and show how they go.")
]


@guarded
@taking_submission
def submit(
    written: Written,
    idempotency_key: IdempotencyKey = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Submit a request: one prompt over a few repositories, a durable job each.

    Exit status: 0 submitted (with --wait: every job succeeded), 1 a job did not succeed,
    2 wrong usage, 3 refused by policy or budget; what is refused leaves no record.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.report import report_created
    from codybatch.cli.submission import form_from
    from codybatch.services.proposed import NothingToSubmit

    with opened_to_change() as app:
        form = form_from(app, written, idempotency_key)
        try:
            created = _submitted(app, form, may_ask=not as_json)
        except NothingToSubmit as nothing:
            _show_nothing(nothing, as_json=as_json)
            return
        notices = app.requests.hindrances(created)
        report_created(app, created, wait=wait, as_json=as_json, notices=notices)


def _submitted(app: Application, form: SubmissionForm, *, may_ask: bool) -> Created:
    """Submit; where a pull request is open already, a person at a terminal is asked what to do.

    Raises:
        PullRequestIsOpen: nobody can be asked, or nothing was chosen.
    """
    from codybatch.domain.errors import PullRequestIsOpen

    try:
        return app.requests.submit(form)
    except PullRequestIsOpen as error:
        choice = _asked(error.message) if may_ask and sys.stdin.isatty() else None
        if choice is None:
            raise
        options = form.options.with_(existing_pull_request=choice)
        return app.requests.submit(form.with_(options=options))


def _asked(question: str) -> ExistingPullRequest | None:
    """What a person chooses; None where they break off."""
    from codybatch.domain.requests import ExistingPullRequest

    hint(question)
    choices = ", ".join(ExistingPullRequest)
    try:
        while (answer := input(f"Which of these ({choices})? ").strip().lower()) not in set(
            ExistingPullRequest
        ):
            hint(f"Write one of {choices}; Ctrl-C submits nothing.")
    except EOFError:
        return None
    return ExistingPullRequest(answer)


def _show_nothing(nothing: NothingToSubmit, *, as_json: bool) -> None:
    if not as_json:
        say(nothing.message)
        return
    from codybatch.services.wire.requests import NothingSubmitted

    print_json(NothingSubmitted.of(nothing).as_json())

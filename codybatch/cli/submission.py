"""The options that describe a request, for every command that takes one, and the form they make."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from codybatch.cli import completion
from codybatch.cli.options import (
    Effort,
    FileKind,
    FollowGuidance,
    JobCost,
    MaxMinutes,
    MaxTurns,
    Model,
    RepositoriesFile,
    Schema,
    Variables,
)
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.services.submission_form import SubmissionForm


Labels = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A label of a new pull request; repeat it."),
]
Reviewers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LOGIN",
        help="Who is asked to review a new pull request, a person or ORG/TEAM; repeat it.",
    ),
]
Assignees = Annotated[
    list[str] | None,
    typer.Option(metavar="LOGIN", help="Who a new pull request is assigned to; repeat it."),
]


@dataclass(frozen=True)
class Written:
    """What a person wrote to describe a request; None, empty or False where nothing was."""

    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help="A saved prompt: NAME or NAME@3.")
    ] = None
    prompt_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file with the prompt's text, saved under the file's name; - reads standard "
            "input.",
        ),
    ] = None
    repository: Annotated[
        list[str] | None,
        typer.Option(
            "--repository",
            "-r",
            metavar="OWNER/NAME[@REF]",
            help="OWNER/NAME or OWNER/NAME@REF; repeat it.",
        ),
    ] = None
    repositories_file: RepositoriesFile = None
    var: Variables = None
    kind: FileKind = None
    schema: Schema = None
    title: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Title of the request; else the prompt's first line."),
    ] = ""
    model: Model = None
    effort: Effort = None
    max_cost: Annotated[
        str | None,
        typer.Option(
            metavar="USD",
            help="US dollars for the whole request, or none; else CODYBATCH_REQUEST_COST_CAP_USD.",
        ),
    ] = None
    job_cost: JobCost = None
    max_turns: MaxTurns = None
    max_minutes: MaxMinutes = None
    publish: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            autocompletion=completion.publish_modes,
            help="For owned repositories: none, branch, draft or ready; else CODYBATCH_PUBLISH.",
        ),
    ] = None
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Run the first job only, and hold the others.")
    ] = False
    label: Labels = None
    reviewer: Reviewers = None
    assignee: Assignees = None
    follow_guidance: FollowGuidance = False
    existing: Annotated[
        str | None,
        typer.Option(
            metavar="CHOICE",
            autocompletion=completion.choices_where_one_is_open,
            help="Where the prompt has an open pull request already: update it, open another, or "
            "skip the repository.",
        ),
    ] = None


def taking_submission(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option of ``Written``, in front of its own, as one argument.

    Args:
        command: takes the written submission first, then its own options.
    """
    return taking(Written, command)


def taking(described: type[Any], command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every field of a dataclass as an option, in front of its own.

    Args:
        described: the dataclass; its fields say how they are written. One without a default must
            be given.
        command: takes one of these first, then its own options.
    """
    hints = get_type_hints(described, include_extras=True)
    shared = [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if one.default is MISSING else one.default,
            annotation=hints[one.name],
        )
        for one in fields(described)
    ]
    signature = inspect.signature(command, eval_str=True)
    own = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for one in list(signature.parameters.values())[1:]
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        written = described(**{one.name: given.pop(one.name) for one in shared})
        command(written, **given)

    # Typer reads a command's options from these two.
    run.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*shared, *own)}
    return run


def form_from(app: Application, written: Written, idempotency_key: str | None) -> SubmissionForm:
    """The form of the request that a person described.

    Raises:
        UsageError: something was written that cannot be understood; the message names the option.
    """
    from codybatch.cli.form import (
        cap_from,
        chosen_prompt,
        options_from,
        repositories_from,
        understood,
        variables_from,
        written_options,
    )
    from codybatch.services.submission_form import SubmissionForm

    if _reads_twice(written):
        raise UsageError("Standard input can hold the prompt or the repositories, not both.")
    defaults = app.default_options()
    cap = cap_from(written.max_cost, app.settings.request_cost_cap_usd, "--max-cost")
    job_cap = cap_from(written.job_cost, defaults.job_cost_cap_usd, "--job-cost")
    own = {
        "rehearse": written.rehearse,
        "follow_guidance_files": written.follow_guidance,
        "existing_pull_request": written.existing,
    }
    with understood():
        return SubmissionForm(
            prompt=chosen_prompt(written.prompt, written.prompt_file, written.kind, written.schema),
            variables=variables_from(written.var or ()),
            repositories=repositories_from(
                written.repository or (),
                written.repositories_file,
                app.requests.intake.policy.host,
            ),
            options=options_from(
                defaults.with_(job_cost_cap_usd=job_cap), {**written_options(written), **own}
            ),
            request_cost_cap_usd=cap,
            requester=app.person,
            title=written.title,
            idempotency_key=idempotency_key,
        )


def _reads_twice(written: Written) -> bool:
    files = (written.prompt_file, written.repositories_file)
    return [str(file) for file in files].count("-") > 1

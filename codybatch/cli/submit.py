"""``codybatch submit``: one prompt over a few repositories."""

from __future__ import annotations

import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codybatch.cli.output import hint, print_json, print_table, say
from codybatch.cli.run import INTERRUPTED, fail, guarded
from codybatch.domain.errors import InvalidPrompt, UsageError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.jobs import Job
    from codybatch.domain.prompts import PromptDraft
    from codybatch.domain.requests import Request, RequestOptions
    from codybatch.ports import Created

WAIT_HELP = "Wait until the jobs have ended, and show how they go."


@guarded
def submit(
    prompt: Annotated[str | None, typer.Argument(help="A saved prompt: NAME or NAME@3.")] = None,
    prompt_file: Annotated[
        Path | None,
        typer.Option(help="A file with the prompt's text; saved under its name. - reads stdin."),
    ] = None,
    repository: Annotated[
        list[str] | None,
        typer.Option("--repository", "-r", help="OWNER/NAME or OWNER/NAME@REF; repeat it."),
    ] = None,
    var: Annotated[
        list[str] | None, typer.Option(help="A variable: NAME=VALUE; repeat it.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="Kind of a prompt file: change, audit or ask.")
    ] = "change",
    title: Annotated[str, typer.Option(help="Title of the request.")] = "",
    model: Annotated[str | None, typer.Option(help="Model; else CODYBATCH_MODEL.")] = None,
    effort: Annotated[
        str | None, typer.Option(help="How hard the model thinks: low, medium, high, xhigh, max.")
    ] = None,
    max_cost: Annotated[
        str | None, typer.Option(help="US dollars for the whole request; none for no cap.")
    ] = None,
    job_cost: Annotated[
        str | None, typer.Option(help="US dollars for each job; none for no cap.")
    ] = None,
    max_turns: Annotated[int | None, typer.Option(help="Replies of the model a job.")] = None,
    max_minutes: Annotated[int | None, typer.Option(help="Minutes of work a job.")] = None,
    publish: Annotated[
        str | None, typer.Option(help="For owned repositories: none, branch, draft or ready.")
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Run the first job only, and hold the others.")
    ] = False,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key submits the same request only once.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help=WAIT_HELP)] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Submit a request: one prompt over up to 5 repositories, a durable job each."""
    from codybatch.cli.context import opened
    from codybatch.services.submission_form import SubmissionForm

    chosen = _chosen_prompt(prompt, prompt_file, kind)
    changes: dict[str, Any] = {
        "model": model,
        "effort": effort,
        "max_turns": max_turns,
        "max_minutes": max_minutes,
        "publish": publish,
        "rehearse": rehearse or None,
    }
    with opened() as app:
        settings = app.settings
        form = SubmissionForm(
            prompt=chosen,
            variables=_variables(var or []),
            repositories=tuple(repository or ()),
            options=_options(app.default_options(), changes, job_cost),
            request_cost_cap_usd=_cap(max_cost, settings.request_cost_cap_usd, "--max-cost"),
            requester=app.person,
            title=title,
            idempotency_key=idempotency_key,
        )
        created = app.requests.submit(form)
        _report(app, created, wait=wait, as_json=as_json)


def _report(app: Application, created: Created, *, wait: bool, as_json: bool) -> None:
    if not as_json:
        again = "This request was submitted before" if created.replayed else "Submitted request"
        hint(f"{again}: {created.request.id} ({created.request.title})")
    jobs = wait_for(app, created.jobs) if wait else created.jobs
    request = app.requests.find(created.request.id)
    show_request(request, jobs, as_json=as_json)
    if wait:
        leave_with(jobs)
    elif not as_json:
        hint(f"Watch it: codybatch requests show {request.id} · codybatch jobs wait {jobs[0].id}")


def wait_for(app: Application, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """Watch jobs to their end; Ctrl-C leaves them running and says how to come back."""
    from codybatch.cli.live import watch

    ids = [job.id for job in jobs]
    try:
        return watch(app, ids)
    except KeyboardInterrupt:
        hint("\nThe jobs go on. Come back with: codybatch jobs wait " + " ".join(ids))
        raise typer.Exit(INTERRUPTED) from None


def show_request(request: Request, jobs: tuple[Job, ...], *, as_json: bool) -> None:
    """Print a request with its jobs."""
    from codybatch.cli.wire import request_as_json

    if as_json:
        print_json(request_as_json(request, jobs))
    else:
        print_jobs(jobs, request.budget.cap_usd)


def print_jobs(jobs: tuple[Job, ...], cap: Decimal | None = None) -> None:
    """Print a request's jobs as a table, and what they come to."""
    from codybatch.cli.words import JOB_COLUMNS, job_row, money, outcome

    print_table(JOB_COLUMNS, [job_row(job) for job in jobs])
    spent = sum((job.cost_usd for job in jobs), start=Decimal(0))
    of = f" of at most {money(cap)}" if cap is not None else ""
    say(f"{outcome(jobs)} · {money(spent)}{of}")


def leave_with(jobs: tuple[Job, ...]) -> None:
    """Leave with 0 where every job succeeded, else with 1."""
    from codybatch.domain.states import JobState

    if any(job.state is not JobState.SUCCEEDED for job in jobs):
        raise typer.Exit(1)


def _chosen_prompt(name: str | None, file: Path | None, kind: str) -> str | PromptDraft:
    if (name is None) == (file is None):
        fail("Name a saved prompt, or give a file with --prompt-file.", UsageError.exit_status)
    return draft_from(file, kind) if file is not None else str(name)


def draft_from(file: Path, kind: str, name: str | None = None) -> PromptDraft:
    """A prompt's draft from a file; named after the file where no name is given.

    Raises:
        InvalidPrompt: the file cannot be read, or holds no prompt.
    """
    from codybatch.domain.prompts import Kind, PromptDraft

    if kind not in set(Kind):
        raise InvalidPrompt(f"{kind!r} is no kind of prompt: change, audit or ask.")
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPrompt(f"The prompt file {file} cannot be read: {error}.") from None
    slug = re.sub(r"[^a-z0-9]+", "-", (name or file.stem).lower()).strip("-")[:64].strip("-")
    return PromptDraft(name=slug or "stdin", kind=Kind(kind), template=text)


def _variables(written: list[str]) -> dict[str, str]:
    values = {}
    for text in written:
        name, given, value = text.partition("=")
        if not given or not name:
            raise UsageError(f"{text!r} gives no variable a value: write --var NAME=VALUE.")
        values[name] = value
    return values


def _options(
    defaults: RequestOptions, changes: dict[str, Any], job_cost: str | None
) -> RequestOptions:
    from pydantic import ValidationError

    wanted = {name: value for name, value in changes.items() if value is not None}
    wanted["job_cost_cap_usd"] = _cap(job_cost, defaults.job_cost_cap_usd, "--job-cost")
    try:
        return defaults.with_(**wanted)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        option = "--" + str(problem["loc"][0]).replace("_", "-").replace("maxT", "max-t")
        raise UsageError(f"{option}: {problem['msg']}.") from None


def _cap(written: str | None, default: Decimal | None, option: str) -> Decimal | None:
    if written is None:
        return default
    if written.lower() == "none":
        return None
    try:
        amount = Decimal(written.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise UsageError(f"{option} takes US dollars above 0, or none; not {written!r}.")
    return amount

"""The command line's root: which commands there are."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated

import typer

from codybatch.cli import (
    api,
    cloud,
    continuations,
    cost,
    costs,
    dispatcher,
    experiment_changes,
    experiments,
    findings,
    jobs,
    judging,
    processes,
    prompts,
    publishing,
    repos,
    requests,
    results,
    schedules,
    verdicts,
    written_report,
)
from codybatch.cli.context import begin
from codybatch.cli.demo import demo
from codybatch.cli.doctor import doctor
from codybatch.cli.estimate import estimate
from codybatch.cli.export import export
from codybatch.cli.invocation import program
from codybatch.cli.judge import judge
from codybatch.cli.output import hint
from codybatch.cli.run import log_everything
from codybatch.cli.submit import submit
from codybatch.cli.up import up

WRONG_USAGE = 2

app = typer.Typer(
    name="codybatch",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

worker = typer.Typer(no_args_is_help=True, help="What engines start.", hidden=True)
worker.command("run")(processes.run_worker)
worker.command("converse")(processes.hold_conversation)
app.add_typer(worker, name="worker")

app.command()(demo)
app.command()(up)
app.command()(estimate)
app.command()(submit)
app.add_typer(requests.app, name="requests")
jobs.app.command()(results.diff)
jobs.app.command()(results.patch)
jobs.app.command()(results.thread)
jobs.app.command()(findings.findings)
jobs.app.command()(findings.answer)
jobs.app.command()(cost.cost)
jobs.app.command("retry")(continuations.retry_jobs)
jobs.app.command("follow-up")(continuations.follow_up_job)
requests.app.command("cost")(costs.cost_of_request)
requests.app.command("retry")(continuations.retry_request)
requests.app.command("follow-up")(continuations.follow_up_request)
jobs.app.command()(publishing.publish)
jobs.app.command()(publishing.refresh)
jobs.app.command()(verdicts.rate)
jobs.app.command("verdicts")(verdicts.list_verdicts)
app.add_typer(jobs.app, name="jobs")
app.add_typer(prompts.app, name="prompts")
app.add_typer(schedules.app, name="schedules")
for change in (
    *(experiment_changes.pause, experiment_changes.resume, experiment_changes.cancel),
    *(experiment_changes.retry, experiment_changes.add, experiment_changes.aa),
    *(experiment_changes.budget, experiment_changes.metric, experiment_changes.baseline),
    experiment_changes.remove,
):
    experiments.app.command()(change)
experiments.app.command()(written_report.report)
app.add_typer(experiments.app, name="experiments")
app.command()(judge)
app.add_typer(judging.app, name="verdicts")
app.add_typer(repos.app, name="repos")
app.command()(costs.costs)
app.command()(export)
app.add_typer(dispatcher.app, name="dispatcher")
app.add_typer(api.app, name="api")
app.add_typer(cloud.app, name="cloud")
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"codybatch {version('codybatch')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
    demonstration: Annotated[
        bool, typer.Option("--demo", help="Look at the demonstration's results, not one's own.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            envvar="CODYBATCH_DEBUG",
            help="Log to standard error, tracebacks too.",
        ),
    ] = False,
) -> None:
    """One prompt, several repositories, a durable job each: a patch, its cost, a pull request.

    Exit status of every command: 0 fine, 1 the work failed, 2 wrong usage, 3 refused by policy or
    budget.
    """
    begin(demo=demonstration)
    if verbose:
        log_everything()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and leave with its exit status.

    Args:
        arguments: what follows the program's name; the process's own where None.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know few characters
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=given, prog_name=app.info.name)
    except SystemExit as left:
        if left.code == WRONG_USAGE:
            _say_where_demo_stands(given)
        raise


def _say_where_demo_stands(given: list[str]) -> None:
    """``--demo`` belongs to the program, not to its commands, but for ``up``."""
    name = next((part for part in given if not part.startswith("-")), "up")
    if name != "up" and "--demo" in given[given.index(name) :]:
        rest = shlex.join(part for part in given if part != "--demo")
        hint(f"--demo stands before the command: {program()} --demo {rest}")

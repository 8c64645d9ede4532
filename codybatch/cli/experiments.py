"""``codybatch experiments``: prompts compared over the same repositories."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.experiment_options import (
    ExperimentArgument,
    WrittenExperiment,
    experiment_form,
    taking_experiment,
)
from codybatch.cli.experiment_report import (
    EXPERIMENT_COLUMNS,
    experiment_row,
    show_preview,
    show_standing,
    tell_plan,
)
from codybatch.cli.invocation import command
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, print_table, say
from codybatch.cli.run import FAILED, INTERRUPTED, guarded
from codybatch.cli.submit import IdempotencyKey
from codybatch.cli.timekeeping import keep_looking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codybatch.composition import Application
    from codybatch.domain.experiments import Experiment
    from codybatch.services.experiment_runs import Advanced

app = typer.Typer(
    no_args_is_help=True,
    help="Experiments: prompts compared over the same repositories. They go on while "
    "`codybatch up`, `codybatch api`, `codybatch experiments run` or `tick --watch` does.",
)

_EXAMPLE = "experiments run PROMPT@1 PROMPT@2 -r OWNER/NAME -n 3 --budget 5"


@app.command("list")
@guarded
def list_experiments(as_json: AsJson = False) -> None:
    """List all experiments, newest first."""
    from codybatch.cli.context import opened
    from codybatch.services.wire.experiments import ExperimentShown

    with opened() as application:
        found = application.experiments.list()
    if as_json:
        print_json([ExperimentShown.of(one).as_json() for one in found])
    elif not found:
        say(f"No experiments yet. Begin one: {command(_EXAMPLE)}")
    else:
        print_table(EXPERIMENT_COLUMNS, [experiment_row(one) for one in found])


@app.command()
@guarded
def show(
    experiment: ExperimentArgument,
    cells: Annotated[
        bool, typer.Option("--cells", help="A line for each cell: every repetition, and its job.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show an experiment: how it stands, its arms, and a matrix of repositories and arms."""
    from codybatch.cli.context import opened

    with opened() as application:
        service = application.experiments
        standing = service.standing(service.find(experiment))
    show_standing(standing, as_json=as_json, every_cell=cells)


@app.command()
@guarded
@taking_experiment
def run(
    written: WrittenExperiment,
    idempotency_key: IdempotencyKey = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only say what would be run, and what that may cost."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Begin without being asked on a terminal.")
    ] = False,
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", help="Begin, and leave going on to `codybatch up` or `api`."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Set an experiment up, and run it: every prompt with every model over every repository.

    Prompts are pinned to their versions, and repositories to their commits of now. What another
    experiment has made of the same is taken over, and not paid for again. Nothing is published.
    Ctrl-C leaves what was submitted running; `experiments watch` comes back to it.

    Exit status: 0 every cell is done (with --no-wait: begun), 1 a cell is not, 2 wrong usage,
    3 refused by policy or budget; what is refused leaves no record.
    """
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        form = experiment_form(application, written, idempotency_key)
        service, by = application.experiments, application.person
        asks = sys.stdin.isatty() and not (yes or as_json)
        if dry_run or asks:
            show_preview(service.preview(form, by), as_json=as_json)
        if dry_run or (asks and not _is_confirmed()):
            return
        experiment = service.create(form, by)
        if not as_json:
            hint(f"The experiment {experiment.name} ({experiment.id}) begins.")
            tell_plan(service.preview_of(experiment), with_cost=not asks)
        experiment = service.runs.advance(experiment)
        if no_wait:
            show_standing(service.standing(experiment), as_json=as_json)
        else:
            _watch_to_the_end(application, experiment, as_json=as_json)


def _is_confirmed() -> bool:
    try:
        return input("Run it? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


@app.command()
@guarded
def watch(experiment: ExperimentArgument, as_json: AsJson = False) -> None:
    """Watch an experiment to its end, and let it go on meanwhile.

    Exit status: 0 every cell is done, 1 a cell is not.
    """
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        found = application.experiments.find(experiment)
        _watch_to_the_end(application, found, as_json=as_json)


def _watch_to_the_end(application: Application, experiment: Experiment, *, as_json: bool) -> None:
    from codybatch.cli.experiment_live import watched

    try:
        standing = watched(application.experiments.follow(experiment.id))
    except KeyboardInterrupt:
        name = shlex.quote(experiment.name)
        hint(f"\nIts jobs go on. Come back with: {command(f'experiments watch {name}')}")
        raise typer.Exit(INTERRUPTED) from None
    show_standing(standing, as_json=as_json)
    if standing.counts.done < standing.counts.total:
        raise typer.Exit(FAILED)


@app.command()
@guarded
def tick(
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on looking every few seconds, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let all experiments go on, for cron or systemd to call: what has ended is counted, and what
    is next is submitted.

    Exit status: 0 fine, also where nothing was to do, 1 an experiment waits with trouble.
    """
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        if watch:
            look = partial(_tell_next, application, as_json=as_json)
            keep_looking("the experiments", look, application.clock)
            return
        ticked = application.experiments.runs.tick()
    _report(ticked, as_json=as_json)
    if not ticked and not as_json:
        say("Nothing is to do.")
    if any(one.after.trouble for one in ticked):
        raise typer.Exit(FAILED)


def _tell_next(application: Application, *, as_json: bool) -> None:
    if ticked := application.experiments.runs.tick():
        _report(ticked, as_json=as_json)


def _report(ticked: Sequence[Advanced], *, as_json: bool) -> None:
    if as_json:
        print_json([_ticked_as_json(one) for one in ticked])
        return
    for one in ticked:
        what = one.after.trouble or f"{one.after.state.value}, {one.submitted} requests submitted"
        say(f"{one.after.name}: {what}")


def _ticked_as_json(one: Advanced) -> dict[str, object]:
    after = one.after
    return {
        "experiment": after.id,
        "name": after.name,
        "state": after.state.value,
        "submitted": one.submitted,
        "trouble": after.trouble,
    }

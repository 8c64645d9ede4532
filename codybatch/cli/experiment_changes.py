"""``codybatch experiments``: what changes an experiment that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli import completion
from codybatch.cli.experiment_options import (
    ExperimentArgument,
    WrittenAddition,
    arms_form,
    repository_forms,
    taking_addition,
)
from codybatch.cli.experiment_report import show_preview, show_standing
from codybatch.cli.listing import AsJson
from codybatch.cli.output import say
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from codybatch.composition import Application
    from codybatch.domain.experiments import Experiment
    from codybatch.services.experiment_growth import Addition

    Change = Callable[[Application, Experiment], Experiment]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what is still to be run, and what it may cost.")
]


@guarded
def pause(experiment: ExperimentArgument, as_json: AsJson = False) -> None:
    """Submit nothing more until it is resumed; what was submitted goes on."""
    _change(experiment, lambda app, one: app.experiments.pause(one.id), as_json=as_json)


@guarded
def resume(experiment: ExperimentArgument, as_json: AsJson = False) -> None:
    """Go on, also where it waits for a service: that is asked again at once."""
    _change(experiment, lambda app, one: app.experiments.resume(one.id), as_json=as_json)


@guarded
def cancel(experiment: ExperimentArgument, as_json: AsJson = False) -> None:
    """Pause it, and cancel those of its jobs that have not ended."""
    _change(
        experiment, lambda app, one: app.experiments.cancel(one.id, app.person), as_json=as_json
    )


@guarded
def retry(experiment: ExperimentArgument, as_json: AsJson = False) -> None:
    """Make those cells again whose job failed or was cancelled.

    Repositories that could not be worked on are tried again, too.
    """
    _change(experiment, lambda app, one: app.experiments.retry_failed(one.id), as_json=as_json)


@guarded
@taking_addition
def add(
    written: WrittenAddition,
    repetitions: Annotated[
        int, typer.Option("--repetitions", "-n", metavar="N", help="So many more of every cell.")
    ] = 0,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add prompts, repositories or repetitions: only the cells that this makes are run.

    Prompts get the models and options that are named here, and repositories are pinned to their
    commits of now. An experiment that had ended goes on.
    """

    def addition(app: Application) -> Addition:
        return _addition(app, written, repetitions)

    _add(written.experiment, addition, dry_run=dry_run, as_json=as_json)


@guarded
def aa(experiment: ExperimentArgument, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Run the baseline once more as an arm of its own: how far do two equal arms differ?"""
    from codybatch.services.experiment_growth import Addition

    _add(experiment, lambda _: Addition(baseline_again=True), dry_run=dry_run, as_json=as_json)


@guarded
def budget(
    experiment: ExperimentArgument,
    usd: Annotated[str, typer.Argument(metavar="USD", help="US dollars for all of it, or none.")],
    as_json: AsJson = False,
) -> None:
    """Give an experiment another budget; one that waits for it goes on."""
    from codybatch.cli.form import cap_from

    amount = cap_from(usd, None, "USD")
    _change(
        experiment, lambda app, one: app.experiments.raise_budget(one.id, amount), as_json=as_json
    )


@guarded
def metric(
    experiment: ExperimentArgument,
    chosen: Annotated[
        str,
        typer.Argument(
            metavar="METRIC",
            autocompletion=completion.metrics,
            help="accepted, rating, correct, cost or duration.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Decide by another metric; reports say when it was chosen."""
    from codybatch.domain.experiments import Metric

    if chosen not in set(Metric):
        raise UsageError(f"{chosen!r} decides nothing: choose one of {', '.join(Metric)}.")
    _change(
        experiment,
        lambda app, one: app.experiments.change_metric(one.id, Metric(chosen)),
        as_json=as_json,
    )


@guarded
def baseline(
    experiment: ExperimentArgument,
    arm: Annotated[str, typer.Argument(metavar="ARM", help="The name of one of its arms.")],
    as_json: AsJson = False,
) -> None:
    """Compare the others with another arm."""
    _change(experiment, lambda app, one: app.experiments.set_baseline(one.id, arm), as_json=as_json)


@guarded
def remove(experiment: ExperimentArgument) -> None:
    """Remove an experiment; its requests and jobs stay."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        found = application.experiments.find(experiment)
        application.experiments.remove(found.id)
    say(f"Removed the experiment {found.name}. Its requests and jobs stay.")


def _change(experiment: str, change: Change, *, as_json: bool) -> None:
    """Change an experiment, let it go on where it does, and show how it stands then."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        service = application.experiments
        changed = service.runs.advance(change(application, service.find(experiment)))
        show_standing(service.standing(changed), as_json=as_json)


def _add(
    experiment: str, addition: Callable[[Application], Addition], *, dry_run: bool, as_json: bool
) -> None:
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        service = application.experiments
        found, added = service.find(experiment), addition(application)
        if dry_run:
            show_preview(service.preview_addition(found.id, added), as_json=as_json)
            return
        changed = service.runs.advance(service.add(found.id, added))
        show_standing(service.standing(changed), as_json=as_json)


def _addition(app: Application, written: WrittenAddition, repetitions: int) -> Addition:
    from codybatch.cli.form import understood
    from codybatch.services.experiment_growth import Addition

    arms = arms_form(app, written) if written.prompts else None
    if arms is None and (written.model or written.effort or written.var):
        raise UsageError("Name the prompt that is to run so: models and options go with prompts.")
    with understood():
        return Addition(
            arms=arms, repositories=repository_forms(app, written), repetitions=repetitions
        )

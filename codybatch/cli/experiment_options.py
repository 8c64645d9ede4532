"""The options that describe an experiment, and the form they make, over that of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codybatch.cli import completion
from codybatch.cli.options import FollowGuidance, JobCost, MaxMinutes, MaxTurns, RepositoriesFile
from codybatch.cli.submission import taking

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.services.experiment_form import ExperimentForm, OptionSet, RepositoryForm


ExperimentArgument = Annotated[
    str, typer.Argument(metavar="EXPERIMENT", help="The experiment's name or id.")
]


@dataclass(frozen=True)
class NamedExperiment:
    """The experiment that a person named."""

    experiment: ExperimentArgument


@dataclass(frozen=True)
class WrittenArms:
    """What a person wrote of arms; None or empty where nothing was."""

    prompts: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROMPT", help="Saved prompts to compare: NAME or NAME@3."),
    ] = None
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="Run every prompt with this model; repeat it."),
    ] = None
    effort: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVEL",
            autocompletion=completion.efforts,
            help="Run every prompt with this effort, low to max; repeat it to compare several.",
        ),
    ] = None
    var: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="A variable, for the prompts that use it: NAME=VALUE; repeat it.",
        ),
    ] = None
    job_cost: JobCost = None
    max_turns: MaxTurns = None
    max_minutes: MaxMinutes = None
    follow_guidance: FollowGuidance = False


@dataclass(frozen=True)
class WrittenRepositories:
    """What a person wrote of repositories."""

    repository: Annotated[
        list[str] | None,
        typer.Option(
            "--repository",
            "-r",
            metavar="OWNER/NAME[@REF]",
            help="OWNER/NAME or OWNER/NAME@REF, pinned to its commit of now; repeat it.",
        ),
    ] = None
    repositories_file: RepositoriesFile = None


@dataclass(frozen=True)
class WrittenDesign:
    """What a person wrote of an experiment as a whole."""

    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A TOML or JSON file that describes the experiment; options take the place of "
            "what it says.",
        ),
    ] = None
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Its name; else made of its arms.")
    ] = None
    question: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What is to be found out.")
    ] = None
    repetitions: Annotated[
        int | None,
        typer.Option("--repetitions", "-n", metavar="N", help="Of every cell; else 1."),
    ] = None
    baseline: Annotated[
        str | None,
        typer.Option(metavar="ARM", help="What the others are compared with; else the first arm."),
    ] = None
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC",
            autocompletion=completion.metrics,
            help="What decides: accepted (else), rating, correct, cost or duration.",
        ),
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(metavar="USD", help="US dollars for all of it, or none; else none."),
    ] = None
    at_once: Annotated[
        int | None,
        typer.Option(metavar="N", help="Requests that may be unfinished at once; else 4."),
    ] = None
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Make every cell anew, also where another experiment has made it."
        ),
    ] = False


@dataclass(frozen=True)
class WrittenAddition(WrittenRepositories, WrittenArms, NamedExperiment):
    """What a person wrote to add to an experiment."""


@dataclass(frozen=True)
class WrittenExperiment(WrittenDesign, WrittenRepositories, WrittenArms):
    """What a person wrote to describe an experiment; None, empty or False where nothing was."""


def taking_experiment(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option of ``WrittenExperiment``, in front of its own, as one argument.

    Args:
        command: takes what was written first, then its own options.
    """
    return taking(WrittenExperiment, command)


def taking_addition(command: Callable[..., None]) -> Callable[..., None]:
    """The same with those of ``WrittenAddition``."""
    return taking(WrittenAddition, command)


def experiment_form(
    app: Application, written: WrittenExperiment, idempotency_key: str | None
) -> ExperimentForm:
    """The form of the experiment that a person described.

    Raises:
        UsageError: something was written that cannot be understood; the message names the option.
        InvalidExperiment: so was something in the file.
    """
    from codybatch.cli.form import cap_from, understood
    from codybatch.services.experiment_files import form_from_file
    from codybatch.services.experiment_form import ExperimentForm

    design = {
        "name": written.name,
        "question": written.question,
        "repetitions": written.repetitions,
        "baseline": written.baseline,
        "metric": written.metric,
        "requests_at_once": written.at_once,
        "reuse": False if written.fresh else None,
        **_arms(app, written),
        "repositories": repository_forms(app, written) or None,
        "idempotency_key": idempotency_key,
    }
    given = {name: value for name, value in design.items() if value is not None}
    if written.budget is not None:
        given["budget_usd"] = cap_from(written.budget, None, "--budget")
    with understood():
        if written.file is not None:
            return form_from_file(written.file, app.default_options(), given)
        return ExperimentForm(**{"repositories": (), "options": app.default_options(), **given})


def arms_form(app: Application, arms: WrittenArms) -> ExperimentForm:
    """A form that describes arms alone.

    Raises:
        UsageError: something was written that cannot be understood.
    """
    from codybatch.cli.form import understood
    from codybatch.services.experiment_form import ExperimentForm

    given = {name: value for name, value in _arms(app, arms).items() if value is not None}
    with understood():
        return ExperimentForm(**{"repositories": (), "options": app.default_options(), **given})


def repository_forms(app: Application, written: WrittenRepositories) -> tuple[RepositoryForm, ...]:
    """The repositories that a person named.

    Raises:
        InvalidSelection, InvalidRepository: the file cannot be read, or a line is no repository.
    """
    from codybatch.cli.form import repositories_from
    from codybatch.services.experiment_form import RepositoryForm

    host = app.requests.intake.policy.host
    named = repositories_from(written.repository or (), written.repositories_file, host)
    return tuple(RepositoryForm(repository=one) for one in named)


def _arms(app: Application, written: WrittenArms) -> dict[str, Any]:
    """What was written of prompts, variables, models and options; None where nothing was."""
    from codybatch.cli.form import check_model, understood, variables_from

    for model in written.model or ():
        check_model(model)
    with understood():
        sets = tuple(_option_set(app, written, effort) for effort in written.effort or (None,))
    return {
        "prompts": tuple(written.prompts or ()) or None,
        "variables": variables_from(written.var or ()) or None,
        "models": tuple(written.model or ()) or None,
        "option_sets": tuple(one for one in sets if one) or None,
    }


def _option_set(app: Application, arms: WrittenArms, effort: str | None) -> OptionSet | None:
    from codybatch.cli.form import cap_from
    from codybatch.services.experiment_form import OptionSet

    cap = cap_from(arms.job_cost, app.settings.job_cost_cap_usd, "--job-cost")
    written = {
        "effort": effort,
        "job_cost_cap_usd": None if arms.job_cost is None else cap or "none",
        "max_turns": arms.max_turns,
        "max_minutes": arms.max_minutes,
        "follow_guidance_files": arms.follow_guidance or None,
    }
    given = {name: value for name, value in written.items() if value is not None}
    return OptionSet().with_(**given) if given else None

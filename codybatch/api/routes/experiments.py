"""Experiments: list, show, begin, pause, resume, add to, cancel; and every cell."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, Limit, strictly
from codybatch.api.call import Administering, Call, PageOf, Reading, Submitting
from codybatch.api.forms import CapUsd
from codybatch.api.reach import experiment_within_reach, going_on_within_reach
from codybatch.api.routes.requests import IdempotencyKey
from codybatch.api.routing import WITH_BODY, problems, router
from codybatch.domain.cells import CellState
from codybatch.domain.experiments import MAX_ARMS, MAX_REPETITIONS, MAX_REPOSITORIES, Metric
from codybatch.services.experiment_form import (
    MAX_QUESTION,
    ArmForm,
    ExperimentForm,
    OptionSet,
    RepositoryForm,
)
from codybatch.services.option_choices import NO_CAP
from codybatch.services.wire.experiments import (
    CellShown,
    ExperimentShown,
    ExperimentStanding,
    PreviewShown,
)

routes = router("experiments")

ExperimentPath = Annotated[
    str, Path(description="The experiment's id or name.", max_length=200, min_length=1)
]
_SET_UP = problems(*WITH_BODY, 404, 409, 502)


class NewExperiment(Asked):
    """An experiment as a program asks for it: every prompt with every model and option set, or the
    arms one by one.
    """

    name: Annotated[str, Field(max_length=100)] = ""
    """Empty: made of its arms."""
    question: Annotated[str, Field(max_length=MAX_QUESTION)] = ""
    prompts: Annotated[tuple[str, ...], Field(max_length=MAX_ARMS)] = ()
    """Saved prompts: ``name`` or ``name@3``."""
    models: Annotated[tuple[str, ...], Field(max_length=MAX_ARMS)] = ()
    option_sets: Annotated[tuple[OptionSet, ...], Field(max_length=MAX_ARMS)] = ()
    arms: Annotated[tuple[ArmForm, ...], Field(max_length=MAX_ARMS)] = ()
    variables: dict[str, str] = Field(default_factory=dict)
    options: OptionSet = OptionSet()
    """Of every arm, where it does not say otherwise."""
    repositories: Annotated[
        tuple[RepositoryForm, ...], Field(min_length=1, max_length=MAX_REPOSITORIES)
    ]
    repetitions: Annotated[int, Field(ge=1, le=MAX_REPETITIONS)] = 1
    baseline: Annotated[str, Field(max_length=100)] = ""
    """The name of an arm; empty: the first."""
    metric: Metric = Metric.ACCEPTED
    budget_usd: CapUsd | None = None
    """US dollars for all of it; null is no budget, which needs the scope ``admin``."""
    requests_at_once: Annotated[int, Field(ge=1, le=100)] = 4
    reuse: bool = True
    """Whether jobs of other experiments stand for cells that ask the same."""

    def form(self, call: Call, key: str | None = None) -> ExperimentForm:
        """The form that is set up.

        Raises:
            ScopeMissing: it may cost more than its sender may spend.
        """
        given: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        given["options"] = self.options.over(call.app.default_options())
        return experiment_within_reach(call, ExperimentForm(**given, idempotency_key=key))


class Raised(Asked):
    """Another budget of an experiment."""

    budget_usd: CapUsd | Literal["none"]
    """US dollars, or ``none``."""


class Repetitions(Asked):
    """How many times more."""

    number: Annotated[int, Field(ge=1, le=MAX_REPETITIONS)]


class CellList(Asked):
    """Which cells of an experiment."""

    arm: Annotated[str, Field(max_length=100)] | None = None
    """The arm's name."""
    state: CellState | None = None
    limit: Limit = 100
    cursor: Annotated[int, Field(ge=0, le=10**6)] | None = None
    """Of the page before."""


NewBody = Annotated[NewExperiment, strictly(NewExperiment)]


@routes.get("/experiments", response_model=list[ExperimentShown])
def list_experiments(call: Reading) -> Response:
    """List all experiments, newest first."""
    return call.list(ExperimentShown.of(one) for one in call.app.experiments.list())


@routes.post("/experiments", status_code=201, response_model=ExperimentStanding, responses=_SET_UP)
def begin(call: Submitting, new: NewBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Set an experiment up, and submit its first requests; nothing is published.

    Prompts are pinned to their versions and repositories to their commits of now. It goes on with
    the time keeper of `codybatch api`, `codybatch up` or the deployment.
    """
    service = call.app.experiments
    experiment = service.create(new.form(call, idempotency_key), call.person)
    return _standing(call, service.runs.advance(experiment).id, 201)


@routes.post("/experiments/preview", response_model=PreviewShown, responses=_SET_UP)
def preview(call: Submitting, new: NewBody) -> Response:
    """Say what an experiment would run and may cost; nothing is stored."""
    found = call.app.experiments.preview(new.form(call), call.person)
    return call.answer(PreviewShown.of(found))


@routes.get("/experiments/{experiment}", response_model=ExperimentStanding, responses=problems(404))
def show_experiment(call: Reading, experiment: ExperimentPath) -> Response:
    """Show an experiment: what is compared, how far it is, and what to do next."""
    return _standing(call, experiment)


@routes.get(
    "/experiments/{experiment}/cells", response_model=PageOf[CellShown], responses=problems(404)
)
def cells(
    call: Reading, experiment: ExperimentPath, wanted: Annotated[CellList, Query()]
) -> Response:
    """List the cells of an experiment: by arm, then repository, then repetition."""
    service = call.app.experiments
    found = service.find(experiment)
    arm = found.arm(wanted.arm).key if wanted.arm is not None else None
    kept = [
        cell
        for cell in service.cells.of(found)
        if arm in {None, cell.arm.key} and wanted.state in {None, cell.state}
    ]
    begin_at = wanted.cursor or 0
    end = begin_at + wanted.limit
    shown = [CellShown.of(cell) for cell in kept[begin_at:end]]
    return call.page(shown, str(end) if end < len(kept) else None)


@routes.post(
    "/experiments/{experiment}/pause", response_model=ExperimentStanding, responses=problems(404)
)
def pause(call: Submitting, experiment: ExperimentPath) -> Response:
    """Submit nothing more until the experiment is resumed; what was submitted goes on."""
    service = call.app.experiments
    return _standing(call, service.pause(service.find(experiment).id).id)


@routes.post(
    "/experiments/{experiment}/resume",
    response_model=ExperimentStanding,
    responses=problems(404, 409, 502),
)
def resume(call: Submitting, experiment: ExperimentPath) -> Response:
    """Go on, also where it waits for a service: that is asked again at once."""
    service = call.app.experiments
    found = going_on_within_reach(call, service.find(experiment))
    resumed = service.resume(found.id)
    return _standing(call, service.runs.advance(resumed).id)


@routes.post(
    "/experiments/{experiment}/cancel", response_model=ExperimentStanding, responses=problems(404)
)
def cancel(call: Submitting, experiment: ExperimentPath) -> Response:
    """Pause an experiment, and cancel what runs."""
    service = call.app.experiments
    return _standing(call, service.cancel(service.find(experiment).id, call.person).id)


@routes.post(
    "/experiments/{experiment}/retry-failed",
    response_model=ExperimentStanding,
    responses=problems(404),
)
def retry_failed(call: Submitting, experiment: ExperimentPath) -> Response:
    """Make those cells again whose job failed or was cancelled, within the budget."""
    service = call.app.experiments
    found = going_on_within_reach(call, service.find(experiment))
    return _standing(call, service.retry_failed(found.id).id)


@routes.post(
    "/experiments/{experiment}/repetitions",
    response_model=ExperimentStanding,
    responses=problems(*WITH_BODY, 404, 409),
)
def add_repetitions(
    call: Submitting,
    experiment: ExperimentPath,
    more: Annotated[Repetitions, strictly(Repetitions)],
) -> Response:
    """Repeat every cell so many times more, within the budget."""
    service = call.app.experiments
    found = going_on_within_reach(call, service.find(experiment))
    return _standing(call, service.add_repetitions(found.id, more.number).id)


@routes.post(
    "/experiments/{experiment}/raise",
    response_model=ExperimentStanding,
    responses=problems(*WITH_BODY, 404, 409),
)
def raise_budget(
    call: Administering, experiment: ExperimentPath, cap: Annotated[Raised, strictly(Raised)]
) -> Response:
    """Give an experiment another budget; where it waits for one, it goes on."""
    service = call.app.experiments
    found = service.find(experiment)
    budget = None if cap.budget_usd == NO_CAP else cap.budget_usd
    return _standing(call, service.raise_budget(found.id, budget).id)


def _standing(call: Call, experiment: str, status: int = 200) -> Response:
    service = call.app.experiments
    standing = service.standing(service.find(experiment))
    return call.answer(ExperimentStanding.standing(standing), status)

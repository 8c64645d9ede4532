"""An experiment before it is begun: what it will run and may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from codybatch.analysis.display.cards import preview_html, preview_text
from codybatch.analysis.experiments import ExperimentResult
from codybatch.analysis.sides import metric_of
from codybatch.analysis.submission import Money, amount_of, several, understood
from codybatch.domain.errors import UsageError
from codybatch.services.experiment_form import ExperimentForm, OptionSet, RepositoryForm
from codybatch.services.option_choices import NO_CAP

if TYPE_CHECKING:
    from codybatch.analysis.workspace import Workspace
    from codybatch.composition import Application
    from codybatch.services.experiment_preview import Preview


class Design(TypedDict, total=False):
    """What may be said of an experiment besides its prompts and repositories."""

    name: str
    """Else made of its arms."""
    question: str
    """What is to be found out."""
    repetitions: int
    """Of every prompt on every repository; else 1."""
    baseline: str
    """The arm that the others are compared with; else the first."""
    metric: str
    """What decides: ``accepted`` (else), ``rating``, ``correct``, ``cost`` or ``duration``."""
    budget: Money
    """US dollars for all of it; what was made before is not counted."""
    models: Sequence[str]
    """Every prompt with each of these; else CODYBATCH_MODEL."""
    efforts: Sequence[str]
    """Every prompt with each of these."""
    variables: Mapping[str, str]
    """Each prompt takes those that it uses."""
    requests_at_once: int
    """That may be unfinished at the same time; else 4."""
    reuse: bool
    """Whether jobs of other experiments stand for cells that ask the same; else they do."""


class PlannedExperiment:
    """What an experiment will run and may cost; ``begin`` sets it up. Shows its estimate."""

    def __init__(self, workspace: Workspace, form: ExperimentForm, preview: Preview) -> None:
        """See ``Workspace.plan_experiment``."""
        self._workspace = workspace
        self._form = form
        self.preview = preview
        """The exact numbers."""

    def begin(self) -> ExperimentResult:
        """Set the experiment up and submit its first requests. This costs money. ``.wait()`` of
        what it gives waits for the jobs.

        Raises:
            PolicyError: the workspace is read-only, or the experiment is refused.
            CodyBatchError: it is wrong, or a service could not be asked; nothing is stored.
        """
        app = self._workspace.to_change("begin an experiment")
        experiment = app.experiments.create(self._form, app.person)
        return ExperimentResult(self._workspace, app.experiments.runs.advance(experiment))

    def __repr__(self) -> str:
        """The estimate as plain text."""
        return preview_text(self.preview)

    def _repr_html_(self) -> str:
        return preview_html(self.preview)


def form_of(
    app: Application,
    prompts: str | Sequence[str],
    repositories: str | Sequence[str],
    design: Design,
) -> ExperimentForm:
    """The form of an experiment, as a notebook describes it.

    Raises:
        UsageError: something that cannot be; the message says what can.
    """
    if unknown := sorted(set(design) - set(Design.__annotations__)):
        raise UsageError(
            f"An experiment takes no {', '.join(map(repr, unknown))}; it takes "
            f"{', '.join(Design.__annotations__)}."
        )
    metric = metric_of(design.get("metric", "accepted"))
    budget = amount_of(design.get("budget"), "budget")
    efforts = design.get("efforts", ())
    with understood():
        return ExperimentForm(
            name=design.get("name", ""),
            question=design.get("question", ""),
            prompts=several(prompts),
            models=tuple(design.get("models", ())),
            option_sets=tuple(OptionSet.model_validate({"effort": one}) for one in efforts),
            variables=dict(design.get("variables", {})),
            options=app.default_options(),
            repositories=tuple(RepositoryForm(repository=one) for one in several(repositories)),
            repetitions=design.get("repetitions", 1),
            baseline=design.get("baseline", ""),
            metric=metric,
            budget_usd=None if budget == NO_CAP else budget,
            requests_at_once=design.get("requests_at_once", 4),
            reuse=design.get("reuse", True),
        )

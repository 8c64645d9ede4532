"""Building experiments and letting them grow: checked, pinned, and with what exists taken over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from codybatch.domain.errors import InvalidExperiment
from codybatch.domain.experiments import (
    MAX_NAME,
    Arm,
    ChangeKind,
    Experiment,
    ExperimentChange,
    ExperimentRepository,
    ExperimentState,
)
from codybatch.domain.identifiers import ExperimentId, Person
from codybatch.domain.records import Record
from codybatch.ports import Clock
from codybatch.services.experiment_arms import ExperimentArms, again
from codybatch.services.experiment_cells import ExperimentCells
from codybatch.services.experiment_form import ExperimentForm, RepositoryForm
from codybatch.services.experiment_pins import ExperimentPins
from codybatch.services.intake import Intake


class Addition(Record):
    """What is added to an experiment; only the cells that this makes are run."""

    arms: ExperimentForm | None = None
    """A form of which the arms are taken."""
    repositories: tuple[RepositoryForm, ...] = ()
    repetitions: int = Field(default=0, ge=0)
    """So many more of every cell."""
    baseline_again: bool = False
    """Whether the baseline is run once more, as an arm of its own."""


@dataclass(frozen=True)
class ExperimentGrowth:
    """Makes experiments as they would be stored."""

    arms: ExperimentArms
    pins: ExperimentPins
    cells: ExperimentCells
    intake: Intake
    clock: Clock

    def built(self, form: ExperimentForm, by: Person, id_: ExperimentId) -> Experiment:
        """The experiment of a form, without its reference patches.

        Raises:
            UsageError, PolicyError: the form is wrong or refused.
            CodeHostError, ModelError: a service could not be asked.
        """
        now = self.clock.now()
        arms = self.arms.of(form)
        name = form.name.strip() or _name_of(arms)
        self._check_name(name, id_)
        self.check_models(arms, form.budget_usd)
        built = Experiment(
            id=id_,
            name=name,
            question=form.question.strip(),
            arms=arms,
            repositories=self.pins.of(form.repositories),
            repetitions=form.repetitions,
            baseline=arms[0].name,
            metric=form.metric,
            metric_chosen_at=now,
            budget_usd=form.budget_usd,
            requests_at_once=form.requests_at_once,
            reuses=form.reuse,
            created_by=by,
            created_at=now,
        )
        baseline = built.arm(form.baseline).name if form.baseline.strip() else arms[0].name
        return self._reusing(built.with_(baseline=baseline))

    def grown(
        self, one: Experiment, addition: Addition, pinned: Sequence[ExperimentRepository]
    ) -> Experiment:
        """An experiment with more in it; one that had ended goes on.

        Args:
            one: the experiment.
            addition: what is added.
            pinned: its repositories, as ``ExperimentPins.of`` gave them.

        Raises:
            UsageError, PolicyError, ModelError: as ``built``.
        """
        new = () if addition.arms is None else self.arms.of(addition.arms, one.arms)
        if addition.baseline_again:
            new = (*new, again(one.arm(one.baseline), one.arms))
        self.check_models(new, one.budget_usd)
        known = {each.repository_id for each in one.repositories}
        more = (each for each in pinned if each.repository_id not in known)
        grown = one.with_(
            arms=(*one.arms, *new),
            repositories=(*one.repositories, *more),
            repetitions=one.repetitions + addition.repetitions,
            all_planned=False,
        )
        if grown.cells == one.cells:
            raise InvalidExperiment("Say what to add: a prompt, a repository or a repetition.")
        reusing = self._reusing(grown.noting(*self._changes(one, grown, addition)))
        goes_on = {ExperimentState.ENDED, ExperimentState.RUNNING}
        return going_on(reusing) if reusing.state in goes_on else reusing

    def rebased(self, one: Experiment, arm: str) -> Experiment:
        """An experiment with another arm as its baseline, by name; that it was changed is noted.

        Raises:
            InvalidExperiment: it has no such arm.
        """
        name = one.arm(arm).name
        if name == one.baseline:
            return one
        return one.with_(baseline=name).noting(self._change(one, ChangeKind.BASELINE, 1))

    def check_models(self, arms: Sequence[Arm], budget_usd: Decimal | None) -> None:
        """Refuse models that are not known, or that have no price where a budget must hold.

        Raises:
            UnknownModel, ModelWithoutPrice: one cannot run.
            ModelError: the model's service could not be asked.
        """
        cap = self.intake.policy.request_cap_usd if budget_usd is None else budget_usd
        for arm in arms:
            self.intake.check_model(arm.options, cap)

    def _changes(
        self, one: Experiment, grown: Experiment, addition: Addition
    ) -> Iterator[ExperimentChange]:
        """What was added, each kind once."""
        again_ = int(addition.baseline_again)
        more = (
            (ChangeKind.ARMS, len(grown.arms) - len(one.arms) - again_),
            (ChangeKind.BASELINE_AGAIN, again_),
            (ChangeKind.REPOSITORIES, len(grown.repositories) - len(one.repositories)),
            (ChangeKind.REPETITIONS, addition.repetitions),
        )
        for kind, number in more:
            if number:
                yield self._change(one, kind, number)

    def _change(self, one: Experiment, kind: ChangeKind, number: int) -> ExperimentChange:
        jobs = (cell.job for cell in self.cells.of(one))
        results = sum(job is not None and job.state.is_terminal for job in jobs)
        return ExperimentChange(kind=kind, number=number, at=self.clock.now(), results=results)

    def _reusing(self, experiment: Experiment) -> Experiment:
        if not experiment.reuses:
            return experiment
        return experiment.with_(reused=self.cells.reusable(experiment))

    def _check_name(self, name: str, own: ExperimentId) -> None:
        named = " ".join(name.split()).casefold()
        if any(one.name.casefold() == named and one.id != own for one in self.cells.all()):
            raise InvalidExperiment(
                f"There is an experiment {name!r} already: give this one another name."
            )


def going_on(one: Experiment) -> Experiment:
    """An experiment that is looked at again at once."""
    return one.with_(
        state=ExperimentState.RUNNING,
        cancelled_by=None,
        trouble="",
        try_again_at=None,
        all_planned=False,
    )


def _name_of(arms: Sequence[Arm]) -> str:
    name = " vs ".join(arm.name for arm in arms)
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"

"""Experiments: set one up, look at it, change it, pause it, and let it go on.

Every change is made on what is stored at that moment, again where somebody else was quicker. What
is submitted, and when, is for ``experiment_runs``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from hashlib import sha256

from codybatch.domain.documents import PersonDocument
from codybatch.domain.errors import (
    BudgetRefused,
    IdempotencyConflict,
    StaleWrite,
    UnknownExperiment,
)
from codybatch.domain.experiments import (
    Experiment,
    ExperimentRepository,
    ExperimentState,
    Metric,
)
from codybatch.domain.identifiers import ExperimentId, Person, RequestId, experiment_id
from codybatch.ports import Clock, Records
from codybatch.services.estimates import Estimates
from codybatch.services.experiment_cells import ExperimentCells
from codybatch.services.experiment_form import ExperimentForm, RepositoryForm
from codybatch.services.experiment_growth import Addition, ExperimentGrowth, going_on
from codybatch.services.experiment_pins import ExperimentPins
from codybatch.services.experiment_preview import Preview, preview_of
from codybatch.services.experiment_runs import ExperimentRuns
from codybatch.services.experiment_standing import Standing, standing_of
from codybatch.services.identities import new_experiment_id
from codybatch.services.jobs import RECONCILE_SECONDS
from codybatch.services.requests import Requests
from codybatch.services.wording import exact_money


@dataclass(frozen=True)
class Experiments:
    """Use cases of experiments."""

    records: Records
    requests: Requests
    growth: ExperimentGrowth
    pins: ExperimentPins
    cells: ExperimentCells
    runs: ExperimentRuns
    estimates: Estimates
    clock: Clock

    # looking

    def list(self) -> tuple[Experiment, ...]:
        """All experiments, newest first."""
        return tuple(self.cells.all())

    def find(self, written: str) -> Experiment:
        """The experiment with this id or name (without regard to case).

        Raises:
            UnknownExperiment: there is none.
        """
        known = experiment_id(written.strip())
        if known is not None and (stored := self._stored(known)) is not None:
            return stored
        named = " ".join(written.split()).casefold()
        for one in self.cells.all():
            if one.name.casefold() == named:
                return one
        raise UnknownExperiment(
            f"There is no experiment {written!r}. `codybatch experiments list` shows them."
        )

    def standing(self, experiment: Experiment) -> Standing:
        """How an experiment stands: every cell with its jobs, counted, and what to do next."""
        return standing_of(experiment, self.cells.of(experiment), self.clock.now())

    def follow(self, experiment: ExperimentId, every_seconds: float = 1.0) -> Iterator[Standing]:
        """Give its standing again and again, until it has ended, is paused, or waits for a person.

        Whoever follows an experiment also lets it go on, and sees to it that its jobs do.

        Raises:
            UnknownExperiment: it was removed.
        """
        looked_at = self.clock.monotonic()
        while True:
            standing = self.standing(self.runs.advance(self.records.experiment(experiment)))
            yield standing
            if standing.is_at_rest:
                return
            if self.clock.monotonic() - looked_at > RECONCILE_SECONDS:
                self.requests.engine.reconcile(standing.unfinished_jobs)
                looked_at = self.clock.monotonic()
            self.clock.sleep(every_seconds)

    # setting up

    def preview(self, form: ExperimentForm, by: Person) -> Preview:
        """What an experiment will run and may cost; it is checked like one that is set up, and
        nothing is stored.

        Raises:
            UsageError, PolicyError: the form is wrong or refused.
            CodeHostError, ModelError: a service could not be asked.
        """
        return self.preview_of(self.growth.built(form, by, new_experiment_id(self.clock.now())))

    def preview_of(self, experiment: Experiment) -> Preview:
        """What an experiment has still to run and what that may cost."""
        left = self.estimates.day_left()
        cells, allotments = self.cells.of(experiment), self.runs.allotments(experiment)
        return preview_of(experiment, cells, allotments, self.runs.size(allotments), left)

    def create(self, form: ExperimentForm, by: Person) -> Experiment:
        """Set an experiment up: everything is checked, prompts are pinned to their versions and
        repositories to their commits. Its first requests are submitted with the next tick, or by
        ``runs.advance``.

        Raises:
            UsageError, PolicyError: the form is wrong or refused; nothing is stored.
            CodeHostError, ModelError: a service could not be asked; nothing is stored.
            IdempotencyConflict: the key was used for another form.
        """
        id_ = self._id_for(form, by)
        stored = self._stored(id_)
        if stored is not None:
            return stored
        built = self.growth.built(form, by, id_)
        kept = self.pins.keep_references(id_, form.repositories, built.repositories)
        try:
            return self.records.put_experiment(built.with_(repositories=kept))
        except StaleWrite:  # the same key came twice at once
            return self.records.experiment(id_)

    # changing

    def pause(self, experiment: ExperimentId) -> Experiment:
        """Submit nothing more until it is resumed; what was submitted goes on.

        Raises:
            UnknownExperiment: there is none.
        """
        return self._changed(experiment, _paused)

    def resume(self, experiment: ExperimentId) -> Experiment:
        """Go on, also where it waits for a service: that is asked again at once.

        Raises:
            UnknownExperiment: there is none.
        """
        return self._changed(experiment, going_on)

    def cancel(self, experiment: ExperimentId, by: Person) -> Experiment:
        """Pause it, and cancel what runs.

        Raises:
            UnknownExperiment: there is none.
        """
        paused = self._changed(experiment, partial(_cancelled, by=by))
        for planned in paused.under_way:
            if self.runs.submissions.stored(planned) is not None:
                self.requests.cancel(planned.request, by)
        return paused

    def retry_failed(self, experiment: ExperimentId) -> Experiment:
        """Make those cells again whose job failed or was cancelled, and try those repositories
        again that could not be worked on.

        Raises:
            UnknownExperiment: there is none.
        """
        now = self.clock.now()

        def retried(one: Experiment) -> Experiment:
            ends = [cell.job.ended_at for cell in self.cells.of(one) if cell.job]
            latest = max((at for at in ends if at is not None), default=now)
            return going_on(one.with_(retried_at=max(now, latest), unavailable=()))

        return self._changed(experiment, retried)

    def add(self, experiment: ExperimentId, addition: Addition) -> Experiment:
        """Add arms, repositories or repetitions; only the cells that this makes are submitted.

        Raises:
            UnknownExperiment: there is none.
            InvalidExperiment: nothing is added, or too much.
            UsageError, PolicyError, CodeHostError, ModelError: as ``create``.
        """
        pinned = self._pinned(experiment, addition)
        kept = self.pins.keep_references(experiment, addition.repositories, pinned)
        return self._changed(experiment, lambda one: self.growth.grown(one, addition, kept))

    def preview_addition(self, experiment: ExperimentId, addition: Addition) -> Preview:
        """What ``add`` would run, with what is still to be run, and what that may cost; nothing is
        stored.

        Raises:
            UnknownExperiment, InvalidExperiment, UsageError, PolicyError, CodeHostError,
                ModelError: as ``add``.
        """
        pinned = self._pinned(experiment, addition)
        found = self.records.experiment(experiment)
        return self.preview_of(self.growth.grown(found, addition, pinned))

    def add_arms(self, experiment: ExperimentId, form: ExperimentForm) -> Experiment:
        """Add the arms of a form; errors as ``add``."""
        return self.add(experiment, Addition(arms=form))

    def add_aa(self, experiment: ExperimentId) -> Experiment:
        """Run the baseline once more as an arm of its own, to see how far two equal arms differ;
        errors as ``add``.
        """
        return self.add(experiment, Addition(baseline_again=True))

    def add_repetitions(self, experiment: ExperimentId, number: int) -> Experiment:
        """Repeat every cell so many times more; errors as ``add``."""
        return self.add(experiment, Addition(repetitions=number))

    def add_repositories(
        self, experiment: ExperimentId, forms: Sequence[RepositoryForm]
    ) -> Experiment:
        """Add repositories, pinned to their commits of now; errors as ``add``."""
        return self.add(experiment, Addition(repositories=tuple(forms)))

    def raise_budget(self, experiment: ExperimentId, budget_usd: Decimal | None) -> Experiment:
        """Give it another budget (US dollars; None for none); where it waits for one, it goes on.
        Requests that began without one get caps.

        Raises:
            UnknownExperiment: there is none.
            BudgetRefused: that is less than was spent and is set aside.
        """
        capped: set[RequestId] = set()

        def changed(one: Experiment) -> Experiment:
            if budget_usd is not None:
                capped.update(each.request for each in one.under_way if each.cap_usd is None)
                one = self.runs.within_budget(one)
            held = one.spent_usd + one.reserved_usd
            if budget_usd is not None and budget_usd < held:
                raise BudgetRefused(
                    f"{exact_money(held)} of the experiment's budget are spent or set aside: it "
                    f"cannot be lower than that, so not {exact_money(budget_usd)}."
                )
            self.growth.check_models(one.arms, budget_usd)
            other = one.with_(budget_usd=budget_usd, all_planned=False)
            return going_on(other) if one.state is ExperimentState.WAITING else other

        after = self._changed(experiment, changed)
        self.runs.cap_requests(after, capped)
        return after

    def change_metric(self, experiment: ExperimentId, metric: Metric) -> Experiment:
        """Decide by another metric; when that was chosen is noted.

        Raises:
            UnknownExperiment: there is none.
        """
        now = self.clock.now()

        def changed(one: Experiment) -> Experiment:
            return one if one.metric is metric else one.with_(metric=metric, metric_chosen_at=now)

        return self._changed(experiment, changed)

    def set_baseline(self, experiment: ExperimentId, arm: str) -> Experiment:
        """Compare with another arm, by its name; when that was changed is noted.

        Raises:
            UnknownExperiment: there is none.
            InvalidExperiment: it has no such arm.
        """
        return self._changed(experiment, lambda one: self.growth.rebased(one, arm))

    def remove(self, experiment: ExperimentId) -> None:
        """Remove an experiment; its requests and jobs stay.

        Raises:
            UnknownExperiment: there is none.
        """
        if not self.records.remove_experiment(experiment):
            raise UnknownExperiment

    # inside

    def _pinned(
        self, experiment: ExperimentId, addition: Addition
    ) -> tuple[ExperimentRepository, ...]:
        if not addition.repositories:
            return ()
        return self.pins.of(addition.repositories, self.records.experiment(experiment).repositories)

    def _id_for(self, form: ExperimentForm, by: Person) -> ExperimentId:
        """The id for a form: the same for the same key, once it was noted for the person."""
        new = new_experiment_id(self.clock.now())
        if form.idempotency_key is None:
            return new
        digest = sha256(form.to_json().encode()).hexdigest()
        name = f"experiment.{sha256(form.idempotency_key.encode()).hexdigest()[:32]}"
        note = json.dumps({"experiment": new, "form": digest})
        try:
            noted = self.records.person_document(by, name) or self.records.put_person_document(
                PersonDocument(person=by, name=name, content=note)
            )
        except StaleWrite:  # by another call, just now
            return self._id_for(form, by)
        found = json.loads(noted.content)
        if found["form"] != digest:
            raise IdempotencyConflict
        return ExperimentId(found["experiment"])

    def _stored(self, experiment: ExperimentId) -> Experiment | None:
        try:
            return self.records.experiment(experiment)
        except UnknownExperiment:
            return None

    def _changed(
        self, experiment: ExperimentId, change: Callable[[Experiment], Experiment]
    ) -> Experiment:
        """Change it, again where a tick or a person was quicker."""
        while True:
            found = self.records.experiment(experiment)
            changed = change(found)
            if changed == found:
                return found
            try:
                return self.records.put_experiment(changed)
            except StaleWrite:
                continue


def _cancelled(one: Experiment, by: Person) -> Experiment:
    paused = _paused(one)
    return paused if paused.state is ExperimentState.ENDED else paused.with_(cancelled_by=by)


def _paused(one: Experiment) -> Experiment:
    if one.state is ExperimentState.ENDED:
        return one
    return one.with_(state=ExperimentState.PAUSED, trouble="", try_again_at=None)

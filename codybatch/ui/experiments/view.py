"""The head of an experiment's page: how it stands, arm by arm, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from codybatch.composition import Application
from codybatch.domain.cells import CellState
from codybatch.domain.errors import UnknownExperiment
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.identifiers import experiment_id
from codybatch.services.experiment_standing import ArmStanding, Counts, Standing
from codybatch.services.wording import counted, money
from codybatch.ui.errands import Errand, the_errands
from codybatch.ui.experiments.acts import ExperimentActs, acts_of
from codybatch.ui.experiments.raters import unjudged
from codybatch.ui.experiments.reports import Known, make, stamp_of, the_reports
from codybatch.ui.experiments.words import METRICS, STATE_BADGES
from codybatch.ui.for_pages import for_pages
from codybatch.ui.pace import BUSY_SECONDS, WAITING_SECONDS
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import Badge, Color, ago

MANY_CELLS = 500
"""An experiment with more is looked at less often: all of its jobs are read each time."""
COLORS: tuple[tuple[CellState, Color], ...] = (
    (CellState.DONE, "green"),
    (CellState.FAILED, "red"),
    (CellState.CANCELLED, "gray"),
    (CellState.UNAVAILABLE, "orange"),
    (CellState.RUNNING, "blue"),
)
"""Of the segments of a bar, in their order; what is missing is left blank."""


@dataclass(frozen=True)
class ArmLine:
    """How far one arm is; its name is anybody's."""

    name: str
    is_baseline: bool
    counts: Counts
    told: str
    cost: str


@dataclass(frozen=True)
class ExperimentView:
    """An experiment's head at one moment; what people wrote is clean, and must be shown as text."""

    experiment: Experiment
    badge: Badge
    name: str
    question: str
    about: str
    standing: str
    next_step: str
    counts: Counts
    arms: tuple[ArmLine, ...]
    facts: tuple[tuple[str, str], ...]
    unavailable: tuple[str, ...]
    acts: ExperimentActs
    unjudged: int
    errand: Errand | None
    known: Known
    number: int
    """Of the report that is known."""
    is_worked_out: bool
    """Whether a newer report is under way."""

    @property
    def refresh_seconds(self) -> float | None:
        """When to look again."""
        if self.is_worked_out or (self.errand is not None and self.errand.is_active):
            return BUSY_SECONDS
        if self.experiment.state is ExperimentState.RUNNING or self.counts.running:
            return WAITING_SECONDS if self.counts.total > MANY_CELLS else BUSY_SECONDS
        # Others may judge from elsewhere, and a reload may show what was read a second before.
        return WAITING_SECONDS if self.experiment.is_active or self.unjudged else None


def experiment_of(app: Application, written: str) -> Experiment:
    """The experiment that the address names, by its id or its name.

    Raises:
        UnknownExperiment: there is none.
    """
    known = experiment_id(written)
    if known is not None:
        try:
            return app.store.records.experiment(known)
        except UnknownExperiment:
            raise UnknownExperiment(f"There is no experiment {written!r}.") from None
    return app.experiments.find(written)


def experiment_view(app: Application, written: str, zone: tzinfo) -> ExperimentView:
    """The head of an experiment's page as it stands at this moment.

    Args:
        app: where it comes from.
        written: its id or its name, as the address has it.
        zone: of whoever looks.

    Raises:
        UnknownExperiment: there is none.
    """
    one, clean, now = experiment_of(app, written), app.net.clean, app.clock.now()
    standing = app.experiments.standing(one)
    known = the_reports(app).of(one.id, stamp_of(app, one), make(app, one), is_active=one.is_active)
    left = unjudged(known.report) if known.report else 0
    made = ago(one.created_at, now, zone)
    about = f"by {one.created_by} · {made} · decided by: {METRICS[one.metric].lower()}"
    return ExperimentView(
        experiment=one,
        badge=STATE_BADGES[one.state],
        name=shown_on_one_line(one.name, clean, longest=160),
        question=shown(one.question, clean),
        about=shown_on_one_line(about, clean),
        standing=shown(for_pages(standing.sentence), clean),
        next_step=shown(for_pages(standing.next_step), clean),
        counts=standing.counts,
        arms=tuple(_line(arm, one, clean) for arm in standing.arms),
        facts=_facts(standing),
        unavailable=_unavailable(one, clean),
        acts=acts_of(standing, left),
        unjudged=left,
        errand=the_errands(app).of(one.id),
        known=known,
        number=known.number,
        is_worked_out=known.is_old,
    )


def _line(arm: ArmStanding, one: Experiment, clean: Clean) -> ArmLine:
    return ArmLine(
        name=shown_on_one_line(arm.arm.name, clean),
        is_baseline=arm.arm.name == one.baseline,
        counts=arm.counts,
        told=arm.counts.in_words,
        cost=money(arm.cost_usd),
    )


def _facts(standing: Standing) -> tuple[tuple[str, str], ...]:
    one, counts = standing.experiment, standing.counts
    cap = f" of {money(one.budget_usd)}" if one.budget_usd is not None else ""
    found = (
        ("Cells", f"{counts.done:,} of {counts.total:,} done"),
        ("Spent", f"{money(standing.cost_usd)}{cap}"),
        ("Set aside", money(one.reserved_usd) if one.reserved_usd else ""),
        ("Repositories", f"{len(one.repositories):,}"),
        ("Repetitions", str(one.repetitions)),
        ("Reused", counted(counts.reused, "cell") if counts.reused else ""),
    )
    return tuple((name, value) for name, value in found if value)


def _unavailable(one: Experiment, clean: Clean) -> tuple[str, ...]:
    names = {each.repository_id: each.repository.full_name for each in one.repositories}
    return tuple(
        shown_on_one_line(f"{names.get(each.repository_id, '')}: {each.reason}", clean)
        for each in one.unavailable
    )

"""How an experiment stands: its cells counted by arm, what it cost, and what to do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from codybatch.domain.cells import Cell, CellState
from codybatch.domain.experiments import Arm, Experiment, ExperimentState
from codybatch.domain.jobs import Job, Waiting
from codybatch.domain.money import NOTHING
from codybatch.domain.states import WAITING_TEXTS, JobState
from codybatch.services.jobs import needs_person


@dataclass(frozen=True)
class Counts:
    """How many cells are in each state."""

    done: int = 0
    running: int = 0
    failed: int = 0
    cancelled: int = 0
    missing: int = 0
    unavailable: int = 0
    reused: int = 0
    """Of all of them: made for another experiment."""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Counts:
        """The cells counted."""
        counted = Counter(cell.state.value for cell in cells)
        states = {state.value: counted[state.value] for state in CellState}
        return cls(**states, reused=sum(cell.is_reused for cell in cells))

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, state.value) for state in CellState)

    @property
    def in_words(self) -> str:
        """``12 done, 2 running``; states without a cell are left out."""
        counted = ((getattr(self, state.value), state.value) for state in _IN_ORDER)
        return ", ".join(f"{number} {name}" for number, name in counted if number)


_IN_ORDER = (
    CellState.DONE,
    CellState.RUNNING,
    CellState.FAILED,
    CellState.CANCELLED,
    CellState.MISSING,
    CellState.UNAVAILABLE,
)


@dataclass(frozen=True)
class ArmStanding:
    """How an arm stands."""

    arm: Arm
    counts: Counts
    cost_usd: Decimal
    """What its own jobs cost so far, every attempt."""


@dataclass(frozen=True)
class Standing:
    """How an experiment stands."""

    experiment: Experiment
    cells: tuple[Cell, ...]
    arms: tuple[ArmStanding, ...]
    counts: Counts
    cost_usd: Decimal
    """What its own jobs cost so far, every attempt (US dollars)."""
    sentence: str
    """What it does, or why it waits."""
    next_step: str
    """What a person can do about it; empty where there is nothing to do."""

    @property
    def has_ended(self) -> bool:
        """Whether every cell that can be made has a job that ended."""
        return self.experiment.state is ExperimentState.ENDED

    @property
    def unfinished_jobs(self) -> tuple[Job, ...]:
        """The jobs of its cells that have not ended."""
        jobs = (cell.job for cell in self.cells if cell.job is not None)
        return tuple(job for job in jobs if not job.state.is_terminal)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing moves before somebody does something."""
        one = self.experiment
        if one.state is ExperimentState.WAITING:
            return one.try_again_at is None
        if unfinished := self.unfinished_jobs:
            is_full = len(one.under_way) >= one.requests_at_once
            is_submitted = one.state is not ExperimentState.RUNNING or one.all_planned or is_full
            return is_submitted and all(map(needs_person, unfinished))
        return one.state is not ExperimentState.RUNNING


def standing_of(experiment: Experiment, cells: Sequence[Cell], now: datetime) -> Standing:
    """How an experiment stands.

    Args:
        experiment: as it is stored.
        cells: all of its cells.
        now: what time it is.
    """
    counts = Counts.of(cells)
    return Standing(
        experiment=experiment,
        cells=tuple(cells),
        arms=tuple(_of_arm(arm, cells) for arm in experiment.arms),
        counts=counts,
        cost_usd=_cost(cells),
        sentence=_sentence(experiment, cells, counts, now),
        next_step=_next_step(experiment, cells, counts),
    )


def _of_arm(arm: Arm, cells: Sequence[Cell]) -> ArmStanding:
    mine = [cell for cell in cells if cell.key.arm == arm.key]
    return ArmStanding(arm, Counts.of(mine), _cost(mine))


def _cost(cells: Sequence[Cell]) -> Decimal:
    jobs = (job for cell in cells if not cell.is_reused for job in cell.jobs)
    return sum((max(job.cost_usd, job.progress.cost_usd) for job in jobs), start=NOTHING)


def _sentence(experiment: Experiment, cells: Sequence[Cell], counts: Counts, now: datetime) -> str:
    if experiment.state is ExperimentState.WAITING:
        again = experiment.try_again_at
        when = f" It tries again at {again:%H:%M} UTC." if again and again > now else ""
        return f"Waits. {experiment.trouble}{when}"
    if experiment.state is ExperimentState.PAUSED:
        goes_on = " What was submitted goes on." if counts.running else ""
        return f"Paused: {counts.missing} cells are not submitted.{goes_on}"
    if experiment.state is ExperimentState.ENDED:
        return "Every cell that can be made has a job that ended."
    waiting = _waiting(cells)
    if waiting and len(waiting) == counts.running:
        why = WAITING_TEXTS[waiting[0].reason].sentence
        return f"Its {len(waiting)} unfinished jobs wait. {why}"
    return "Goes on: the next cells are submitted as earlier ones end."


def _next_step(experiment: Experiment, cells: Sequence[Cell], counts: Counts) -> str:
    return " ".join(_steps(experiment, cells, counts))


def _steps(experiment: Experiment, cells: Sequence[Cell], counts: Counts) -> Iterator[str]:
    name = shlex.quote(experiment.name)
    if experiment.state is ExperimentState.PAUSED:
        yield f"`codybatch experiments resume {name}` goes on."
    if experiment.state is ExperimentState.RUNNING and (waiting := _waiting(cells)):
        yield WAITING_TEXTS[waiting[0].reason].next_step
    nothing = counts.failed + counts.cancelled
    if nothing and not counts.running:
        again = f"`codybatch experiments retry {name}` makes them again."
        yield f"{nothing} cells came to nothing: {again}"
    if counts.unavailable:
        yield (
            f"{counts.unavailable} cells cannot be made. Mend what is said of their repositories, "
            f"then `codybatch experiments retry {name}`."
        )


def _waiting(cells: Sequence[Cell]) -> list[Waiting]:
    jobs = (cell.job for cell in cells if cell.job is not None)
    return [job.waiting for job in jobs if job.state is JobState.WAITING and job.waiting]

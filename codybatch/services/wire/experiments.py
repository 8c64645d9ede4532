"""Experiments as programs read them."""

from __future__ import annotations

from typing import Any, Self

from codybatch.domain.cells import Cell, CellState
from codybatch.domain.estimates import Estimate
from codybatch.domain.experiments import Arm, Experiment, ExperimentRepository, Metric
from codybatch.domain.identifiers import ExperimentId, JobId, Person
from codybatch.domain.money import NOTHING, Usd
from codybatch.domain.prompts import PromptRef
from codybatch.domain.records import Moment
from codybatch.domain.requests import RequestOptions
from codybatch.services.experiment_preview import Preview
from codybatch.services.experiment_standing import Counts, Standing
from codybatch.services.wire.shape import Shape, fields_of


class ArmShown(Shape):
    """An arm of an experiment."""

    name: str
    key: str
    """The same for arms that ask the same of the same model."""
    prompt: PromptRef
    variables: dict[str, str]
    options: RequestOptions
    replicate: int

    @classmethod
    def of(cls, arm: Arm) -> Self:
        """The shape of an arm."""
        return cls(**fields_of(cls, arm), key=arm.key)


class PinnedShown(Shape):
    """A repository of an experiment, at its pinned commit."""

    repository: str
    repository_id: str
    commit: str
    changes_necessary: bool | None
    has_reference: bool
    """Whether a patch is known that is right."""
    unavailable: str
    """Why no more cells can be made in it; empty where they can."""

    @classmethod
    def of(cls, one: ExperimentRepository, unavailable: str) -> Self:
        """The shape of a repository."""
        shown = {**fields_of(cls, one), "repository": str(one.repository)}
        return cls(**shown, has_reference=one.reference is not None, unavailable=unavailable)


class ExperimentShown(Shape):
    """An experiment: what is compared, where, and how it is decided."""

    id: ExperimentId
    name: str
    question: str
    arms: tuple[ArmShown, ...]
    repositories: tuple[PinnedShown, ...]
    repetitions: int
    baseline: str
    metric: Metric
    metric_chosen_at: Moment
    budget_usd: Usd | None
    spent_usd: Usd
    """What its requests cost that have ended."""
    reserved_usd: Usd
    """What is set aside for the others."""
    requests_at_once: int
    reused: tuple[ExperimentId, ...]
    created_by: Person
    created_at: Moment
    state: str
    trouble: str
    try_again_at: Moment | None

    @classmethod
    def of(cls, one: Experiment) -> Self:
        """The shape of an experiment."""
        reasons = {each.repository_id: each.reason for each in one.unavailable}
        own = {
            "arms": tuple(map(ArmShown.of, one.arms)),
            "repositories": tuple(
                PinnedShown.of(each, reasons.get(each.repository_id, ""))
                for each in one.repositories
            ),
            "reserved_usd": one.reserved_usd,
        }
        return cls(**{**fields_of(cls, one), **own})


class CountsShown(Shape):
    """How many cells are in each state."""

    total: int
    done: int
    running: int
    failed: int
    cancelled: int
    missing: int
    unavailable: int
    reused: int
    """Of all of them: made for another experiment, and not paid for again."""

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """The shape of counts."""
        return cls(**{name: getattr(counts, name) for name in cls.model_fields})


class ArmStandingShown(Shape):
    """How an arm stands."""

    name: str
    key: str
    counts: CountsShown
    cost_usd: Usd


class CellShown(Shape):
    """A cell: one arm on one repository, for one repetition."""

    arm: str
    """The arm's name."""
    repository: str
    repository_id: str
    repetition: int
    state: CellState
    job: JobId | None
    """The one that counts."""
    earlier: tuple[JobId, ...]
    """Attempts before it, newest first."""
    reused: bool
    """Whether it was made for another experiment."""
    were_changes_necessary: bool | None
    cost_usd: Usd

    @classmethod
    def of(cls, cell: Cell) -> Self:
        """The shape of a cell."""
        job = cell.job
        return cls(
            arm=cell.arm.name,
            repository=cell.repository.repository.full_name,
            repository_id=cell.repository.repository_id,
            repetition=cell.repetition,
            state=cell.state,
            job=job.id if job else None,
            earlier=tuple(one.id for one in cell.jobs[1:]),
            reused=cell.is_reused,
            were_changes_necessary=job.were_changes_necessary if job else None,
            cost_usd=job.cost_usd if job else NOTHING,
        )


class ExperimentStanding(ExperimentShown):
    """The same with how it stands."""

    counts: CountsShown
    standings: tuple[ArmStandingShown, ...]
    cost_usd: Usd
    """What its own jobs cost so far, every attempt."""
    sentence: str
    next: str
    """What a person can do; empty where there is nothing to do."""

    @classmethod
    def standing(cls, standing: Standing) -> Self:
        """The shape of an experiment and how it stands."""
        return cls(**cls._fields(standing))

    @staticmethod
    def _fields(standing: Standing) -> dict[str, Any]:
        shown = ExperimentShown.of(standing.experiment)
        return dict(
            **{name: getattr(shown, name) for name in ExperimentShown.model_fields},
            counts=CountsShown.of(standing.counts),
            standings=tuple(
                ArmStandingShown(
                    name=one.arm.name,
                    key=one.arm.key,
                    counts=CountsShown.of(one.counts),
                    cost_usd=one.cost_usd,
                )
                for one in standing.arms
            ),
            cost_usd=standing.cost_usd,
            sentence=standing.sentence,
            next=standing.next_step,
        )


class ExperimentInFull(ExperimentStanding):
    """The same with every cell."""

    cells: tuple[CellShown, ...]

    @classmethod
    def standing(cls, standing: Standing) -> Self:
        """The shape of an experiment, how it stands, and its cells."""
        return cls(**cls._fields(standing), cells=tuple(map(CellShown.of, standing.cells)))


class ArmEstimateShown(Shape):
    """What the cells of an arm may cost that are still to be made."""

    name: str
    cells: int
    estimate: Estimate | None


class PreviewShown(Shape):
    """What an experiment will run and may cost."""

    experiment: ExperimentShown
    cells: int
    existing: int
    """Of them: there is a job already, here or in another experiment."""
    missing: int
    """Of them: still to be made."""
    requests: int
    estimate: Estimate | None
    arms: tuple[ArmEstimateShown, ...]
    day_left_usd: Usd | None
    notices: tuple[str, ...]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """The shape of a preview."""
        return cls(
            experiment=ExperimentShown.of(preview.experiment),
            cells=preview.cells,
            existing=preview.existing,
            missing=preview.missing,
            requests=preview.requests,
            estimate=preview.estimate,
            arms=tuple(
                ArmEstimateShown(name=arm.name, cells=number, estimate=estimate)
                for arm, number, estimate in preview.by_arm
            ),
            day_left_usd=preview.day_left_usd,
            notices=preview.notices,
        )

"""What an experiment compares, from its cells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from codybatch.analysis.gathering.growth import cautions_of
from codybatch.analysis.gathering.material import Contender, Material, Subject
from codybatch.analysis.gathering.naming import a_few, names_of
from codybatch.analysis.gathering.tried import Tried
from codybatch.domain.errors import UnknownPrompt
from codybatch.domain.experiments import (
    Arm,
    Experiment,
    ExperimentRepository,
    ExperimentState,
    Metric,
)
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING
from codybatch.domain.prompts import PromptRef
from codybatch.ports import Records
from codybatch.services.wording import counted


class CellOfJobs(Protocol):
    """One arm on one repository for one repetition, with the job that counts."""

    @property
    def arm(self) -> Arm:
        """What it asks."""

    @property
    def repository(self) -> ExperimentRepository:
        """Where."""

    @property
    def repetition(self) -> int:
        """From 1."""

    @property
    def job(self) -> Job | None:
        """The one that counts; None where there is none."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All attempts."""

    @property
    def is_reused(self) -> bool:
        """Whether another experiment paid for them."""

    @property
    def unavailable(self) -> str:
        """Why there will be none; empty where there may be."""


def material_of(experiment: Experiment, cells: Iterable[CellOfJobs], records: Records) -> Material:
    """What an experiment compares: all arms, with the baseline first.

    Args:
        experiment: which one.
        cells: all of its cells.
        records: where prompts and verdicts are read.
    """
    cells = list(cells)
    called = names_of(
        {one.repository_id: one.repository.full_name for one in experiment.repositories}
    )
    given = verdicts_of((cell.job for cell in cells), records)
    tried: dict[str, dict[str, list[Tried]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        repository = called[cell.repository.repository_id]
        tried[cell.arm.name][repository].append(_tried(cell, given))
    contenders = [_contender(experiment, arm, tried[arm.name], records) for arm in experiment.arms]
    return Material(
        title=experiment.name,
        question=experiment.question,
        experiment=experiment.id,
        contenders=tuple(sorted(contenders, key=lambda one: one.name != experiment.baseline)),
        subjects=tuple(
            sorted(
                (_subject(called[one.repository_id], one) for one in experiment.repositories),
                key=lambda one: one.name,
            )
        ),
        repetitions=experiment.repetitions,
        metric=experiment.metric,
        metric_chosen_at=experiment.metric_chosen_at,
        more_to_come=experiment.is_active,
        budget_usd=experiment.budget_usd,
        spent_usd=sum(
            (job.cost_usd for cell in cells if not cell.is_reused for job in cell.jobs), NOTHING
        ),
        changes=experiment.changes,
        notices=(*_notices(experiment, contenders), *_not_alike(cells)),
    )


def on_metric(material: Material, metric: Metric) -> Material:
    """The same, asked about another metric than was settled to decide."""
    if metric is material.metric:
        return material
    return replace(material, metric=metric, settled_metric=material.metric)


def of_two(material: Material, a: str, b: str) -> Material:
    """The same of two arms only, the first as the baseline.

    Args:
        material: of all arms.
        a: name of an arm.
        b: name of another.
    """
    chosen = material.contender(a), material.contender(b)
    names = {one.name for one in chosen}
    kept = tuple(one if one.equal_to in names else replace(one, equal_to=None) for one in chosen)
    return replace(material, contenders=kept, notices=(*material.notices, *_picked_from(material)))


def _not_alike(cells: Sequence[CellOfJobs]) -> Iterator[str]:
    """Of which cells the job was made in another way than the others'."""
    again = Counter(cell.arm.name for cell in cells if len(cell.jobs) > 1)
    if again:
        yield (
            f"Jobs that came to nothing were made again, and the newest counts: {_told(again)}. "
            "Failures before it are not in these numbers."
        )
    elsewhere = Counter(cell.arm.name for cell in cells if cell.is_reused)
    if elsewhere:
        yield (
            f"Some jobs were made for another experiment, at another time: {_told(elsewhere)}. "
            "What failed there was not taken over and was made anew."
        )


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of {arm}" for arm, count in counts.items())


def _picked_from(material: Material) -> Iterator[str]:
    """A caution where two arms were picked out of several."""
    baseline = material.baseline.name
    tested = sum(one.equal_to != baseline for one in material.contenders[1:])
    if tested > 1:
        yield (
            f"The experiment compares {tested} arms with its baseline, and this p-value is of two "
            "alone: who looks at pair after pair finds one that differs by chance. The report of "
            "the experiment is corrected for that."
        )


def _tried(cell: CellOfJobs, given: Mapping[JobId, tuple[Verdict, ...]]) -> Tried:
    job = cell.job
    return Tried(
        repetition=cell.repetition,
        job=job,
        verdicts=given.get(job.id, ()) if job else (),
        unavailable=cell.unavailable,
    )


def verdicts_of(
    jobs: Iterable[Job | None], records: Records
) -> Mapping[JobId, tuple[Verdict, ...]]:
    """What people think of jobs; nothing of those that have not ended."""
    return records.verdicts_of([job.id for job in jobs if job and job.state.is_terminal])


def _contender(
    experiment: Experiment, arm: Arm, tried: dict[str, list[Tried]], records: Records
) -> Contender:
    return Contender(
        name=arm.name,
        prompt=arm.prompt,
        text=text_at(arm.prompt, records),
        variables=arm.variables,
        options=arm.options,
        tried={
            name: tuple(sorted(each, key=lambda one: one.repetition))
            for name, each in tried.items()
        },
        equal_to=_twin(experiment, arm),
    )


def text_at(prompt: PromptRef, records: Records) -> str:
    """A prompt as it was saved; nothing where it is not there."""
    try:
        return records.prompt(prompt.name, prompt.version).template
    except UnknownPrompt:
        return ""


def _twin(experiment: Experiment, arm: Arm) -> str | None:
    """The arm that this one repeats."""
    if arm.replicate == 1:
        return None
    original = arm.with_(replicate=1).key
    return next((one.name for one in experiment.arms if one.key == original), None)


def _subject(name: str, one: ExperimentRepository) -> Subject:
    return Subject(
        name=name,
        changes_necessary=one.changes_necessary,
        reference=one.reference,
        reference_commit=one.commit,
    )


def _notices(experiment: Experiment, contenders: Iterable[Contender]) -> Iterator[str]:
    yield from cautions_of(experiment.changes)
    missing = {
        name
        for contender in contenders
        for name, tried in contender.every()
        if tried.job is None and tried.unavailable
    }
    if missing:
        repositories = counted(len(missing), "repository", "repositories")
        yield f"{repositories} cannot be worked on any more: {a_few(sorted(missing))}."
    if experiment.state is ExperimentState.PAUSED:
        yield "The experiment is paused: what is still missing is not waited for."

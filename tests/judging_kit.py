"""An experiment whose jobs have ended, for whoever judges them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from codybatch.domain.experiments import Arm, Experiment
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptRef
from codybatch.domain.requests import RequestOptions
from tests.contracts.experiment_examples import (
    a_pinned_repository,
    an_arm,
    an_experiment,
    created_for,
)
from tests.ui_kit import DIFF, Gallery

PROMPTS = ("plain-words", "step-by-step", "with-examples")
MODELS = ("claude-opus-4-7", "claude-sonnet-5-5", "claude-haiku-5")


@dataclass
class Trial:
    """An experiment and a job of each of its cells; every job tells its prompt and its model."""

    gallery: Gallery
    experiment: Experiment
    jobs: tuple[Job, ...]

    def make(self, like: Job, attempt: int) -> Job:
        """The cell of a job made again."""
        assert like.cell
        arm = next(arm for arm in self.experiment.arms if arm.key == like.cell.arm)
        return _job(
            *(self.gallery, self.experiment, arm, like.repository.full_name),
            repetition=like.cell.repetition,
            attempt=attempt,
        )

    def heir(self) -> Experiment:
        """Another experiment with the same cells, which made no jobs of its own."""
        heir = an_experiment(
            datetime.now(UTC),
            arms=self.experiment.arms,
            repositories=self.experiment.repositories,
            repetitions=self.experiment.repetitions,
            baseline=self.experiment.baseline,
            reused=(self.experiment.id,),
        )
        return self.gallery.records.put_experiment(heir)


def a_trial(
    gallery: Gallery, *, arms: int = 2, repositories: int = 3, repetitions: int = 1
) -> Trial:
    """An experiment that ended, oldest cells first."""
    compared = tuple(_arm(number) for number in range(arms))
    names = [f"acme/r{number}" for number in range(repositories)]
    experiment = gallery.records.put_experiment(
        an_experiment(
            datetime.now(UTC) - timedelta(days=1),
            arms=compared,
            repositories=tuple(
                a_pinned_repository(name, repository_id=f"id-of-{name.partition('/')[2]}")
                for name in names
            ),
            repetitions=repetitions,
            baseline=compared[0].name,
        )
    )
    jobs = tuple(
        _job(gallery, experiment, arm, name, repetition=repetition, attempt=1)
        for repetition in range(1, repetitions + 1)
        for name in names
        for arm in compared
    )
    return Trial(gallery, experiment, jobs)


def _arm(number: int) -> Arm:
    return an_arm(
        name=f"arm {number}",
        prompt=PromptRef(name=PROMPTS[number], version=number + 1),
        options=RequestOptions(model=MODELS[number]),
    )


def _job(
    gallery: Gallery,
    experiment: Experiment,
    arm: Arm,
    repository: str,
    *,
    repetition: int,
    attempt: int,
) -> Job:
    gallery.made += 1
    job = created_for(
        gallery.records,
        experiment.cell(arm, repetition, attempt),
        datetime.now(UTC) - timedelta(hours=5) + timedelta(seconds=gallery.made),
        repositories=repository,
        title=f"Compare {arm.prompt.name}",
        prompt=arm.prompt,
        options=arm.options,
    ).jobs[0]
    says = f"{arm.prompt.name} with {arm.options.model}"
    gallery.settle(
        gallery.begun(job),
        patch=DIFF.replace(b"+1,2 @@", b"+1,3 @@") + f"+# {says}\n".encode(),
        title=f"{repository} · {repetition}",
        summary=f"Did as {says} asks.",
    )
    return gallery.records.job(job.id)

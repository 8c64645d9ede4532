"""An experiment of any size in a gallery's store, with jobs that ended and were judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import Arm, Experiment, ExperimentRepository, ExperimentState
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.states import EndedBecause, JobState
from tests.contracts.examples import ALICE, BOB
from tests.contracts.experiment_examples import (
    a_pinned_repository,
    an_arm,
    an_experiment,
    created_for,
)
from tests.experiment_report_kit import by_luck
from tests.ui_kit import DIFF, Gallery

Decide = Callable[[int, int, int], Outcome]
BEGAN = datetime.now(UTC) - timedelta(days=1)


def an_ended_experiment(
    gallery: Gallery,
    arms: int = 2,
    repositories: int = 6,
    repetitions: int = 2,
    decide: Decide = by_luck,
    **changes: Any,
) -> Experiment:
    """One whose cells all have what ``decide`` says; a missing one has a job at work."""
    for number in range(arms):
        draft = PromptDraft(name="update", template=f"Update what is old.\nTake care {number}.")
        gallery.records.save_prompt(draft, ALICE, BEGAN)
    pinned = tuple(_pinned(number) for number in range(repositories))
    fields = {
        "arms": tuple(an_arm(number + 1) for number in range(arms)),
        "repositories": pinned,
        "repetitions": repetitions,
        "question": "Does the second text leave fewer places out?",
        "state": ExperimentState.ENDED,
        "budget_usd": Decimal(40),
        "spent_usd": Decimal("0.84") * arms * repositories * repetitions,
    }
    made = gallery.records.put_experiment(an_experiment(BEGAN, **{**fields, **changes}))
    for place, arm in enumerate(made.arms):
        for turn in range(repetitions):
            outcomes = [decide(place, number, turn) for number in range(repositories)]
            _make(gallery, made, arm, turn, outcomes)
    return made


def _pinned(number: int) -> ExperimentRepository:
    name = f"service-{number:02}"
    return a_pinned_repository(f"acme/{name}", repository_id=f"id-of-{name}")


def _make(
    gallery: Gallery, made: Experiment, arm: Arm, turn: int, outcomes: Sequence[Outcome]
) -> None:
    names = " ".join(one.repository.full_name for one in made.repositories)
    cell = made.cell(arm, turn + 1)
    made_at = BEGAN + timedelta(minutes=5, seconds=turn)
    given = {"prompt": arm.prompt, "options": arm.options, "repositories": names}
    jobs = created_for(gallery.records, cell, made_at, **given).jobs
    for job, outcome in zip(jobs, outcomes, strict=True):
        _end(gallery, job, outcome)


def _end(gallery: Gallery, job: Job, outcome: Outcome) -> None:
    begun = gallery.begun(job)
    if outcome is Outcome.MISSING:
        return
    if outcome is Outcome.ERROR:
        gallery.settle(begun, EndedBecause.REPOSITORY_UNAVAILABLE, JobState.FAILED)
        return
    gallery.settle(begun, patch=DIFF, title="Use aware datetimes", were_changes_necessary=True)
    if outcome is not Outcome.UNJUDGED:
        judge(gallery, job, outcome is Outcome.ACCEPTED)


def judge(gallery: Gallery, job: Job, is_good: bool) -> None:
    """Have two people judge a job, who mostly agree."""
    decision = Decision.ACCEPT if is_good else Decision.REJECT
    for rater in (ALICE, BOB):
        verdict = Verdict(
            job=JobId(job.id),
            rater=rater,
            decision=decision,
            rating=4 if is_good else 2,
            reasons=() if is_good else ("incomplete",),
            blind=rater is BOB,
            at=datetime.now(UTC),
        )
        gallery.records.put_verdict(verdict)

"""How an experiment stands is said in words, with what a person can do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from codybatch.domain.cells import cells_of
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.jobs import Job, Waiting
from codybatch.domain.states import JobState, WaitingReason
from codybatch.services.experiment_standing import Standing, standing_of
from tests.contracts.examples import usd
from tests.unit.domain.test_cells import NOW, job
from tests.unit.domain.test_experiments import experiment

ONE = experiment(repetitions=1)


def standing(*jobs: Job, reused: tuple[Job, ...] = (), **changes: Any) -> Standing:
    one: Experiment = ONE.with_(**changes)
    return standing_of(one, cells_of(one, jobs, reused), NOW)


def waits(reason: WaitingReason) -> Job:
    return job(ONE, state=JobState.WAITING, waiting=Waiting(reason=reason, since=NOW))


def test_cells_are_counted_by_arm_and_what_was_taken_over_costs_nothing() -> None:
    found = standing(
        job(ONE, cost_usd=usd("0.20")),
        job(ONE, 1, state=JobState.FAILED, cost_usd=usd("0.10")),
        job(ONE, 1, attempt=2, state=JobState.RUNNING, cost_usd=usd("0.05")),
        reused=(job(ONE, 2, cost_usd=usd("9")),),
    )

    assert [one.counts.in_words for one in found.arms] == [
        "1 done, 6 missing",
        "1 running, 6 missing",
        "1 done, 6 missing",
    ]
    assert [one.cost_usd for one in found.arms] == [usd("0.20"), usd("0.15"), usd("0")]
    assert (found.counts.total, found.counts.reused) == (21, 1)
    assert found.cost_usd == usd("0.35")


@pytest.mark.parametrize(
    ("changes", "sentence", "next_step"),
    [
        ({}, "Goes on: the next cells", ""),
        ({"state": ExperimentState.PAUSED}, "Paused: 21 cells", "resume Hints"),
        (
            {
                "state": ExperimentState.WAITING,
                "trouble": "GitHub does not answer.",
                "try_again_at": NOW + timedelta(minutes=2),
            },
            "Waits. GitHub does not answer. It tries again at 00:02 UTC.",
            "",
        ),
        ({"state": ExperimentState.ENDED}, "Every cell that can be made", ""),
    ],
)
def test_each_state_has_its_sentence(
    changes: dict[str, Any], sentence: str, next_step: str
) -> None:
    found = standing(**changes)

    assert found.sentence.startswith(sentence)
    assert next_step in found.next_step


def test_jobs_that_wait_say_why_and_what_to_do() -> None:
    found = standing(waits(WaitingReason.CREDENTIAL), all_planned=True)

    assert "A service refused the credential" in found.sentence
    assert "codybatch doctor" in found.next_step
    assert found.is_at_rest


def test_what_came_to_nothing_is_offered_to_be_made_again_once_nothing_runs() -> None:
    lost = job(ONE, state=JobState.FAILED), job(ONE, 1, state=JobState.CANCELLED)

    assert "2 cells came to nothing: `codybatch experiments retry Hints`" in (
        standing(*lost).next_step
    )
    assert standing(*lost, job(ONE, 2, state=JobState.RUNNING)).next_step == ""


def test_it_rests_where_nothing_moves_before_somebody_does_something() -> None:
    running = job(ONE, state=JobState.RUNNING)
    waiting: dict[str, Any] = {
        "state": ExperimentState.WAITING,
        "trouble": "The budget is used up.",
    }

    assert not standing().is_at_rest
    assert not standing(running, state=ExperimentState.PAUSED).is_at_rest
    assert standing(state=ExperimentState.PAUSED).is_at_rest
    assert standing(**waiting).is_at_rest
    assert not standing(**waiting, try_again_at=NOW).is_at_rest
    assert standing(state=ExperimentState.ENDED).is_at_rest

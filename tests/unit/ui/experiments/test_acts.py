"""What can be done with an experiment as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from codybatch.domain.cells import cells_of
from codybatch.domain.experiments import ExperimentState
from codybatch.services.experiment_standing import Counts, Standing, standing_of
from codybatch.ui.experiments.acts import ExperimentAct, acts_of
from tests.contracts.examples import NOON
from tests.contracts.experiment_examples import an_arm, an_experiment

ACT = ExperimentAct


def standing(state: ExperimentState, counts: Counts | None = None, **changes: Any) -> Standing:
    one = an_experiment(state=state, **changes)
    found = standing_of(one, cells_of(one, (), ()), NOON)
    return replace(found, counts=counts or found.counts)


@pytest.mark.parametrize(
    ("state", "changes", "first"),
    [
        (ExperimentState.RUNNING, {}, None),
        (ExperimentState.PAUSED, {}, ACT.RESUME),
        (ExperimentState.WAITING, {"trouble": "No money."}, ACT.RAISE_BUDGET),
        (
            ExperimentState.WAITING,
            {"trouble": "No answer.", "try_again_at": NOON + timedelta(minutes=1)},
            ACT.RESUME,
        ),
        (ExperimentState.ENDED, {}, None),
    ],
)
def test_what_makes_it_go_on_stands_first(
    state: ExperimentState, changes: dict[str, Any], first: ExperimentAct | None
) -> None:
    assert acts_of(standing(state, **changes), unjudged=0).primary is first


def test_judging_stands_first_once_it_has_ended_and_beside_while_it_runs() -> None:
    ended = acts_of(standing(ExperimentState.ENDED), unjudged=3)
    running = acts_of(standing(ExperimentState.RUNNING), unjudged=3)

    assert ended.primary is ACT.JUDGE
    assert running.primary is None
    assert ACT.JUDGE in running.others


def test_what_came_to_nothing_can_be_made_again() -> None:
    failed = standing(ExperimentState.ENDED, Counts(done=3, failed=1))

    assert ACT.RETRY in acts_of(failed, unjudged=0).others
    assert ACT.RETRY not in acts_of(standing(ExperimentState.ENDED), unjudged=0).others


def test_what_runs_can_be_cancelled_and_is_not_removed() -> None:
    paused = standing(ExperimentState.PAUSED, Counts(running=2))
    rests = standing(ExperimentState.ENDED, Counts(done=2))

    assert ACT.CANCEL in acts_of(paused, unjudged=0).others
    assert ACT.REMOVE not in acts_of(paused, unjudged=0).menu
    assert ACT.REMOVE in acts_of(rests, unjudged=0).menu


def test_a_full_experiment_takes_no_more() -> None:
    arms = tuple(an_arm(number + 1) for number in range(20))
    full = standing(ExperimentState.ENDED, arms=arms, repetitions=20)

    menu = acts_of(full, unjudged=0).menu

    assert ACT.ADD_ARM not in menu
    assert ACT.ADD_EQUAL_ARM not in menu
    assert ACT.ADD_REPETITIONS not in menu

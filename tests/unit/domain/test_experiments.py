"""Experiments: which cells there are, in which order, and what makes two arms the same."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from codybatch.domain.errors import InvalidExperiment
from codybatch.domain.experiments import (
    Arm,
    ChangeKind,
    Experiment,
    ExperimentChange,
    ExperimentRepository,
    ExperimentState,
)
from codybatch.domain.identifiers import ExperimentId, Person
from codybatch.domain.prompts import PromptRef
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import RequestOptions


def arm(name: str, version: int = 1, **changes: Any) -> Arm:
    options = RequestOptions(model="claude-sonnet-5")
    given = {"name": name, "prompt": PromptRef(name="hints", version=version), "options": options}
    return Arm(**{**given, **changes})


def experiment(**changes: Any) -> Experiment:
    repositories = tuple(
        ExperimentRepository(
            repository=RepositoryRef.parse(f"acme/r{number}"),
            repository_id=f"id-{number}",
            commit=f"{number:040x}",
        )
        for number in range(7)
    )
    now = datetime(2026, 12, 1, tzinfo=UTC)
    given: dict[str, Any] = {
        "id": ExperimentId("01kbbbbbbbbbbbbbbbbbbbbbbb"),
        "name": "Hints",
        "arms": (arm("A"), arm("B", 2), arm("C", 3)),
        "repositories": repositories,
        "repetitions": 2,
        "baseline": "A",
        "metric_chosen_at": now,
        "created_by": Person("ada"),
        "created_at": now,
    }
    return Experiment(**{**given, **changes})


def test_the_blocks_hold_every_cell_once() -> None:
    found = experiment()
    cells = [
        (block.arm.name, block.repetition, one.repository_id)
        for block in found.blocks(5)
        for one in block.repositories
    ]
    assert len(cells) == len(set(cells)) == found.cells == 3 * 7 * 2


def test_a_stop_between_rounds_leaves_all_arms_alike() -> None:
    blocks = list(experiment().blocks(5))
    for begin in range(0, len(blocks), 3):
        together = blocks[begin : begin + 3]
        assert {block.arm.name for block in together} == {"A", "B", "C"}
        assert all(
            one.repositories == other.repositories and one.repetition == other.repetition
            for one, other in pairwise(together)
        )


def test_no_arm_always_begins() -> None:
    blocks = list(experiment(repetitions=3).blocks(5))
    first = [blocks[begin].arm.name for begin in range(0, len(blocks), 3)]
    assert {name: first.count(name) for name in first} == {"A": 2, "B": 2, "C": 2}


def test_a_block_is_no_larger_than_a_request_may_be() -> None:
    assert {len(block.repositories) for block in experiment().blocks(5)} == {5, 2}


def test_what_does_not_reach_the_model_makes_no_other_arm() -> None:
    published = RequestOptions(model="claude-sonnet-5", publish=PublishMode.DRAFT, labels=("bot",))
    assert arm("A").key == arm("B", options=published).key


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"variables": {"language": "Go"}},
        {"options": RequestOptions(model="claude-opus-5")},
        {"options": RequestOptions(model="claude-sonnet-5", max_turns=9)},
        {"replicate": 2},
    ],
)
def test_what_reaches_the_model_makes_another_arm(changes: dict[str, Any]) -> None:
    assert arm("A").key != arm("A", **changes).key


def test_the_order_of_variables_makes_no_other_arm() -> None:
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert arm("A", variables=one).key == arm("A", variables=other).key


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"baseline": "D"}, "'D' is none of the arms"),
        ({"arms": (arm("A"), arm("a", 2))}, "called 'A'"),
        ({"arms": (arm("A"), arm("B"))}, "ask the same"),
        ({"name": "  "}, "An experiment's name"),
        ({"repositories": experiment().repositories[:1] * 2}, "acme/r0 is named twice"),
    ],
)
def test_what_cannot_be_compared_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidExperiment, match=said):
        experiment(**changes)


def test_an_arm_is_found_by_its_name_in_any_case() -> None:
    assert experiment().arm(" b ").prompt.version == 2
    with pytest.raises(InvalidExperiment, match="it has A, B, C"):
        experiment().arm("D")


@pytest.mark.parametrize(
    ("state", "is_active"),
    [
        (ExperimentState.RUNNING, True),
        (ExperimentState.WAITING, True),
        (ExperimentState.PAUSED, False),
        (ExperimentState.ENDED, False),
    ],
)
def test_only_what_still_has_something_to_submit_is_looked_at(
    state: ExperimentState, is_active: bool
) -> None:
    assert experiment(state=state).is_active is is_active


def test_a_name_that_hides_something_is_refused() -> None:
    with pytest.raises(InvalidExperiment, match="1 to 80 printable"):
        arm("B\x1b[31m")


def changed(kind: ChangeKind, results: int) -> ExperimentChange:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return ExperimentChange(kind=kind, at=at, results=results)


def test_of_baselines_that_were_tried_between_two_results_the_last_is_noted() -> None:
    grown = changed(ChangeKind.REPETITIONS, 3)
    tried = [changed(ChangeKind.BASELINE, results) for results in (0, 3, 3, 4)]

    noted = experiment().noting(tried[0], grown, *tried[1:], grown)

    assert noted.changes == (tried[0], grown, tried[2], tried[3], grown)


def test_an_experiment_of_before_changes_were_noted_is_read() -> None:
    written = experiment().model_dump(mode="json")
    del written["changes"]

    assert Experiment.model_validate(written) == experiment()

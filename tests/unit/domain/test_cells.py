"""Cells: which job counts, what is still wanted, and turns that leave no arm ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.domain.cells import Cell, CellState, cells_of, turns
from codybatch.domain.experiments import Experiment, PlannedRequest, UnavailableRepository
from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import ExperimentCell
from codybatch.domain.states import JobState
from tests.contracts.examples import a_request, jobs_of
from tests.unit.domain.test_experiments import experiment

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def job(
    of: Experiment,
    arm: int = 0,
    repository: int = 0,
    repetition: int = 1,
    attempt: int = 1,
    state: JobState = JobState.SUCCEEDED,
    **changes: Any,
) -> Job:
    """A job of a cell, by the places of its arm and repository."""
    (made,) = jobs_of(a_request())
    one = of.repositories[repository]
    cell = ExperimentCell(
        experiment=of.id, arm=of.arms[arm].key, repetition=repetition, attempt=attempt
    )
    fields = {
        "repository_id": one.repository_id,
        "commit": one.commit,
        "cell": cell,
        "state": state,
        "ended_at": NOW if state.is_terminal else None,
    }
    return made.with_(**{**fields, **changes})


def first(cells: tuple[Cell, ...]) -> Cell:
    return cells[0]


def test_the_newest_attempt_of_its_own_counts() -> None:
    one = experiment()
    failed, again = job(one, state=JobState.FAILED), job(one, attempt=2)

    cell = first(cells_of(one, [failed, again], [job(one)]))

    assert [made.id for made in cell.jobs] == [again.id, failed.id]
    assert (cell.state, cell.is_reused) == (CellState.DONE, False)


def test_a_job_of_another_experiment_counts_where_there_is_no_own_one() -> None:
    one = experiment()
    lost, running = job(one, state=JobState.CANCELLED), job(one, state=JobState.RUNNING)

    cell = first(cells_of(one, [], [lost, running]))

    assert (cell.job, cell.is_reused, cell.state) == (running, True, CellState.RUNNING)
    assert first(cells_of(one, [], [lost])).state is CellState.MISSING


def test_a_job_on_another_commit_is_none_of_its_cells() -> None:
    one = experiment()

    assert first(cells_of(one, [job(one, commit="f" * 40)], [])).job is None


def test_what_failed_is_wanted_once_it_is_retried_and_not_again_when_it_fails_anew() -> None:
    one = experiment()
    failed = job(one, state=JobState.FAILED)
    retried = one.with_(retried_at=NOW)
    anew = job(one, attempt=2, state=JobState.FAILED, ended_at=NOW + timedelta(seconds=1))

    def wanted(of: Experiment, *jobs: Job) -> int | None:
        return first(cells_of(of, jobs, [])).wanted_attempt(of)

    assert wanted(one) == 1
    assert wanted(one, failed) is None
    assert wanted(retried, failed) == 2
    assert wanted(retried, failed, anew) is None
    assert wanted(retried, job(one)) is None
    assert wanted(retried, job(one, state=JobState.RUNNING)) is None


def test_a_repository_that_cannot_be_worked_on_is_wanted_nowhere() -> None:
    one = experiment()
    gone = UnavailableRepository(repository_id="id-0", reason="It is gone.", noted_at=NOW)
    one = one.with_(unavailable=(gone,))
    cells = cells_of(one, [job(one)], [])

    states = {cell.state for cell in cells if cell.repository.repository_id == "id-0"}

    assert states == {CellState.DONE, CellState.UNAVAILABLE}
    wanted = {each.repository_id for turn in turns(one, cells, 5) for each in turn.repositories}
    assert "id-0" not in wanted


def test_what_is_under_way_is_not_wanted_again() -> None:
    one = experiment(repetitions=1)
    planned = PlannedRequest(
        request=RequestId("0" * 26), arm=one.arms[0].key, repetition=1, repositories=("id-0",)
    )
    one = one.with_(under_way=(planned,))

    begun, rest, *_ = turns(one, cells_of(one, [], []), 5)

    assert begun.is_begun
    assert [(part.arm.name, len(part.repositories)) for part in begun.parts] == [("B", 1), ("C", 1)]
    assert not rest.is_begun
    assert [len(part.repositories) for part in rest.parts] == [4, 4, 4]


def test_attempts_of_different_number_are_different_requests() -> None:
    one = experiment(repetitions=1, retried_at=NOW)
    cells = cells_of(one, [job(one, state=JobState.FAILED)], [])

    parts = [part for turn in turns(one, cells, 7) for part in turn.parts if part.arm.name == "A"]

    assert [(part.attempt, len(part.repositories)) for part in parts] == [(1, 6), (2, 1)]


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 8), done=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 6))))
def test_turns_hold_what_is_missing_once_and_every_arm_in_each_that_is_not_begun(
    size: int, done: set[tuple[int, int]]
) -> None:
    one = experiment()
    cells = cells_of(one, [job(one, arm, repository) for arm, repository in done], [])
    held: list[tuple[str, str, int]] = []
    for turn in turns(one, cells, size):
        ids = {each.repository_id for each in turn.repositories}
        assert len(ids) <= size
        for part in turn.parts:
            held += [(part.arm.name, each.repository_id, part.repetition) for each in part[3]]
            assert {each.repository_id for each in part.repositories} <= ids
        if not turn.is_begun:
            assert {part.arm.name for part in turn.parts} == {"A", "B", "C"}
            assert all({each.repository_id for each in part[3]} == ids for part in turn.parts)

    missing = [cell for cell in cells if cell.state is CellState.MISSING]
    assert sorted(held) == sorted(
        (cell.arm.name, cell.repository.repository_id, cell.repetition) for cell in missing
    )


def test_a_turn_is_narrowed_to_some_of_its_repositories() -> None:
    one = experiment()
    turn = next(turns(one, cells_of(one, [], []), 5))

    narrow = turn.within(turn.repositories[:2])

    assert [len(part.repositories) for part in narrow] == [2, 2, 2]
    assert turn.within(()) == ()

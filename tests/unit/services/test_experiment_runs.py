"""Experiments go on by themselves: turn by turn, within their budget, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from codybatch.domain.cells import CellState
from codybatch.domain.errors import BudgetRefused, EngineError
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import NOTHING
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import AllowList
from codybatch.domain.requests import OriginKind
from codybatch.domain.states import EndedBecause, JobState, WaitingReason
from codybatch.services.experiment_runs import OTHERS_AGAIN
from codybatch.standins.github.faults import bad_gateway
from tests.contracts.examples import usd
from tests.unit.services.experimenting import COST, Laboratory
from tests.unit.services.still import Still, still

DONE, FAILED, MISSING = CellState.DONE, CellState.FAILED, CellState.MISSING


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


@pytest.fixture
def lab(s: Still) -> Iterator[Laboratory]:
    laboratory = Laboratory(s)
    yield laboratory
    s.world.github.faults.clear()
    for experiment in laboratory.service.list():
        laboratory.service.remove(experiment.id)


def arms_per_repository(lab: Laboratory, experiment: Experiment) -> dict[tuple[str, int], set[str]]:
    """Of each repository and repetition: the arms that have a job there."""
    found: dict[tuple[str, int], set[str]] = {}
    for cell in lab.cells(experiment):
        if cell.job is not None:
            place = (cell.repository.repository_id, cell.repetition)
            found.setdefault(place, set()).add(cell.arm.name)
    return found


def is_fair(lab: Laboratory, experiment: Experiment) -> bool:
    """Whether every repository that was begun has a job of every arm."""
    begun = arms_per_repository(lab, experiment).values()
    return all(len(arms) == len(experiment.arms) for arms in begun)


def held(experiment: Experiment) -> Decimal:
    """What was spent and is set aside (US dollars)."""
    return experiment.spent_usd + experiment.reserved_usd


def test_every_cell_is_submitted_once_at_its_pinned_commit_and_nothing_is_published(
    lab: Laboratory,
) -> None:
    experiment = lab.create(repetitions=2)

    ended = lab.run(experiment)

    cells = lab.cells(experiment)
    assert ended.state is ExperimentState.ENDED
    assert [cell.state for cell in cells] == [DONE] * 8
    assert len({cell.job.id for cell in cells if cell.job}) == 8
    assert all(cell.job and cell.job.commit == cell.repository.commit for cell in cells)
    for request in lab.requests(experiment):
        assert request.origin.kind is OriginKind.EXPERIMENT
        assert request.options.publish is PublishMode.NONE
        assert request.requester == experiment.created_by
    assert ended.spent_usd == 8 * COST
    assert ended.under_way == ()


def test_a_commit_stays_pinned_while_the_repository_moves_on(lab: Laboratory) -> None:
    name = lab.still.repository()
    experiment = lab.create(name)
    lab.still.world.github.commit(name, {"new.txt": "x\n"})

    lab.run(experiment)

    (pinned,) = experiment.repositories
    assert {cell.job.commit for cell in lab.cells(experiment) if cell.job} == {pinned.commit}


def test_no_more_requests_are_unfinished_than_may_be(lab: Laboratory) -> None:
    experiment = lab.create(repetitions=3, requests_at_once=2)

    lab.advance(experiment)
    lab.advance(experiment)

    assert len(lab.requests(experiment)) == 2
    lab.end(*lab.running(experiment))
    lab.advance(experiment)
    assert len(lab.requests(experiment)) == 4


def test_a_request_takes_no_more_repositories_than_the_limit(lab: Laboratory) -> None:
    experiment = lab.create(*(lab.still.repository() for _ in range(7)), requests_at_once=100)

    lab.advance(experiment)

    assert sorted(len(one.repositories) for one in lab.requests(experiment)) == [2, 2, 5, 5]


def test_a_stop_in_the_middle_leaves_no_arm_ahead_by_more_than_what_is_under_way(
    lab: Laboratory,
) -> None:
    experiment = lab.create(repetitions=3, requests_at_once=2)
    lab.advance(experiment)
    lab.end(*lab.running(experiment))

    paused = lab.service.pause(experiment.id)

    assert lab.advance(experiment) == paused
    assert is_fair(lab, experiment)
    assert lab.states(experiment) == {DONE: 4, MISSING: 8}
    lab.service.resume(experiment.id)
    assert lab.run(experiment).state is ExperimentState.ENDED
    assert lab.states(experiment) == {DONE: 12}


def test_the_budget_is_never_passed_and_its_end_leaves_no_arm_ahead(lab: Laboratory) -> None:
    repositories = [lab.still.repository() for _ in range(3)]
    experiment = lab.create(*repositories, repetitions=4, budget_usd=usd("2.50"))
    most = NOTHING
    while True:
        now = lab.advance(experiment)
        most = max(most, held(now))
        running = lab.running(experiment)
        if not running:
            break
        lab.end(*running, cost=usd("0.20"))

    assert most <= usd("2.50")
    assert now.state is ExperimentState.WAITING
    assert now.try_again_at is None
    assert "The budget of $2.50 does not hold what comes next" in now.trouble
    assert "codybatch experiments budget" in now.trouble
    assert lab.states(experiment)[MISSING] > 0
    assert is_fair(lab, experiment)
    assert now.spent_usd == lab.states(experiment)[DONE] * usd("0.20")


def test_a_budget_that_is_raised_lets_the_experiment_go_on(lab: Laboratory) -> None:
    experiment = lab.create(budget_usd=usd("0.02"))
    waiting = lab.advance(experiment)
    assert waiting.state is ExperimentState.WAITING
    assert lab.advance(experiment) == waiting

    lab.service.raise_budget(experiment.id, usd("20"))

    assert lab.run(experiment).state is ExperimentState.ENDED
    assert lab.now(experiment).trouble == ""


def test_a_small_budget_begins_with_fewer_repositories_under_every_arm(lab: Laboratory) -> None:
    repositories = [lab.still.repository() for _ in range(4)]
    whole = lab.service.preview(lab.form(*repositories), lab.still.world.app.person)
    assert whole.estimate is not None
    half = whole.estimate.high_usd / 2 + usd("0.01")

    experiment = lab.create(*repositories, budget_usd=half)
    lab.advance(experiment)

    assert [len(one.repositories) for one in lab.requests(experiment)] == [2, 2]
    assert is_fair(lab, experiment)


def stopped_at_cap(lab: Laboratory, experiment: Experiment) -> None:
    """Have every running job of an experiment wait for the cap of its request."""
    records = lab.still.records
    for job in lab.running(experiment):
        if job.waiting is not None:
            records.put_back(job.id)
        taken = lab.still.claimed(job)
        assert taken.lease is not None
        cap = records.request(job.request).budget.cap_usd
        reason = WaitingReason.REQUEST_BUDGET
        waiting = Waiting(reason=reason, since=lab.clock.now(), cap_usd=cap)
        records.release(taken.lease, taken.with_(state=JobState.WAITING, waiting=waiting))


def test_more_is_set_aside_for_a_request_that_costs_more_than_expected(lab: Laboratory) -> None:
    experiment = lab.create(budget_usd=usd("20"))
    lab.advance(experiment)
    before = [one.budget.cap_usd or NOTHING for one in lab.requests(experiment)]
    stopped_at_cap(lab, experiment)

    after = lab.advance(experiment)

    raised = [one.budget.cap_usd or NOTHING for one in lab.requests(experiment)]
    assert raised == [2 * cap for cap in before]
    assert after.reserved_usd == sum(raised)
    assert held(after) <= usd("20")


def test_what_a_person_gives_a_request_is_set_aside_of_the_budget(lab: Laboratory) -> None:
    experiment = lab.create(budget_usd=usd("20"), repetitions=2, requests_at_once=2)
    lab.advance(experiment)
    one, other = lab.requests(experiment)
    assert other.budget.cap_usd is not None

    lab.service.requests.raise_budget(one.id, usd("20"))
    held_now = lab.advance(experiment)

    assert held_now.reserved_usd == usd("20") + other.budget.cap_usd
    lab.end(*(job for job in lab.running(experiment) if job.request == other.id))
    assert lab.advance(experiment).state is ExperimentState.RUNNING
    assert len(lab.requests(experiment)) == 2  # nothing is left for more


def test_a_cap_that_a_person_takes_away_comes_back_where_a_budget_must_hold(
    lab: Laboratory,
) -> None:
    experiment = lab.create(budget_usd=usd("20"))
    lab.advance(experiment)
    one, _ = lab.requests(experiment)

    lab.service.requests.raise_budget(one.id, None)
    lab.advance(experiment)

    assert lab.still.records.request(one.id).budget.cap_usd == one.budget.cap_usd


def test_a_budget_that_comes_later_caps_what_is_under_way(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.advance(experiment)
    assert {one.budget.cap_usd for one in lab.requests(experiment)} == {usd("10")}

    after = lab.service.raise_budget(experiment.id, usd("5"))

    caps = [one.budget.cap_usd or NOTHING for one in lab.requests(experiment)]
    assert after.reserved_usd == sum(caps)
    assert NOTHING < sum(caps) <= usd("5")
    assert lab.advance(experiment).reserved_usd == after.reserved_usd
    with pytest.raises(BudgetRefused, match="set aside"):
        lab.service.raise_budget(experiment.id, sum(caps) - usd("0.01"))


def test_where_no_more_can_be_set_aside_the_experiment_says_so(lab: Laboratory) -> None:
    experiment = lab.create(budget_usd=usd("20"))
    reserved = lab.advance(experiment).reserved_usd
    lab.service.raise_budget(experiment.id, reserved)
    stopped_at_cap(lab, experiment)

    waiting = lab.advance(experiment)

    assert waiting.state is ExperimentState.WAITING
    assert "is spent or set aside" in waiting.trouble
    lab.service.raise_budget(experiment.id, usd("20"))
    assert lab.advance(experiment).reserved_usd == 2 * reserved


def test_no_request_may_cost_more_than_the_operator_lets_one(lab: Laboratory) -> None:
    for budget in (None, usd("50")):
        experiment = lab.create(budget_usd=budget)
        lab.request_cap_usd = usd("0.90")
        lab.advance(experiment)
        for _ in range(4):
            stopped_at_cap(lab, experiment)
            lab.advance(experiment)

        caps = {one.budget.cap_usd for one in lab.requests(experiment)}
        assert caps == {usd("0.90")}
        now = lab.now(experiment)
        assert now.state is ExperimentState.RUNNING  # the budget is not what holds it up
        assert "codybatch requests raise" in lab.service.standing(now).next_step


def test_where_the_operator_sets_no_cap_a_request_without_a_budget_has_none(
    lab: Laboratory,
) -> None:
    lab.request_cap_usd = None
    experiment = lab.create()

    lab.advance(experiment)

    assert {one.budget.cap_usd for one in lab.requests(experiment)} == {None}


def test_requests_are_as_small_as_what_one_may_cost_asks_for(lab: Laboratory) -> None:
    form = lab.form(*(lab.still.repository() for _ in range(4)), requests_at_once=100)
    whole = lab.service.preview(form, lab.still.world.app.person)
    assert whole.estimate is not None
    assert whole.requests == 2
    lab.request_cap_usd = whole.estimate.high_usd / 4 + usd("0.01")

    halved = lab.service.preview(form, lab.still.world.app.person)
    experiment = lab.service.create(form, lab.still.world.app.person)
    lab.advance(experiment)

    assert halved.requests == 4
    assert [len(one.repositories) for one in lab.requests(experiment)] == [2] * 4


def test_ticks_at_once_submit_every_cell_once_and_pass_no_budget(lab: Laboratory) -> None:
    experiment = lab.create(repetitions=3, budget_usd=usd("5"))
    while lab.now(experiment).is_active:
        with ThreadPoolExecutor(6) as ticks:
            list(ticks.map(lambda _: lab.service.runs.tick(), range(6)))
        now = lab.now(experiment)
        assert held(now) <= usd("5")
        lab.end(*lab.running(experiment))

    jobs = list(lab.service.cells.jobs_of(experiment.id))
    assert len(jobs) == 12
    assert lab.states(experiment) == {DONE: 12}
    assert lab.now(experiment).spent_usd == 12 * COST


POINTS = ("put_experiment", "create_request", "add_submission", "update_request")


class Dies(BaseException):
    """The process is gone."""


def dying_at(
    lab: Laboratory, patch: pytest.MonkeyPatch, number: int | None, when: str = "before"
) -> list[str]:
    """Let this process die at the ``number``-th of its writes; gives the writes so far."""
    seen: list[str] = []

    def dying(name: str) -> Any:
        act = getattr(lab.still.records, name)

        def write(*args: Any, **kwargs: Any) -> Any:
            seen.append(name)
            is_last = len(seen) == number
            if is_last and when == "before":
                raise Dies
            done = act(*args, **kwargs)
            if is_last:
                raise Dies
            return done

        return write

    for name in POINTS:
        patch.setattr(lab.still.records, name, dying(name))
    return seen


def run_as_in_life(lab: Laboratory, experiment: Experiment) -> None:
    """Let it go on, its jobs end, and one of its requests come to its cap on the way."""
    lab.advance(experiment)
    stopped_at_cap(lab, experiment)
    lab.run(experiment)


LIVED = {"repetitions": 2, "requests_at_once": 2, "budget_usd": usd("20")}
WRITES = 14
"""Of an experiment that lives undisturbed."""


def test_the_writes_at_which_a_tick_may_die_are_all_there_are(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = lab.create(**LIVED)
    with monkeypatch.context() as patch:
        seen = dying_at(lab, patch, None)
        run_as_in_life(lab, experiment)

    assert len(seen) == WRITES
    assert set(seen) == set(POINTS)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_a_tick_that_dies_at_any_write_is_made_up_for_by_the_next(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch, number: int, when: str
) -> None:
    experiment = lab.create(**LIVED)
    with monkeypatch.context() as patch:
        seen = dying_at(lab, patch, number, when)
        with pytest.raises(Dies):
            run_as_in_life(lab, experiment)
    assert len(seen) == number

    assert lab.run(experiment).state is ExperimentState.ENDED
    assert lab.states(experiment) == {DONE: 8}
    jobs = list(lab.service.cells.jobs_of(experiment.id))
    assert len(jobs) == 8
    assert all(job.submission for job in jobs)
    assert lab.now(experiment).spent_usd == 8 * COST


def test_a_repository_that_is_gone_is_noted_and_the_others_of_its_block_go_on(
    lab: Laboratory,
) -> None:
    gone, there = lab.still.repository(), lab.still.repository()
    experiment = lab.create(gone, there, repetitions=2)
    lab.still.world.github.change_repository(gone, private=True, permissions={})

    ended = lab.run(experiment)

    assert ended.state is ExperimentState.ENDED
    assert lab.states(experiment) == {DONE: 4, CellState.UNAVAILABLE: 4}
    (noted,) = ended.unavailable
    assert gone in noted.reason
    standing = lab.service.standing(ended)
    assert "4 cells cannot be made" in standing.next_step


def test_a_repository_of_the_same_name_is_not_the_one_that_was_pinned(lab: Laboratory) -> None:
    name, other = lab.still.repository(), lab.still.repository()
    experiment = lab.create(name, other)
    lab.still.world.github.rename_repository(name, f"{name}-old")
    lab.still.world.github.rename_repository(lab.still.repository(), name)

    (noted,) = lab.run(experiment).unavailable

    assert "is another repository than the one that was pinned" in noted.reason


def test_a_renamed_repository_is_worked_on_under_its_new_name(lab: Laboratory) -> None:
    name = lab.still.repository()
    experiment = lab.create(name)
    lab.still.world.github.rename_repository(name, f"{name}-new")

    lab.run(experiment)

    assert lab.states(experiment) == {DONE: 2}
    jobs = {cell.job.repository.full_name for cell in lab.cells(experiment) if cell.job}
    assert jobs == {f"{name}-new"}


def test_a_repository_that_is_no_longer_allowed_is_left_out(lab: Laboratory) -> None:
    kept, banned = lab.still.repository(), lab.still.repository()
    experiment = lab.create(kept, banned)
    runs = lab.service.runs
    intake = runs.submissions.intake
    policy = replace(intake.policy, allowed=AllowList.parse(f"acme/*,!{banned}"))
    submissions = replace(runs.submissions, intake=replace(intake, policy=policy))

    after = replace(runs, submissions=submissions).advance(experiment)

    (noted,) = after.unavailable
    assert f"{banned} is not allowed" in noted.reason
    assert {len(one.repositories) for one in lab.requests(experiment)} == {1}


def test_a_code_host_that_cannot_be_asked_is_asked_again_later(lab: Laboratory) -> None:
    experiment = lab.create()
    lab.still.world.github.faults.add(bad_gateway("POST /graphql", times=99))

    waiting = lab.advance(experiment)

    assert waiting.state is ExperimentState.WAITING
    assert waiting.try_again_at is not None
    assert lab.requests(experiment) == []
    assert lab.advance(experiment) == waiting
    lab.still.world.github.faults.clear()
    lab.clock.time = waiting.try_again_at
    assert lab.run(experiment).state is ExperimentState.ENDED
    assert lab.states(experiment) == {DONE: 4}


def test_an_engine_that_takes_no_jobs_now_does_not_undo_the_request(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = lab.create()

    def refuses(*_: Any) -> None:
        raise EngineError("No process can be started.")

    with monkeypatch.context() as patch:
        patch.setattr(lab.still.world.app.engine, "submit", refuses)
        lab.advance(experiment)
    lab.advance(experiment)

    assert len(lab.requests(experiment)) == 2
    assert all(job.submission for job in lab.running(experiment))


def test_cells_that_failed_stay_until_they_are_retried_as_another_attempt(
    lab: Laboratory,
) -> None:
    experiment = lab.create()
    lab.advance(experiment)
    first, *rest = lab.running(experiment)
    lab.end(first, because=EndedBecause.INTERNAL_ERROR)
    lab.end(*rest)
    assert lab.run(experiment).state is ExperimentState.ENDED
    assert lab.states(experiment) == {DONE: 3, FAILED: 1}

    lab.service.retry_failed(experiment.id)
    lab.advance(experiment)
    (again,) = lab.running(experiment)
    lab.end(again, because=EndedBecause.INTERNAL_ERROR)

    assert again.cell is not None
    assert again.cell.attempt == 2
    assert lab.run(experiment).state is ExperimentState.ENDED  # what fails now waits to be asked
    (cell,) = (cell for cell in lab.cells(experiment) if cell.state is FAILED)
    assert [job.id for job in cell.jobs] == [again.id, first.id]
    lab.service.retry_failed(experiment.id)
    lab.run(experiment)
    assert lab.states(experiment) == {DONE: 4}


def test_what_is_cancelled_stops_and_is_made_again_only_when_asked_for(lab: Laboratory) -> None:
    experiment = lab.create(requests_at_once=1)
    lab.advance(experiment)

    cancelled = lab.service.cancel(experiment.id, experiment.created_by)

    assert cancelled.state is ExperimentState.PAUSED
    assert lab.running(experiment) == []
    lab.service.resume(experiment.id)
    lab.run(experiment)
    assert lab.states(experiment) == {DONE: 2, CellState.CANCELLED: 2}
    lab.service.retry_failed(experiment.id)
    lab.run(experiment)
    assert lab.states(experiment) == {DONE: 4}


def test_an_experiment_that_is_removed_under_a_tick_submits_nothing_more(lab: Laboratory) -> None:
    experiment = lab.create()
    put = lab.still.records.put_experiment

    def removed_meanwhile(planned: Experiment) -> Experiment:
        stored = put(planned)
        lab.still.records.remove_experiment(experiment.id)
        return stored

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.still.records, "put_experiment", removed_meanwhile)
        lab.advance(experiment)

    assert lab.requests(experiment) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_submitted_while_a_person_cancels_is_cancelled_too(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    experiment = lab.create(requests_at_once=1)
    create = lab.still.records.create_request

    def creating(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            lab.service.cancel(experiment.id, experiment.created_by)
        done = create(*args, **kwargs)
        if moment == "after":
            lab.service.cancel(experiment.id, experiment.created_by)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(lab.still.records, "create_request", creating)
        lab.advance(experiment)

    assert len(lab.requests(experiment)) == 1
    assert lab.running(experiment) == []
    assert lab.now(experiment).state is ExperimentState.PAUSED
    assert lab.service.resume(experiment.id).cancelled_by is None


def test_what_is_submitted_while_a_person_pauses_goes_on(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = lab.create(requests_at_once=1)
    create = lab.still.records.create_request

    def creating(*args: Any, **kwargs: Any) -> Any:
        lab.service.pause(experiment.id)
        return create(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(lab.still.records, "create_request", creating)
        lab.advance(experiment)

    assert len(lab.running(experiment)) == 2


READS = ("request", "list_jobs", "experiment", "verdicts", "prompt", "usage")


def reads_of(lab: Laboratory, patch: pytest.MonkeyPatch) -> Counter[str]:
    """What is read from now on, by the name of the call."""
    seen: Counter[str] = Counter()

    def counting(name: str) -> Any:
        read = getattr(lab.still.records, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            seen[name] += 1
            return read(*args, **kwargs)

        return counted

    for name in READS:
        if hasattr(lab.still.records, name):
            patch.setattr(lab.still.records, name, counting(name))
    return seen


def test_a_tick_that_finds_nothing_new_reads_each_request_under_way_once(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = lab.create(requests_at_once=2, repetitions=3)
    lab.advance(experiment)
    for job in lab.running(experiment):
        lab.still.claimed(job)
    before = lab.now(experiment)

    with monkeypatch.context() as patch:
        seen = reads_of(lab, patch)
        after = lab.service.runs.advance(before)

    assert after == before
    assert seen == {"request": 2}


def test_an_experiment_that_waits_for_anothers_cells_looks_now_and_then(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = lab.still.repository(), lab.still.repository()
    first = lab.create(*names)
    lab.advance(first)
    second = lab.create(*names)
    before = lab.advance(second)
    assert before.is_active

    with monkeypatch.context() as patch:
        seen = reads_of(lab, patch)
        for _ in range(10):
            assert lab.service.runs.advance(before) == before
    assert seen == {}

    lab.run(first)
    lab.clock.time += OTHERS_AGAIN
    assert lab.run(second).state is ExperimentState.ENDED
    assert lab.requests(second) == []


def test_one_experiment_in_trouble_stops_no_other(lab: Laboratory) -> None:
    broken = lab.create()
    fine = lab.create()
    prompts = lab.still.records.prompt

    def missing(name: str, version: int | None = None) -> Any:
        if version == 1 and len(lab.requests(broken)) == 0:
            raise RuntimeError("something unforeseen")
        return prompts(name, version)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.still.records, "prompt", missing)
        lab.service.runs.tick()

    assert lab.now(broken).state is ExperimentState.WAITING
    assert "something unforeseen" in lab.now(broken).trouble
    assert lab.now(fine).version > 1

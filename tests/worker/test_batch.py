"""Workers in containers of AWS Batch: killed, taken back, cancelled, waiting, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.cli.words import facts
from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import JobState, WaitingReason
from codybatch.engines.aws_batch.container import ENGINE_NAME
from codybatch.standins.anthropic import Fault
from codybatch.standins.batch import Reclaim, Status
from codybatch.standins.batch.jobs import BatchJob
from codybatch.worker.departure import WorkerExit
from tests.batch_kit import BatchWorld, batch_world
from tests.worker.world import CLOCKS

REPOSITORY = "acme/clocks"
TURNS = 5
"""Of the demonstration's model for this repository."""


@pytest.fixture
def w(tmp_path: Path) -> Iterator[BatchWorld]:
    with batch_world(tmp_path, {REPOSITORY: CLOCKS, "acme/two": CLOCKS}) as opened:
        yield opened


def held_in_turn(w: BatchWorld, turn: int) -> Job:
    """A job whose model is held while it answers a turn (from 0)."""
    w.world.model.faults.add(Fault(kind="hold", turn=turn, after_events=2, gate="held"))
    created = w.world.submit(REPOSITORY, publish="draft")
    assert w.world.model.gates.wait_until_held("held", seconds=60)
    return w.world.app.jobs.find(created.jobs[0].id)


def only_of(w: BatchWorld, job: Job) -> BatchJob:
    """The one that Batch had for a job."""
    (one,) = w.jobs_of(job)
    return one


def bodies_asked(w: BatchWorld) -> list[bytes]:
    return [one.body for one in w.world.model.exchanges if one.path == "/v1/messages"]


def is_whole(w: BatchWorld, job: Job) -> bool:
    """Whether a job succeeded with its one pull request, and every dollar is accounted for."""
    budget = w.world.app.requests.find(job.request).budget
    return (
        job.state is JobState.SUCCEEDED
        and job.progress.turn == TURNS
        and len(w.world.github.pull_requests(REPOSITORY)) == 1
        and budget.reserved_usd == 0
        and budget.spent_usd == job.cost_usd
    )


@pytest.mark.parametrize("how", [Reclaim.EC2_SPOT, Reclaim.OUT_OF_MEMORY])
def test_a_worker_that_is_killed_is_followed_by_batchs_next_attempt_and_pays_no_step_twice(
    w: BatchWorld, how: Reclaim
) -> None:
    job = held_in_turn(w, 2)
    one = only_of(w, job)
    assert job.lease is not None
    owner = job.lease.owner
    assert (owner.engine, owner.engine_job, owner.attempt) == (ENGINE_NAME, one.id, 1)

    w.batch.reclaim(one.id, how)
    w.world.model.gates.open("held")
    ended = w.world.wait_for(job.id)

    assert is_whole(w, ended)
    assert ended.attempts == 2
    assert w.wait_until_ended(one).status is Status.SUCCEEDED
    assert [attempt.exit_code for attempt in one.attempts][-1] == WorkerExit.DONE
    asked = bodies_asked(w)
    assert len(asked) == TURNS + 1  # only the reply that was on its way is asked for again
    assert len(set(asked)) == TURNS


def test_a_spot_host_that_is_taken_back_gets_its_work_committed_in_time(w: BatchWorld) -> None:
    job = held_in_turn(w, 2)
    one = only_of(w, job)

    w.batch.reclaim(one.id, Reclaim.FARGATE_SPOT)
    w.world.model.gates.open("held")
    ended = w.world.wait_for(job.id)

    assert is_whole(w, ended)
    assert ended.attempts == 2
    first = one.attempts[0]
    assert first.exit_code == WorkerExit.AGAIN
    assert first.status_reason == "Your Spot Task was interrupted."
    said = [event for event in w.world.app.jobs.events(job.id) if "asked to stop" in event.text]
    assert len(said) == 1
    assert len(w.jobs_of(job)) == 1


def test_a_job_that_failed_is_not_tried_again(w: BatchWorld) -> None:
    w.world.model.faults.add(Fault(kind="answer", turn=0, status=400))
    (job,) = w.world.wait(w.world.submit(REPOSITORY))

    assert job.state is JobState.FAILED, job.ended_detail
    one = w.wait_until_ended(only_of(w, job))
    assert one.status is Status.SUCCEEDED
    assert len(one.attempts) == 1


def test_the_jobs_of_a_request_run_as_one_array_each_with_its_log(w: BatchWorld) -> None:
    created = w.world.submit(REPOSITORY, "acme/two")

    ended = w.world.wait(created)

    (array,) = w.batch.submissions()
    assert [job.state for job in ended] == [JobState.SUCCEEDED] * 2
    for job, child in zip(ended, array.children, strict=True):
        w.wait_until_ended(child)
        stream = child.attempts[-1].log_stream.replace("/", "$252F")
        assert job.log is not None
        assert job.log.endswith(f"/log-group/$252Fcodybatch$252Fjobs/log-events/{stream}")
        assert facts(job)["Log"] == job.log
        assert w.world.settings.anthropic_api_key is not None
        log = w.batch.log_of(child.id)
        assert w.world.settings.anthropic_api_key.get_secret_value() not in log


def test_a_cancelled_job_that_is_terminated_keeps_what_it_did(w: BatchWorld) -> None:
    job = held_in_turn(w, TURNS - 2)
    w.world.app.store.records.request_cancel(job.id, w.world.app.clock.now(), job.requester)

    w.batch.reclaim(only_of(w, job).id, Reclaim.FARGATE_SPOT)  # SIGTERM before its next heartbeat
    ended = w.world.wait_for(job.id)

    assert ended.state is JobState.CANCELLED
    assert ended.patch is not None
    assert w.wait_until_ended(only_of(w, job)).attempts[0].exit_code == WorkerExit.DONE
    w.world.model.gates.open("held")


def test_a_job_that_waited_is_submitted_again_once_it_may_go_on(w: BatchWorld) -> None:
    created = w.world.submit(REPOSITORY, request_cost_cap_usd=Decimal("0.0001"))
    (waiting,) = w.world.wait(created)
    assert waiting.waiting is not None
    assert waiting.waiting.reason is WaitingReason.REQUEST_BUDGET
    w.wait_until_ended(only_of(w, waiting))

    w.world.app.requests.raise_budget(created.request.id, Decimal(5))
    w.engine.reconcile()  # as the tick does
    (ended,) = w.world.wait(created)

    assert ended.state is JobState.SUCCEEDED
    first, second = w.jobs_of(ended)
    assert first.status is Status.SUCCEEDED
    assert second.order.name != first.order.name
    told = [event.text for event in w.world.app.jobs.events(ended.id)]
    assert not any("AWS Batch" in text for text in told)


def test_held_jobs_are_submitted_when_they_are_released(w: BatchWorld) -> None:
    created = w.world.submit(REPOSITORY, "acme/two", rehearse=True)
    w.world.wait(created)
    assert len(w.batch.jobs()) == 1

    w.world.app.requests.release(created.request.id, w.world.app.person)
    ended = w.world.wait(created)

    assert [job.state for job in ended] == [JobState.SUCCEEDED] * 2
    assert len(w.batch.jobs()) == 2


def test_a_second_array_for_the_same_jobs_does_nothing(w: BatchWorld) -> None:
    job = held_in_turn(w, 1)

    w.engine.submit([job])
    second = w.jobs_of(job)[1]
    assert w.wait_until_ended(second).status is Status.SUCCEEDED
    w.world.model.gates.open("held")

    ended = w.world.wait_for(job.id)
    assert is_whole(w, ended)
    assert ended.attempts == 1


def test_a_worker_that_batch_forgot_is_succeeded_and_commits_nothing_more(w: BatchWorld) -> None:
    job = held_in_turn(w, 2)
    w.batch.forget(only_of(w, job).id)

    assert w.later(minutes=5).reconcile() == 1
    w.world.model.gates.open("held")
    ended = w.world.wait_for(job.id)

    assert is_whole(w, ended)
    events = w.world.app.jobs.events(job.id)
    assert sum(event.kind is EventKind.ENDED for event in events) == 1
    assert any("AWS Batch no longer knows it" in event.text for event in events)


def test_minutes_of_a_job_are_its_containers_timeout(w: BatchWorld) -> None:
    w.world.wait(w.world.submit(REPOSITORY, max_minutes=7))

    (one,) = w.batch.jobs()
    assert RequestOptions.model_fields["max_minutes"].default != 7
    assert one.order.timeout_seconds == (7 + 15) * 60

"""Whatever process is killed, and when: the same patch, and one pull request."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from codybatch.backing import launch_command
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.standins.anthropic import Fault
from tests.worker.world import CLOCKS, World, world

REPOSITORY = "acme/clocks"
TURNS = 5
"""Of the demonstration's model for this repository."""


def workers_of(w: World) -> list[psutil.Process]:
    """The worker processes of the world's dispatcher."""
    status = w.app.local_engine.status()
    return [psutil.Process(pid) for pid in status.workers.values()] if status else []


def conversations_of(w: World) -> list[psutil.Process]:
    """The children that talk to the model."""
    return [
        child
        for worker in workers_of(w)
        for child in worker.children()
        if "converse" in child.cmdline()
    ]


def dispatchers_of(w: World) -> list[psutil.Process]:
    """The dispatcher."""
    status = w.app.local_engine.status()
    return [psutil.Process(status.pid)] if status else []


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The patch of a job that nobody disturbs."""
    with world(tmp_path_factory.mktemp("undisturbed"), {REPOSITORY: CLOCKS}) as w:
        (job,) = w.wait(w.submit(REPOSITORY))
        assert job.progress.turn == TURNS
        return w.app.jobs.patch(job.id)


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {REPOSITORY: CLOCKS}, has_forks=False) as opened:
        yield opened


def kill(victims: list[psutil.Process]) -> None:
    """Kill processes, and wait until they are dead."""
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, timeout=20)


def held_in_turn(w: World, turn: int) -> Job:
    """A job whose model is held while it answers a turn (from 0)."""
    w.model.faults.add(Fault(kind="hold", turn=turn, after_events=2, gate="held"))
    created = w.submit(REPOSITORY, publish="draft")
    assert w.model.gates.wait_until_held("held", seconds=60)
    return created.jobs[0]


def finish(w: World, job: Job) -> Job:
    """Let the model go on, bring the engine up to date, and wait for the job."""
    w.model.gates.open("held")
    w.app.engine.reconcile()
    return w.wait_for(job.id)


def replies_asked(w: World) -> int:
    return sum(exchange.path == "/v1/messages" for exchange in w.model.exchanges)


def check(w: World, job: Job, undisturbed: bytes, most_replies: int = TURNS + 1) -> None:
    assert job.state is JobState.SUCCEEDED, job.ended_detail
    assert w.app.jobs.patch(job.id) == undisturbed
    assert len(w.github.pull_requests(REPOSITORY)) == 1
    assert replies_asked(w) <= most_replies
    request = w.app.requests.find(job.request)
    assert request.counts.succeeded == 1
    assert request.budget.reserved_usd == 0
    assert request.budget.spent_usd == job.cost_usd


@pytest.mark.parametrize("turn", [0, 2, TURNS - 1])
@pytest.mark.parametrize("victims", [workers_of, conversations_of], ids=["worker", "conversation"])
def test_a_killed_process_is_replaced_and_the_job_ends_the_same(
    w: World, undisturbed: bytes, turn: int, victims: Callable[[World], list[psutil.Process]]
) -> None:
    job = held_in_turn(w, turn)
    kill(victims(w))

    ended = finish(w, job)

    check(w, ended, undisturbed)
    assert ended.attempts == 2
    assert ended.uncertain_cost_usd > 0
    assert ended.uncertain_cost_usd < ended.cost_usd


def test_a_killed_dispatcher_leaves_its_worker_at_work(w: World, undisturbed: bytes) -> None:
    job = held_in_turn(w, 1)
    (worker,) = workers_of(w)
    (dispatcher,) = dispatchers_of(w)
    kill([dispatcher])

    ended = finish(w, job)

    check(w, ended, undisturbed, most_replies=TURNS)
    assert ended.attempts == 1
    psutil.wait_procs([worker], timeout=20)


def test_everything_killed_at_once_goes_on_after_the_power_is_back(
    w: World, undisturbed: bytes
) -> None:
    job = held_in_turn(w, 2)
    kill(dispatchers_of(w) + conversations_of(w) + workers_of(w))

    check(w, finish(w, job), undisturbed)


def test_a_drained_worker_commits_and_another_goes_on(w: World, undisturbed: bytes) -> None:
    job = held_in_turn(w, 2)

    assert w.app.local_engine.stop()

    drained = w.app.jobs.find(job.id)
    assert drained.state is JobState.QUEUED
    assert drained.lease is None
    check(w, finish(w, job), undisturbed)


def test_cancelling_stops_a_running_job_and_keeps_what_it_did(w: World) -> None:
    job = held_in_turn(w, TURNS - 2)

    w.app.jobs.cancel(job.id, w.app.person)
    ended = w.wait_for(job.id)

    assert ended.state is JobState.CANCELLED
    assert b"timezone" in w.app.jobs.patch(job.id)
    assert w.github.pull_requests(REPOSITORY) == []


def test_two_workers_of_one_job_commit_nothing_twice(w: World, undisturbed: bytes) -> None:
    job = held_in_turn(w, 1)
    command = launch_command(w.settings).for_worker(job.id, "elsewhere:1", attempt=1)
    second = subprocess.run(command.arguments, env=dict(command.environment), check=False)

    assert second.returncode == 0
    check(w, finish(w, job), undisturbed, most_replies=TURNS)


def test_a_paused_worker_that_lost_its_lease_commits_nothing(w: World, undisturbed: bytes) -> None:
    """SIGSTOP until another attempt has taken over: the first one wakes up to a lost lease."""
    job = held_in_turn(w, 1)
    (paused,) = workers_of(w)
    paused.suspend()
    command = launch_command(w.settings).for_worker(job.id, f"local:{job.id}", attempt=9)
    w.model.gates.open("held")
    subprocess.run(command.arguments, env=dict(command.environment), check=True)
    ended = w.app.jobs.find(job.id)
    paused.resume()
    psutil.wait_procs([paused], timeout=30)

    check(w, ended, undisturbed)
    assert w.app.jobs.find(job.id) == ended

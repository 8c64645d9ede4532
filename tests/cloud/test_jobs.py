"""Jobs whose records live in AWS, run by this machine or by AWS Batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from codybatch.domain.errors import EngineError
from codybatch.domain.publication import PublicationKind, PublishMode
from codybatch.domain.states import JobState
from codybatch.standins.anthropic import Fault
from tests.cloud_kit import CloudWorld, cloud_world, only_container_of, world_on_aws
from tests.worker.world import CLEAN, CLOCKS, World

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("aws")]

REPOSITORIES = {"acme/clocks": CLOCKS, "acme/clean": CLEAN}
GATE = "held"


@pytest.fixture
def c(tmp_path: Path) -> Iterator[CloudWorld]:
    with cloud_world(tmp_path, REPOSITORIES) as opened:
        yield opened


@contextmanager
def on_this_machine(folder: Path) -> Iterator[World]:
    with world_on_aws(folder, REPOSITORIES) as opened:
        yield opened


@contextmanager
def on_batch(folder: Path) -> Iterator[World]:
    with cloud_world(folder, REPOSITORIES) as opened:
        yield opened.world


@pytest.mark.parametrize("opened", [on_this_machine, on_batch], ids=["local", "aws-batch"])
def test_jobs_run_from_the_table_and_leave_nothing_in_the_home(
    tmp_path: Path, opened: Callable[[Path], AbstractContextManager[World]]
) -> None:
    with opened(tmp_path) as w:
        created = w.submit(*REPOSITORIES, publish=PublishMode.DRAFT)
        clocks, clean = w.wait(created)

        assert (clocks.state, clean.state) == (JobState.SUCCEEDED, JobState.SUCCEEDED)
        assert clocks.publication.kind is PublicationKind.PULL_REQUEST
        assert len(w.github.pull_requests("acme/clocks")) == 1
        assert b"timezone.utc" in w.app.jobs.patch(clocks.id)
        assert clocks.thread is not None
        assert len(list(w.app.jobs.thread(clocks.id))) == clocks.thread.count
        assert not (w.settings.home / "codybatch.db").exists()
        assert not (w.settings.home / "blobs").exists()


def test_a_worker_that_is_killed_is_followed_by_another_that_goes_on(c: CloudWorld) -> None:
    c.world.model.faults.add(Fault(kind="hold", turn=2, after_events=1, gate=GATE))
    created = c.world.submit("acme/clocks", publish=PublishMode.DRAFT)
    assert c.world.model.gates.wait_until_held(GATE, seconds=100)

    c.kill_workers()
    c.world.model.gates.open(GATE)
    (job,) = c.world.wait(created)

    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    assert len(only_container_of(c, job).attempts) == 2
    assert len(c.world.github.pull_requests("acme/clocks")) == 1


def test_there_is_no_dispatcher_to_ask_where_aws_batch_runs_the_jobs(c: CloudWorld) -> None:
    with pytest.raises(EngineError) as refused:
        _ = c.world.app.local_engine

    assert "AWS Batch runs the jobs (queue codybatch)" in refused.value.message
    assert "`codybatch doctor` looks at the queue" in refused.value.message

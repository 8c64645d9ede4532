"""Where AWS Batch runs the jobs, whatever serves brings it and the records together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.cli import timekeeping
from codybatch.cli.timekeeping import schedules_looked_at
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from tests.cloud_kit import CloudWorld, batch_jobs, cloud_world
from tests.contracts.engine_contract import Yard
from tests.worker.world import CLEAN

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("aws")]


@pytest.fixture
def c(tmp_path: Path) -> Iterator[CloudWorld]:
    with cloud_world(tmp_path, {"acme/one": CLEAN}) as opened:
        yield opened


def test_a_job_that_nobody_handed_over_runs_while_something_serves(
    c: CloudWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Yard(c.world, c.world.app.engine, lambda: None).stored()
    monkeypatch.setattr(timekeeping, "BATCH_SECONDS", 0.2)

    with schedules_looked_at(c.world.settings):
        ended = only_watched(c, job)

    assert ended.state is JobState.SUCCEEDED
    assert batch_jobs(c, ended) == 1


def only_watched(c: CloudWorld, job: Job) -> Job:
    """The job when it has ended; looking on does not make it go on."""
    give_up_at = time.monotonic() + 100
    while not (found := c.world.app.jobs.find(job.id)).state.is_terminal:
        assert time.monotonic() < give_up_at, found
        time.sleep(0.1)
    return found

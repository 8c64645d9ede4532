"""The whole cloud for tests: records in DynamoDB, objects in S3 and jobs on AWS Batch, on loopback.

The table and the bucket of a world are its own; the server behind them is the test process's.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from codybatch.api.cloud_events import look_at, upkeep_of
from codybatch.backing import make_store
from codybatch.composition import waiting_room
from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.jobs import Job
from codybatch.engines.aws_batch import BatchEngine, BatchPlace
from codybatch.settings import inherited_environment, load_settings
from codybatch.standins.anthropic import Brain
from codybatch.standins.batch import BatchStandin, Catalogue, EventSink, Host, Reclaim
from codybatch.standins.batch.jobs import BatchJob
from tests.batch_kit import Later
from tests.prestarted.kit import fork
from tests.worker.world import World, world

QUEUE, DEFINITION, CONTAINER = "codybatch", "codybatch-worker", "worker"
PROGRAM = (sys.executable, "-m", "codybatch")
"""A fresh interpreter."""


@dataclass
class CloudWorld:
    """A world in the cloud."""

    world: World
    batch: BatchStandin

    def kill_workers(self) -> None:
        """Kill all containers, as a host that is lost does."""
        for name in self.batch.pids():
            self.batch.reclaim(name, Reclaim.KILLED)

    def logs(self) -> str:
        """What all containers wrote."""
        return "".join(self.batch.log_of(job.id) for job in self.batch.jobs())


def names_for(folder: Path) -> dict[str, str]:
    """The settings by which every process finds the table and the bucket of a folder."""
    name = f"codybatch-{hashlib.sha256(str(folder).encode()).hexdigest()[:24]}"
    return {"store": "aws", "table": name, "bucket": name}


@contextmanager
def world_on_aws(
    folder: Path,
    repositories: Mapping[str, Mapping[str, bytes | str]],
    brain: Brain | None = None,
    **settings: Any,
) -> Iterator[World]:
    """A world whose records live in AWS, and whose jobs run on this machine."""
    names = names_for(folder)
    make_store(load_settings(**names))
    with world(folder, repositories, brain, **{**names, **settings}) as opened:
        yield opened


@contextmanager
def cloud_world(
    folder: Path,
    repositories: Mapping[str, Mapping[str, bytes | str]],
    brain: Brain | None = None,
    program: tuple[str, ...] | None = None,
    parallel: int = 2,
    variables: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[CloudWorld]:
    """A world whose records live in AWS, and whose jobs AWS Batch runs.

    Args:
        folder: for the stand-ins and the containers' logs.
        repositories: of the code host, with their files.
        brain: what the model answers.
        program: what every container runs its command with, where it is no fork of a process that
            has imported everything.
        parallel: how many containers run at once.
        variables: further ones of every container.
        settings: further ones, by field name.
    """
    environment: dict[str, str] = {}
    host = Host(program or fork(), environment, folder / "logs")
    catalogue = Catalogue.of(os.environ["AWS_REGION"], QUEUE, DEFINITION, CONTAINER)
    names = {"engine": "aws-batch", "job_queue": QUEUE, "job_definition": DEFINITION}
    with (
        BatchStandin(host, catalogue, parallel=parallel) as batch,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in batch.environment.items():
            patch.setenv(name, value)
        with world_on_aws(folder, repositories, brain, **{**names, **settings}) as w:
            environment |= inherited_environment() | w.settings.workers_environment()
            environment |= variables or {}
            upkeep = upkeep_of(w.app)
            batch.send_events(EventSink(lambda event: look_at(event, upkeep)))
            try:
                yield CloudWorld(w, batch)
            finally:
                batch.send_events(None)


def containers_of(c: CloudWorld, job: Job) -> list[BatchJob]:
    """What AWS Batch has or had for a job, oldest first."""
    records = c.world.app.store.records
    found = []
    for one in c.batch.jobs():
        submission = records.submission(SubmissionId(one.order.command[-1]))
        if submission.jobs[one.index or 0] == job.id:
            found.append(one)
    return found


def only_container_of(c: CloudWorld, job: Job) -> BatchJob:
    """The one job of AWS Batch that a job has had."""
    (one,) = containers_of(c, job)
    return one


def looks_later(w: World, by: timedelta) -> None:
    """The tick of whoever looks so much later."""
    app = w.app
    records = app.store.records
    waiting = waiting_room(app.settings, records, app.clock)
    engine = BatchEngine(records, waiting, Later(by), BatchPlace(QUEUE, DEFINITION))
    engine.reconcile()
    engine.let_go()

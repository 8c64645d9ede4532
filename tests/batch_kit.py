"""AWS Batch for tests: the stand-in, whose containers are our workers, and the engine before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from codybatch.clock import SystemClock
from codybatch.composition import Application
from codybatch.domain.jobs import Job
from codybatch.engines.aws_batch import BatchEngine, BatchPlace
from codybatch.ports import Clock
from codybatch.services.waiting import WaitingRoom
from codybatch.settings import inherited_environment
from codybatch.standins.anthropic import Brain
from codybatch.standins.batch import BatchStandin, Catalogue, Host, Reclaim
from codybatch.standins.batch.jobs import BatchJob
from tests.prestarted.kit import fork
from tests.worker.world import World, world

REGION, QUEUE, DEFINITION, CONTAINER = "eu-central-1", "codybatch", "codybatch-worker", "worker"
PLACE = BatchPlace(QUEUE, DEFINITION, "/codybatch/jobs")


class Later(SystemClock):
    """The clock of somebody who looks later."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


@dataclass
class BatchWorld:
    """A world whose jobs AWS Batch runs."""

    world: World
    batch: BatchStandin
    engine: BatchEngine

    def engine_at(self, clock: Clock) -> BatchEngine:
        """The engine of another process, at another time."""
        return engine_of(self.world.app, clock)

    def later(self, **by: float) -> BatchEngine:
        """The engine of whoever looks so much later."""
        return self.engine_at(Later(timedelta(**by)))

    def jobs_of(self, job: Job) -> list[BatchJob]:
        """What Batch has or had for a job, oldest first."""
        found = []
        for one in self.batch.jobs():
            name = self.world.app.store.records.submission(submission_of(one))
            if name.jobs[one.index or 0] == job.id:
                found.append(one)
        return found

    def wait_until_ended(self, one: BatchJob) -> BatchJob:
        assert self.batch.wait_until(lambda: one.status.has_ended), one.status
        return one

    def kill_everything(self, how: Reclaim = Reclaim.KILLED) -> None:
        """Take the hosts of all running containers away."""
        for name in self.batch.pids():
            self.batch.reclaim(name, how)


def submission_of(one: BatchJob) -> Any:
    """The submission that a job of Batch was made for."""
    return one.order.command[-1]


def engine_of(app: Application, clock: Clock | None = None) -> BatchEngine:
    """The engine for an application's records."""
    clock = clock or app.clock
    records = app.store.records
    waiting = WaitingRoom(records, clock, app.settings.daily_cost_cap_usd, frozenset())
    return BatchEngine(records, waiting, clock, PLACE)


def with_engine(app: Application, engine: BatchEngine) -> Application:
    """The application with its jobs run by another engine."""
    given: dict[str, Any] = {"engine": engine}
    intake = replace(app.requests.intake, **given)
    return replace(
        app,
        requests=replace(app.requests, intake=intake, **given),
        jobs=replace(app.jobs, **given),
        continuations=replace(app.continuations, intake=intake),
        **given,
    )


@contextmanager
def aws_variables(**given: str) -> Iterator[None]:
    """Credentials that no account has, and a region by the one variable that we document."""
    with pytest.MonkeyPatch.context() as environment:
        values = {
            "AWS_ACCESS_KEY_ID": "standin",
            "AWS_SECRET_ACCESS_KEY": "standin",
            "AWS_REGION": REGION,
            **given,
        }
        for name, value in values.items():
            environment.setenv(name, value)
        environment.delenv("AWS_DEFAULT_REGION", raising=False)
        yield


@contextmanager
def batch_world(
    folder: Path,
    repositories: Mapping[str, Mapping[str, bytes | str]],
    brain: Brain | None = None,
    **standin: Any,
) -> Iterator[BatchWorld]:
    """A world whose jobs run in containers of the stand-in; what runs in it ends with it."""
    with world(folder, repositories, brain) as w:
        environment = {**inherited_environment(), **w.settings.workers_environment()}
        host = Host(fork(), environment, folder / "logs", standin.pop("grace_seconds", 30.0))
        catalogue = Catalogue.of(REGION, QUEUE, DEFINITION, CONTAINER)
        with (
            BatchStandin(host, catalogue, log_group=PLACE.log_group, **standin) as batch,
            aws_variables(**batch.environment),
        ):
            engine = engine_of(w.app)
            try:
                app = with_engine(w.app, engine)
                yield BatchWorld(World(w.model, w.github, w.settings, app), batch, engine)
            finally:
                engine.let_go()

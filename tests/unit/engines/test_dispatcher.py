"""The dispatcher's looks, one at a time: over real records and processes, without its loop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from codybatch.clock import SystemClock
from codybatch.domain.errors import StoreFull
from codybatch.domain.jobs import AttemptOwner
from codybatch.domain.states import EndedBecause, JobState
from codybatch.engines.local.crew import Crew, LaunchCommand
from codybatch.engines.local.dispatcher import Dispatcher, DispatcherSettings
from codybatch.engines.local.engine import LocalEngine
from codybatch.engines.local.processes import ProcessName, this_host
from codybatch.engines.local.restarts import HOPELESS_AFTER, Restarts
from codybatch.engines.local.station import Station
from codybatch.services.jobs import Jobs
from codybatch.services.waiting import WaitingRoom
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import ALICE, queued

SLEEPING = (sys.executable, "-c", "import time; time.sleep(600)")


@dataclass
class Floor:
    """One job, a dispatcher, and a process that a lease may name."""

    home: Path
    process: subprocess.Popen[bytes]

    def __post_init__(self) -> None:
        self.store = EmbeddedStore(self.home)
        self.records = self.store.records
        self.clock = SystemClock()
        self.station = Station(self.home)
        self.room = WaitingRoom(self.records, self.clock, None, frozenset())
        self.crew = Crew(self.station, LaunchCommand(SLEEPING, {}))
        self.job = queued(self.records).id
        settings = DispatcherSettings(max_parallel=2, fingerprint="f")
        self.dispatcher = Dispatcher(
            self.records, self.room, self.station, self.crew, self.clock, settings
        )

    def lease_it(self, clock_was_set_by: float = 0.0) -> None:
        """Let the process hold the job's lease, which it got before the clock was set."""
        name = ProcessName.of(self.process.pid)
        assert name is not None
        owner = AttemptOwner(
            engine="local",
            engine_job=f"local:{self.job}",
            attempt=1,
            host=this_host(),
            pid=name.pid,
            pid_started_at=name.started_at - clock_was_set_by,
        )
        now = self.clock.now()
        self.records.claim(self.job, owner, now, now + timedelta(seconds=600))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    process = subprocess.Popen(SLEEPING)
    made = Floor(tmp_path, process)
    yield made
    for pid in made.crew.pids().values():
        psutil.Process(pid).kill()
    while made.crew:
        made.crew.reap()
    made.kill()
    made.store.close()


def test_a_living_worker_is_adopted(floor: Floor) -> None:
    floor.lease_it()

    floor.dispatcher.look()

    assert floor.crew.pids() == {floor.job: floor.process.pid}


def test_a_dead_worker_is_replaced_before_its_lease_ends(floor: Floor) -> None:
    floor.lease_it()
    floor.kill()

    floor.dispatcher.look()

    assert floor.job in floor.crew
    assert floor.crew.pids()[floor.job] != floor.process.pid


def test_a_living_worker_is_left_alone_after_somebody_set_the_clock(floor: Floor) -> None:
    floor.lease_it(clock_was_set_by=90.0)

    floor.dispatcher.look()

    assert floor.crew.pids() == {}


def test_a_status_that_cannot_be_written_does_not_end_the_dispatcher(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_text(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write_text)

    floor.dispatcher.look()

    assert floor.job in floor.crew


def test_a_job_that_could_not_be_given_up_at_once_is_given_up_at_the_next_look(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    restarts = Restarts(floor.clock)
    monkeypatch.setattr(floor.dispatcher, "_restarts", restarts)
    monkeypatch.setattr("codybatch.engines.local.restarts.FIRST_PAUSE_SECONDS", 0.0)
    for _ in range(HOPELESS_AFTER + 1):
        restarts.failed(floor.job)
    settle = floor.records.settle

    def full(*_: object) -> None:
        monkeypatch.setattr(floor.records, "settle", settle)
        raise StoreFull

    monkeypatch.setattr(floor.records, "settle", full)
    with pytest.raises(StoreFull):
        floor.dispatcher.look()

    floor.dispatcher.look()

    assert floor.records.job(floor.job).ended_because is EndedBecause.INTERNAL_ERROR


def test_cancelling_a_job_whose_worker_is_dead_starts_whoever_ends_it(
    floor: Floor, tmp_path: Path
) -> None:
    floor.lease_it()
    floor.kill()
    begun = tmp_path / "begun"
    pretend = (
        "import json, os, pathlib, sys, time, psutil\n"
        f"home = pathlib.Path({str(floor.home)!r})\n"
        f"pathlib.Path({str(begun)!r}).write_text(' '.join(sys.argv[1:]))\n"
        "status = {'pid': os.getpid(), 'pidStartedAt': psutil.Process().create_time(),\n"
        "          'settings': 'f', 'since': '2026-03-01T12:00:00Z'}\n"
        "draft = home / 'dispatcher' / 'draft'\n"
        "draft.write_text(json.dumps(status))\n"
        "draft.replace(home / 'dispatcher' / 'status.json')\n"
        "time.sleep(600)\n"
    )
    command = LaunchCommand((sys.executable, "-c", pretend), {})
    engine = LocalEngine(
        floor.records, floor.room, floor.station, floor.clock, command, settings="f"
    )

    cancelled = Jobs(floor.records, floor.store.blobs, engine, floor.clock).cancel(floor.job, ALICE)

    assert cancelled.state is JobState.RUNNING
    assert cancelled.cancel_requested
    assert begun.read_text() == "dispatcher run"
    status = engine.status()
    assert status is not None
    psutil.Process(status.pid).kill()
    psutil.Process(status.pid).wait()
    engine.reap()


def test_what_fails_at_every_look_is_logged_once(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    floor.store.close()

    idle = [floor.dispatcher._is_idle_after_look() for _ in range(10)]

    assert not any(idle)
    assert len(caplog.records) == 1
    assert "closed" in caplog.text

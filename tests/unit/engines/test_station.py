"""The station: one dispatcher a home directory, whatever is left of dead ones."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codybatch.domain.errors import DispatcherRunning, EngineError
from codybatch.engines.local.processes import ProcessName
from codybatch.engines.local.station import DispatcherStatus, Station

HOLD = """
import sys
from pathlib import Path
from codybatch.engines.local.station import Station
station = Station(Path(sys.argv[1]))
station.take()
print("taken", flush=True)
sys.stdin.read()
"""


def status_of(name: ProcessName) -> DispatcherStatus:
    return DispatcherStatus(
        pid=name.pid,
        pid_started_at=name.started_at,
        settings="abc",
        since=datetime(2026, 11, 24, tzinfo=UTC),
    )


def test_a_second_dispatcher_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with first:
        assert first.stdout
        assert first.stdout.readline() == b"taken\n"
        station = Station(tmp_path)

        assert station.is_taken()
        with pytest.raises(DispatcherRunning):
            station.take()

        first.kill()
        first.wait()

        assert not station.is_taken()
        station.take()
        station.leave()


def test_looking_does_not_take_the_place(tmp_path: Path) -> None:
    station = Station(tmp_path)

    assert not station.is_taken()
    assert not Station(tmp_path).is_taken()


def test_the_status_of_a_dead_dispatcher_is_none(tmp_path: Path) -> None:
    station = Station(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child:
        name = ProcessName.of(child.pid)
        assert name is not None
        station.write_status(status_of(name))
        assert station.status() == status_of(name)
        child.kill()
        child.wait()

    assert station.status() is None


def test_a_damaged_status_reads_as_none(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.folder.mkdir(parents=True)
    (station.folder / "status.json").write_text('{"pid": 1')

    assert station.status() is None


def test_a_home_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EngineError, match="CODYBATCH_HOME"):
        Station(tmp_path / "file" / "home").take()


def test_a_reused_pid_is_another_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child:
        name = ProcessName.of(child.pid)
        assert name is not None
        assert name.is_alive()
        assert not ProcessName(name.pid, name.started_at - 3600).is_alive()
        child.kill()

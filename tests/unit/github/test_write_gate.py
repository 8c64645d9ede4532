"""The gate that all writes pass."""

from __future__ import annotations

import itertools
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codybatch.domain.errors import RepositoryUnavailable
from codybatch.github.write_gate import WriteGate
from tests.spawn_kit import spawning

INTERVAL = 0.05


def pass_gate(gate: WriteGate) -> tuple[float, float]:
    """When a write began and ended."""
    with gate.passing():
        began = time.time()
        return began, time.time()


def pass_in_process(file: Path) -> tuple[float, float]:
    return pass_gate(WriteGate(INTERVAL, file))


def spaced(times: list[tuple[float, float]]) -> bool:
    times.sort()
    return all(
        later[0] - sooner[1] >= INTERVAL * 0.8 for sooner, later in itertools.pairwise(times)
    )


@pytest.mark.parametrize("shared", [False, True])
def test_writes_of_threads_pass_one_by_one_and_apart(tmp_path: Path, shared: bool) -> None:
    gate = WriteGate(INTERVAL, tmp_path / "gate.lock" if shared else None)

    with ThreadPoolExecutor(4) as pool:
        times = list(pool.map(pass_gate, [gate] * 5))

    assert spaced(times)


def test_writes_of_processes_of_one_home_pass_apart(tmp_path: Path) -> None:
    file = tmp_path / "home" / "gate.lock"

    with spawning() as context, context.Pool(2) as pool:
        times = pool.map(pass_in_process, [file] * 4, chunksize=1)

    assert spaced(times)


def test_the_first_write_waits_for_nobody(tmp_path: Path) -> None:
    began = time.monotonic()

    pass_gate(WriteGate(30.0, tmp_path / "gate.lock"))
    pass_gate(WriteGate(30.0))

    assert time.monotonic() - began < 10


def test_a_clock_that_was_set_back_makes_no_long_pause(tmp_path: Path) -> None:
    file = tmp_path / "gate.lock"
    file.touch()
    tomorrow = time.time() + 86_400
    os.utime(file, (tomorrow, tomorrow))
    began = time.monotonic()

    pass_gate(WriteGate(INTERVAL, file))

    assert time.monotonic() - began < 10


def test_a_write_that_failed_lets_the_next_one_pass(tmp_path: Path) -> None:
    gate = WriteGate(INTERVAL, tmp_path / "gate.lock")

    with pytest.raises(ZeroDivisionError), gate.passing():
        raise ZeroDivisionError

    assert pass_gate(gate)


def test_whoever_waits_too_long_is_told(tmp_path: Path) -> None:
    file = tmp_path / "gate.lock"

    with (
        WriteGate(0.0, file).passing(),
        pytest.raises(RepositoryUnavailable, match=r"0\.05 s"),
        WriteGate(0.0, file, longest_queue=0.05).passing(),
    ):
        pass

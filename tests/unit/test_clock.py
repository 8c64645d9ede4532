"""The system's clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from codybatch.clock import SystemClock
from codybatch.ports import Clock


def test_it_is_a_clock_of_the_port() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC


def test_the_time_is_now_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_monotonic_time_never_runs_backwards() -> None:
    moments = [SystemClock().monotonic() for _ in range(1000)]
    assert moments == sorted(moments)


@pytest.mark.parametrize("until", [None, threading.Event()])
def test_it_sleeps_as_long_as_asked(until: threading.Event | None) -> None:
    before = time.monotonic()
    SystemClock().sleep(0.02, until)
    assert time.monotonic() - before >= 0.019


@pytest.mark.parametrize("seconds", [0.0, -5.0])
@pytest.mark.parametrize("until", [None, threading.Event()])
def test_it_does_not_wait_for_the_past(seconds: float, until: threading.Event | None) -> None:
    before = time.monotonic()
    SystemClock().sleep(seconds, until)
    assert time.monotonic() - before < 1


def test_an_event_ends_a_long_sleep_at_once() -> None:
    rung = threading.Event()
    sleeper = threading.Thread(target=SystemClock().sleep, args=(600.0, rung))
    sleeper.start()
    rung.set()
    sleeper.join(timeout=10)
    assert not sleeper.is_alive()

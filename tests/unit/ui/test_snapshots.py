"""What one session read a moment ago serves the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from codybatch.ui.snapshots import FRESH_SECONDS, MOST_KEPT, Snapshots


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """Counts how often it was read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> int:
        self.reads += 1
        return self.reads


def test_within_a_second_one_reading_serves_everybody() -> None:
    time, read = Time(), Counted()
    snapshots = Snapshots(time)

    assert snapshots.current("jobs", read) == 1
    time.now += FRESH_SECONDS - 0.01
    assert snapshots.current("jobs", read) == 1
    time.now += 0.01
    assert snapshots.current("jobs", read) == 2


def test_another_key_is_another_reading() -> None:
    read, snapshots = Counted(), Snapshots(Time())

    assert [snapshots.current(key, read) for key in ("a", "b", "a")] == [1, 2, 1]


def test_what_was_changed_is_read_anew_at_once() -> None:
    read, snapshots = Counted(), Snapshots(Time())
    snapshots.current("jobs", read)

    snapshots.forget()

    assert snapshots.current("jobs", read) == 2


def test_a_reading_that_began_before_a_change_is_not_kept() -> None:
    snapshots = Snapshots(Time())

    def changed_meanwhile() -> str:
        snapshots.forget()
        return "as it was"

    assert snapshots.current("jobs", changed_meanwhile) == "as it was"
    assert snapshots.current("jobs", lambda: "as it is") == "as it is"


def test_many_threads_wait_for_one_reading() -> None:
    snapshots, read = Snapshots(), Counted()
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert may_end.wait(20)
        return read()

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(snapshots.current, "jobs", slow)
        assert begun.wait(20)
        others = [threads.submit(snapshots.current, "jobs", read) for _ in range(7)]
        may_end.set()

        assert {one.result(20) for one in (first, *others)} == {1}


def test_an_error_is_raised_and_not_kept() -> None:
    snapshots = Snapshots(Time())

    def fails() -> int:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - the very one
        snapshots.current("jobs", fails)
    assert snapshots.current("jobs", lambda: 1) == 1


def test_old_snapshots_make_room_for_new_ones() -> None:
    read, snapshots = Counted(), Snapshots(Time())
    for number in range(MOST_KEPT + 1):
        snapshots.current(number, read)
    before = read.reads

    snapshots.current(MOST_KEPT, read)
    assert read.reads == before
    snapshots.current(0, read)
    assert read.reads == before + 1

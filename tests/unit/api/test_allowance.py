"""How many requests one caller may send."""

from __future__ import annotations

import pytest

from codybatch.api.allowance import MOST_CALLERS, Allowance


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_ten_seconds_worth_may_come_at_once_and_then_one_by_one(time: Time) -> None:
    allowance = Allowance(60, time)

    assert [allowance.seconds_to_wait("ann") for _ in range(10)] == [0.0] * 10
    assert allowance.seconds_to_wait("ann") == pytest.approx(1.0)
    time.now += 0.5
    assert allowance.seconds_to_wait("ann") == pytest.approx(0.5)
    time.now += 0.5
    assert allowance.seconds_to_wait("ann") == 0.0
    assert allowance.seconds_to_wait("ann") == pytest.approx(1.0)


def test_what_is_left_unused_does_not_pile_up(time: Time) -> None:
    allowance = Allowance(60, time)
    time.now += 3600

    waits = [allowance.seconds_to_wait("ann") for _ in range(11)]

    assert waits[:10] == [0.0] * 10
    assert waits[10] > 0


def test_callers_have_their_own(time: Time) -> None:
    allowance = Allowance(1, time)

    assert allowance.seconds_to_wait("ann") == 0.0
    assert allowance.seconds_to_wait("ann") == pytest.approx(60.0)
    assert allowance.seconds_to_wait("bob") == 0.0


def test_what_is_remembered_has_an_end(time: Time) -> None:
    allowance = Allowance(60, time)
    for number in range(MOST_CALLERS + 5):
        allowance.seconds_to_wait(f"caller-{number}")

    assert len(allowance._left) == MOST_CALLERS

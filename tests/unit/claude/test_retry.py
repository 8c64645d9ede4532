"""When a request is sent again, and after how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from threading import Event as ThreadEvent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.claude.retry import Patience, RetryPolicy, Setback, asked_seconds
from codybatch.domain.errors import ModelInterrupted, ModelThrottled
from codybatch.ports.model import RetryNotice
from tests.claude_kit import NOON, HandClock, Heard

POLICY = RetryPolicy()


# --- how long ----------------------------------------------------------------------------------


def test_ceilings_double_from_two_seconds_to_two_minutes() -> None:
    ceilings = [POLICY.wait(failures, None, 1.0) for failures in range(1, 10)]
    assert ceilings == [2, 4, 8, 16, 32, 64, 120, 120, 120]


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_waits_lie_anywhere_below_their_ceiling(failures: int, draw: float) -> None:
    ceiling = POLICY.wait(failures, None, 1.0)
    assert 0 <= POLICY.wait(failures, None, draw) <= ceiling <= 120
    assert POLICY.wait(failures, None, draw) == draw * ceiling


@given(st.floats(0, 60), st.floats(0, 1, exclude_max=True))
def test_a_wait_that_was_asked_for_is_kept_and_drawn_out_a_little(
    asked: float, draw: float
) -> None:
    assert asked <= POLICY.wait(3, asked, draw) <= asked * 1.1


# --- what the service asks ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e300"}, 7 * 24 * 3600.0),
        ({"retry-after": format_datetime(NOON + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:01:30 -0000"}, 90.0),
        ({"retry-after": "Fri, 20 Nov 2026 13:01:30 +0100"}, 90.0),
        ({"retry-after": format_datetime(NOON - timedelta(days=1), usegmt=True)}, 0.0),
        ({"retry-after": "Fri, 99 Nov 2026 12:01:30 GMT"}, None),
    ],
)
def test_what_the_headers_ask_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_seconds(headers, NOON) == seconds


# --- giving up ---------------------------------------------------------------------------------


def test_within_the_budget_nobody_gives_up() -> None:
    POLICY.check(Setback("x"), 120, 1_080, NOON)


def test_a_wait_past_the_budget_is_not_begun() -> None:
    with pytest.raises(ModelInterrupted) as gave_up:
        POLICY.check(Setback("the connection was cut"), 120, 1_081, NOON)
    assert str(gave_up.value) == (
        "No whole reply of the model arrived within 20 minutes: the connection was cut."
    )


@pytest.mark.parametrize("begun", [True, False])
def test_giving_up_says_whether_the_last_reply_had_begun(begun: bool) -> None:
    with pytest.raises(ModelInterrupted) as gave_up:
        POLICY.check(Setback("x", reply_begun=begun), 1, 1_200, NOON)
    assert gave_up.value.may_have_been_paid is begun


def test_a_service_that_was_overloaded_all_the_time_is_left_alone_for_a_while() -> None:
    with pytest.raises(ModelThrottled) as gave_up:
        POLICY.check(Setback("the service is overloaded", throttled=True), 1, 1_200, NOON)
    assert gave_up.value.until == NOON + timedelta(minutes=5)


def test_a_minute_asked_for_is_waited_here() -> None:
    POLICY.check(Setback("x", throttled=True, asked_seconds=60), 66, 0, NOON)


def test_more_than_a_minute_asked_for_is_not_waited_here() -> None:
    with pytest.raises(ModelThrottled) as gave_up:
        POLICY.check(Setback("the rate limit is reached", asked_seconds=61), 66, 0, NOON)
    assert gave_up.value.until == NOON + timedelta(seconds=61)
    assert str(gave_up.value) == ("The model's service asks us to wait: the rate limit is reached.")


def test_a_reply_that_had_begun_is_never_forgotten_over_a_throttling() -> None:
    setback = Setback("x", throttled=True, reply_begun=True)
    with pytest.raises(ModelInterrupted) as gave_up:
        POLICY.check(setback, 1, 1_200, NOON)
    assert gave_up.value.may_have_been_paid


# --- trying again ------------------------------------------------------------------------------


def failing(times: int, clock: HandClock, seconds: float = 0.0) -> Callable[[], str]:
    """Fails so often, each try taking some seconds, then succeeds."""
    left = [times]

    def send() -> str:
        clock.seconds += seconds
        if left[0]:
            left[0] -= 1
            raise Setback(f"{left[0]} more")
        return "received"

    return send


def test_what_works_at_once_is_neither_told_nor_waited_for() -> None:
    clock, heard = HandClock(), Heard()
    received = Patience(POLICY, clock, lambda: 0.5).persist(failing(0, clock), ThreadEvent(), heard)
    assert received == "received"
    assert (clock.waited, heard.notices) == ([], [])


def test_each_wait_is_told_before_it_begins() -> None:
    clock, heard = HandClock(), Heard()
    Patience(POLICY, clock, lambda: 0.5).persist(failing(3, clock), ThreadEvent(), heard)
    assert clock.waited == [1.0, 2.0, 4.0]
    assert heard.notices == [
        RetryNotice(2, 1.0, "2 more", False),
        RetryNotice(3, 2.0, "1 more", False),
        RetryNotice(4, 4.0, "0 more", False),
    ]


def test_the_budget_begins_with_the_first_failure_not_with_the_first_try() -> None:
    clock = HandClock()
    # A reply may well take an hour to be cut.
    send = failing(1, clock, seconds=3_600)
    assert Patience(POLICY, clock, lambda: 0.5).persist(send, ThreadEvent(), Heard()) == "received"


def test_the_budget_ends_the_trying() -> None:
    clock, heard = HandClock(), Heard()
    with pytest.raises(ModelInterrupted):
        Patience(POLICY, clock, lambda: 0.999).persist(failing(1_000, clock), ThreadEvent(), heard)
    assert 1_080 < clock.seconds <= 1_200
    assert len(heard.notices) == len(clock.waited)


def test_what_is_raised_by_the_listener_ends_the_trying() -> None:
    clock = HandClock()

    def no_more(_notice: RetryNotice) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Patience(POLICY, clock, lambda: 0.5).persist(failing(1, clock), ThreadEvent(), no_more)
    assert clock.waited == []


def test_any_other_error_passes_at_once() -> None:
    clock = HandClock()

    def send() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        Patience(POLICY, clock, lambda: 0.5).persist(send, ThreadEvent(), Heard())


def test_an_abort_while_waiting_asks_no_more() -> None:
    clock, abort = HandClock(), ThreadEvent()
    tries: list[int] = []

    def send() -> str:
        tries.append(1)
        raise Setback("cut", reply_begun=True)

    with pytest.raises(ModelInterrupted) as aborted:
        Patience(POLICY, clock, lambda: 0.5).persist(send, abort, lambda _: abort.set())
    assert len(tries) == 1
    # What had begun was told with the notice; the next try was never made.
    assert not aborted.value.may_have_been_paid

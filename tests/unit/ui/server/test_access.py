"""Tokens, sessions, and how often one may guess."""

from __future__ import annotations

import pytest

from codybatch.ui.server.access import (
    FAILURE_SECONDS,
    MOST_ADDRESSES,
    MOST_FAILURES,
    SESSION_SECONDS,
    Access,
    Failures,
)

TOKEN = "correct-horse-battery-staple"


class Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def access(time: Time) -> Access:
    return Access(TOKEN, time)


def test_only_the_token_is_the_token(access: Access) -> None:
    assert access.is_token(TOKEN)
    for other in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\udcff"):
        assert not access.is_token(other)


def test_a_cookie_is_a_session_until_it_ends_and_does_not_hold_the_token(
    access: Access, time: Time
) -> None:
    cookie = access.sign_in()

    assert TOKEN not in cookie
    session = access.session(cookie)
    assert session is not None
    assert access.seconds_left(session) == SESSION_SECONDS
    time.now += SESSION_SECONDS
    assert access.session(cookie) is None


def test_a_cookie_that_was_changed_is_none(access: Access) -> None:
    name, end, signature = access.sign_in().split(".")

    for forged in (
        "",
        ".",
        "..",
        f"{name}.{end}",
        f"{name}.{int(end) + 1}.{signature}",
        f"x{name}.{end}.{signature}",
        f"{name}.{end}.{signature[:-1]}",
        f"{name}.{end}.\xff",
    ):
        assert access.session(forged) is None


def test_a_session_outlives_a_restart_and_ends_with_the_token(access: Access, time: Time) -> None:
    cookie = access.sign_in()

    assert Access(TOKEN, time).session(cookie)
    assert Access(TOKEN + "2", time).session(cookie) is None


def test_who_signed_out_is_out_and_others_are_not(access: Access) -> None:
    mine, yours = access.sign_in(), access.sign_in()
    session = access.session(mine)
    assert session is not None

    access.sign_out(session)

    assert session.over.is_set()
    assert access.session(mine) is None
    assert access.session(yours)


def test_after_ten_wrong_tokens_an_address_waits_and_others_do_not(time: Time) -> None:
    failures = Failures(time)
    for _ in range(MOST_FAILURES):
        assert not failures.seconds_to_wait("192.0.2.7")
        failures.count("192.0.2.7")

    assert failures.seconds_to_wait("192.0.2.7") == FAILURE_SECONDS
    assert not failures.seconds_to_wait("192.0.2.8")
    time.now += FAILURE_SECONDS
    assert not failures.seconds_to_wait("192.0.2.7")


def test_a_network_of_ipv6_is_one_address(time: Time) -> None:
    failures = Failures(time)
    for number in range(MOST_FAILURES):
        failures.count(f"2001:db8::{number:x}")

    assert failures.seconds_to_wait("2001:db8::ffff")
    assert not failures.seconds_to_wait("2001:db8:0:1::1")


def test_what_is_counted_has_an_end(time: Time) -> None:
    failures = Failures(time)
    for number in range(MOST_ADDRESSES + 5):
        failures.count(f"host-{number}")

    assert len(failures._times) == MOST_ADDRESSES

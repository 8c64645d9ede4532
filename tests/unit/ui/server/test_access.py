"""Tokens and sessions."""

from __future__ import annotations

import pytest

from codybatch.ui.server.access import SESSION_SECONDS, Access

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

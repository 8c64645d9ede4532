"""How often one may guess."""

from __future__ import annotations

import pytest

from codybatch.web.failures import FAILURE_SECONDS, MOST_ADDRESSES, MOST_FAILURES, Failures


class Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


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

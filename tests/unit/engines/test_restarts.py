"""Restarts: pauses that grow, and an end to hopeless ones."""

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from codybatch.domain.identifiers import JobId
from codybatch.engines.local.restarts import HOPELESS_AFTER, LONGEST_PAUSE_SECONDS, Restarts

JOB = JobId("01jd0000000000000000000000-1")


@dataclass
class SteeredClock:
    """A clock that moves only when told."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float, until: Event | None = None) -> None:  # noqa: ARG002
        self.seconds += seconds


def test_a_job_nobody_remembers_may_start_at_once() -> None:
    restarts = Restarts(SteeredClock())

    assert restarts.may_start(JOB)
    assert not restarts.is_hopeless(JOB)


def test_pauses_grow_and_stay_bounded() -> None:
    clock = SteeredClock()
    restarts = Restarts(clock)
    pauses = []
    for _ in range(12):
        restarts.ended(JOB, attempts=0)
        began = clock.seconds
        while not restarts.may_start(JOB):
            clock.seconds += 0.25
        pauses.append(clock.seconds - began)

    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert max(pauses) == LONGEST_PAUSE_SECONDS


def test_workers_that_never_claim_are_hopeless_after_a_while() -> None:
    restarts = Restarts(SteeredClock())
    for _ in range(HOPELESS_AFTER):
        restarts.ended(JOB, attempts=0)
        assert not restarts.is_hopeless(JOB)

    restarts.ended(JOB, attempts=0)

    assert restarts.is_hopeless(JOB)


def test_a_claim_in_between_begins_the_count_anew() -> None:
    restarts = Restarts(SteeredClock())
    for attempts in range(3 * HOPELESS_AFTER):
        restarts.ended(JOB, attempts=attempts)

    assert not restarts.is_hopeless(JOB)


def test_an_ended_job_is_forgotten() -> None:
    restarts = Restarts(SteeredClock())
    for _ in range(2 * HOPELESS_AFTER):
        restarts.failed(JOB)

    restarts.forget(JOB)

    assert restarts.may_start(JOB)
    assert not restarts.is_hopeless(JOB)


def test_pauses_grow_too_where_workers_claim_their_job_and_die() -> None:
    clock = SteeredClock()
    restarts = Restarts(clock)
    pauses = []
    for attempts in range(1, 6):
        restarts.ended(JOB, attempts=attempts, fruitless=attempts)
        began = clock.seconds
        while not restarts.may_start(JOB):
            clock.seconds += 0.25
        pauses.append(clock.seconds - began)

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]

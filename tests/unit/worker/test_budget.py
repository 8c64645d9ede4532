"""Slices of a budget: what a job that finds no room says that it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.clock import SystemClock
from codybatch.domain.jobs import Lease
from codybatch.domain.states import JobState
from codybatch.ports import Reservation
from codybatch.services.waiting import WaitingRoom
from codybatch.stores.embedded import EmbeddedStore
from codybatch.worker.attempt import Attempt
from codybatch.worker.budget import BudgetSlices
from tests.contracts.examples import capped, lease_of, running, usd


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    made = EmbeddedStore(tmp_path)
    yield made
    made.close()


def test_a_cap_that_is_raised_just_after_it_refused_lets_the_job_go_on(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, clock = store.records, SystemClock()
    job = running(records, budget=capped("1"))
    attempt = Attempt(job, lease_of(job), records, clock)
    ask = records.reserve

    def and_somebody_raises_it(
        lease: Lease, amount: Decimal, spent: Decimal, day: date, daily_cap: Decimal | None
    ) -> Reservation:
        answer = ask(lease, amount, spent, day, daily_cap)
        if amount == usd("5"):
            request = records.request(job.request)
            records.update_request(request.with_(budget=capped("10")))
        return answer

    monkeypatch.setattr(records, "reserve", and_somebody_raises_it)
    waiting = BudgetSlices(attempt, records, clock, None).cover(usd("5"), usd("0"))
    assert waiting is not None
    records.release(lease_of(job), job.with_(state=JobState.WAITING, waiting=waiting))

    WaitingRoom(records, clock, None, frozenset()).put_back()

    assert records.job(job.id).state is JobState.QUEUED

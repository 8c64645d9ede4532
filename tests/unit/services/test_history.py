"""How things stand and how they went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from codybatch.domain.requests import JobCounts
from codybatch.domain.tallies import DayTally, Tally
from codybatch.ports import FlagCounts, Records
from codybatch.services.history import MAX_DAYS, History
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON, TODAY, a_patch, a_verdict, queued, running, settled, usd
from tests.unit.services.publishing import SteadyClock


class NoonClock(SteadyClock):
    """It stays noon of one day."""

    def now(self) -> datetime:
        return NOON


CLOCK = NoonClock()
DAY = timedelta(days=1)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = EmbeddedStore(tmp_path)
    yield store.records
    store.close()


def ended(records: Records, days_ago: int, cost: str) -> None:
    at = NOON - days_ago * DAY
    job = settled(records, running(records), ended_at=at, cost_usd=usd(cost))
    records.put_verdict(a_verdict(job, at=at))


def test_a_new_store_has_days_on_which_nothing_happened(records: Records) -> None:
    history = History(records, CLOCK)

    assert history.days(1) == (DayTally(day=TODAY),)
    assert history.counts() == JobCounts()
    assert history.waiting_for_people() == FlagCounts()


def test_the_last_days_are_without_gaps_and_today_comes_last(records: Records) -> None:
    for days_ago, cost in ((0, "1"), (2, "2"), (2, "3"), (3, "4")):
        ended(records, days_ago, cost)

    days = History(records, CLOCK).days(3)

    two = Tally(succeeded=2, accepted=2, cost_usd=usd("5"))
    one = Tally(succeeded=1, accepted=1, cost_usd=usd("1"))
    assert days == (
        DayTally(day=TODAY - 2 * DAY, tally=two, spent_usd=usd("5")),
        DayTally(day=TODAY - DAY),
        DayTally(day=TODAY, tally=one, spent_usd=usd("1")),
    )


@pytest.mark.parametrize(("asked", "given"), [(-1, 1), (0, 1), (30, 30), (10**9, MAX_DAYS)])
def test_a_range_has_bounds(records: Records, asked: int, given: int) -> None:
    assert len(History(records, CLOCK).days(asked)) == given


def test_what_waits_for_people_is_counted(records: Records) -> None:
    queued(records)
    settled(records, running(records), patch=a_patch())
    history = History(records, CLOCK)

    assert history.counts() == JobCounts(queued=1, succeeded=1)
    assert history.waiting_for_people() == FlagCounts(unjudged=1)

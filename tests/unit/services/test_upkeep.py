"""The tick does its parts whatever fails of them; news that changes nothing asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from codybatch.domain.errors import EngineError, StoreError
from codybatch.domain.events import KEPT_FOR
from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.states import JobState
from codybatch.services.upkeep import Ticked, Upkeep
from codybatch.standins.batch import Reclaim, faults
from tests.contracts.examples import an_event
from tests.unit.engines.aws_batch.depot import DANA, Depot, depot


@pytest.fixture
def d(tmp_path: Path) -> Iterator[Depot]:
    with depot(tmp_path) as opened:
        yield opened


def upkeep(d: Depot, due: int = 0, going_on: int = 0) -> Upkeep:
    return Upkeep(d.records, d.engine, lambda: [object()] * due, lambda: [object()] * going_on)


def test_a_tick_says_what_it_did(d: Depot) -> None:
    jobs = d.jobs(2)

    did = upkeep(d, due=3, going_on=4).tick()

    assert did == Ticked(schedules=3, experiments=4, jobs=len(jobs))
    assert upkeep(d).tick() == Ticked(schedules=0, experiments=0, jobs=0)


def test_a_tick_leaves_old_events_to_the_store(d: Depot) -> None:
    (job,) = d.jobs()
    d.records.add_events(job.id, [an_event("long ago", d.clock.now() - KEPT_FOR * 2)])

    upkeep(d).tick()

    assert "long ago" in d.told(job)


def test_a_part_that_fails_keeps_no_other_from_being_done(d: Depot) -> None:
    d.jobs()
    d.batch.faults.add(faults.denied("SubmitJob"))

    looked: list[object] = []

    def fail() -> list[object]:
        raise StoreError("The schedules cannot be read.")

    def look() -> list[object]:
        looked.append("at the experiments")
        return looked

    with pytest.raises(StoreError, match="The schedules cannot be read"):
        Upkeep(d.records, d.engine, fail, look).tick()

    assert looked
    assert d.asked("SubmitJob") == 1
    d.pass_(minutes=2)
    assert upkeep(d).tick().jobs == 1


def test_a_tick_that_cannot_reach_the_engine_says_so(d: Depot) -> None:
    d.jobs()
    d.batch.faults.add(faults.denied("SubmitJob"))

    with pytest.raises(EngineError, match="does not let us use batch:SubmitJob"):
        upkeep(d).tick()


def test_news_of_an_end_that_is_none_is_looked_into(d: Depot) -> None:
    job = d.begin(d.submitted()[0])
    d.batch.reclaim(d.in_batch(job).id, Reclaim.EC2_SPOT)
    d.run("exit 2")
    submission = d.submission(job).id

    assert upkeep(d).look_at(submission, 0, has_ended=True) == 1
    assert upkeep(d).look_at(submission, 0, has_ended=True) == 0

    assert d.now(job).state is JobState.QUEUED


def test_news_of_life_after_the_end_is_looked_into(d: Depot) -> None:
    (job,) = d.submitted()
    d.records.request_cancel(job.id, d.clock.now(), DANA)
    d.clock.time += timedelta(minutes=5)

    upkeep(d).look_at(d.submission(job).id, 0, has_ended=False)

    assert d.in_batch(job).status.has_ended


def test_news_that_fits_the_records_asks_the_engine_nothing(d: Depot) -> None:
    queued, ended, waits = d.submitted(3)
    d.records.request_cancel(ended.id, d.clock.now(), DANA)
    d.leave_waiting(d.claim(waits.id, d.in_batch(waits).id))
    submission = d.submission(queued).id
    before = d.asked()

    for index, has_ended in ((0, False), (1, True), (2, True), (2, False)):
        assert upkeep(d).look_at(submission, index, has_ended=has_ended) == 0

    assert d.asked() == before


@pytest.mark.parametrize("index", [-1, 3, 10_000])
def test_news_of_what_is_not_there_is_taken_no_notice_of(d: Depot, index: int) -> None:
    submission = d.engine.submit(d.jobs(3)).id

    assert upkeep(d).look_at(submission, index, has_ended=True) == 0
    assert upkeep(d).look_at(SubmissionId("unknown"), 0, has_ended=True) == 0

"""Events have their time, and then they are gone, whether or not DynamoDB has removed them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codybatch.domain.events import KEPT_FOR
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import keys
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.aws.schema import TIME_TO_LIVE
from tests.contracts.aws import AwsFixtures
from tests.contracts.examples import NOON, an_event, minutes, queued
from tests.unit.stores.aws.tables import a_table

DAY = timedelta(days=1)


class Watch:
    """A time that a test moves; it begins now, or the stand-in would remove what has expired."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def records(tmp_path: Path, aws: AwsStandin, watch: Watch) -> Iterator[DynamoRecords]:
    del aws
    records = DynamoRecords(a_table(tmp_path), AwsFixtures.make_blobs(tmp_path), watch)
    yield records
    records.close()


def test_events_are_read_for_thirty_days_from_when_they_were_noted(
    records: DynamoRecords, watch: Watch
) -> None:
    job = queued(records)
    records.add_events(job.id, [an_event("first")])
    watch.now += DAY
    records.add_events(job.id, [an_event("second")])

    seen = []
    for _ in range(3):
        seen.append([event.text for event in records.events(job.id)])
        watch.now += KEPT_FOR - DAY / 2

    assert seen == [["first", "second"], ["second"], []]


def test_dynamodb_is_told_when_that_is(records: DynamoRecords, watch: Watch) -> None:
    job = queued(records)
    records.add_events(job.id, [an_event("first")])

    (item,) = records._table.query(keys.events_of(job.id))

    expires = datetime.fromtimestamp(item.number(TIME_TO_LIVE), UTC)
    assert abs(expires - watch.now - KEPT_FOR) < timedelta(seconds=2)


def test_the_events_of_one_call_are_one_item(records: DynamoRecords) -> None:
    job = queued(records)

    records.add_events(job.id, [an_event(str(number)) for number in range(40)])

    assert len(list(records._table.query(keys.events_of(job.id)))) == 1


def test_what_is_forgotten_may_stand_anywhere_in_an_item(records: DynamoRecords) -> None:
    job = queued(records)
    moments = [NOON, NOON + 2 * DAY, NOON + minutes(1), NOON + 3 * DAY, NOON]
    records.add_events(job.id, [an_event(str(at), at) for at in moments])

    assert records.forget_events(NOON + DAY) == 3
    assert [event.sequence for event in records.events(job.id)] == [2, 4]
    assert [event.sequence for event in records.events(job.id, after=2)] == [4]
    assert records.forget_events(NOON + DAY) == 0
    assert records.forget_events(NOON + 4 * DAY) == 2
    assert records.events(job.id) == ()


def test_nothing_is_written_where_nothing_is_forgotten(records: DynamoRecords) -> None:
    job = queued(records)
    records.add_events(job.id, [an_event("later the same day", NOON + minutes(5))])
    before = records._jobs.load(job.id)

    assert records.forget_events(NOON + minutes(1)) == 0

    assert records._jobs.load(job.id) == before


def test_a_job_whose_events_were_forgotten_has_new_ones_forgotten_too(
    records: DynamoRecords,
) -> None:
    job = queued(records)
    records.add_events(job.id, [an_event("one")])
    records.forget_events(NOON + DAY)
    records.add_events(job.id, [an_event("two", NOON + DAY), an_event("three", NOON - DAY)])

    assert records.forget_events(NOON) == 1
    assert [event.text for event in records.events(job.id)] == ["two"]
    assert records.forget_events(NOON + 2 * DAY) == 1


def test_more_items_than_one_transaction_takes_are_forgotten(records: DynamoRecords) -> None:
    job = queued(records)
    for number in range(95):
        records.add_events(job.id, [an_event(str(number))])

    assert records.forget_events(NOON + DAY) == 95
    assert records.events(job.id) == ()
    assert list(records._table.query(keys.jobs_with_events((NOON + DAY).date()))) == []

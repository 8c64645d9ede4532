"""Pages are right though a list and its records are read one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.jobs import Job
from codybatch.ports import PageRequest, Partition, PartitionKind, Records
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import keys
from codybatch.stores.aws.items import Key
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.places import place_of_job
from tests.aws_edge import Edge, Meanwhile
from tests.contracts.aws import AwsFixtures
from tests.contracts.examples import NOON, a_request, claimed, created, minutes, queued
from tests.unit.stores.aws.test_faults import asks

QUEUED = Partition(PartitionKind.STATE, "queued")
RECORDS_ARE_READ = asks("BatchGetItem")


@pytest.fixture
def other(tmp_path: Path, aws: AwsStandin) -> Iterator[Records]:
    """Somebody else's store, which does not go past the edge."""
    del aws
    records = AwsFixtures.make_records(tmp_path)
    yield records
    records.close()


@pytest.fixture
def edge(other: Records, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    other.job_counts()  # its client knows the way by now
    with Edge(aws.endpoint).running() as edge:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", edge.endpoint)
        yield edge
        assert edge.unmet == []


@pytest.fixture
def records(tmp_path: Path, edge: Edge) -> Iterator[DynamoRecords]:
    assert edge.asked == []
    records = AwsFixtures.make_records(tmp_path)
    assert isinstance(records, DynamoRecords)
    yield records
    records.close()


def four_queued(records: Records) -> list[Job]:
    """Newest first."""
    return [queued(records, NOON + minutes(number)) for number in range(4)][::-1]


def test_a_job_that_leaves_a_list_meanwhile_leaves_its_page_to_the_next(
    edge: Edge, records: DynamoRecords, other: Records
) -> None:
    first, second, third, fourth = four_queued(other)
    edge.disturb(Meanwhile(lambda: claimed(other, first.id)), when=RECORDS_ARE_READ)

    page = records.list_jobs(QUEUED, PageRequest(limit=2))

    assert page.items == (second, third)
    rest = records.list_jobs(QUEUED, PageRequest(limit=2, cursor=page.cursor))
    assert rest.items == (fourth,)
    assert rest.cursor is None


def test_a_page_whose_next_rows_all_left_is_the_last(
    edge: Edge, records: DynamoRecords, other: Records
) -> None:
    first, second, third, fourth = four_queued(other)
    both = Meanwhile(lambda: [claimed(other, job.id) for job in (third, fourth)])
    edge.disturb(both, when=RECORDS_ARE_READ)

    page = records.list_jobs(QUEUED, PageRequest(limit=2))

    assert (page.items, page.cursor) == ((first, second), None)


def test_an_entry_without_its_record_is_passed_over(records: DynamoRecords) -> None:
    job = queued(records)
    (never,) = [job.with_(id=f"{request.id}-1", request=request.id) for request in [a_request()]]
    for name in (keys.state_list(job.state, job.id), keys.word("J", "dependencies")):
        records._table.put(Key(name, place_of_job(never)), {})

    assert records.list_jobs(QUEUED).items == (job,)
    assert records.search_jobs("dependencies").items == (job,)


def test_a_page_of_jobs_begins_in_the_middle_of_a_request(records: DynamoRecords) -> None:
    made = created(records, repositories="acme/a acme/b acme/c acme/d acme/e")

    for oldest_first in (False, True):
        seen: list[int] = []
        page = PageRequest(limit=2, oldest_first=oldest_first)
        while True:
            found = records.list_jobs(page=page)
            seen += [job.index for job in found.items]
            if found.cursor is None:
                break
            page = PageRequest(limit=2, oldest_first=oldest_first, cursor=found.cursor)
        indexes = [job.index for job in made.jobs]
        assert seen == (indexes if oldest_first else indexes[::-1])


def test_a_page_asks_for_few_items_of_each_shard(edge: Edge, records: DynamoRecords) -> None:
    four_queued(records)
    asked = len(edge.asked)

    records.list_jobs(QUEUED, PageRequest(limit=2))

    assert len(edge.asked) - asked == keys.STATE_SHARDS + 1

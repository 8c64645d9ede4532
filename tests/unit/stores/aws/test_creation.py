"""Requests of very many jobs are created in parts, and are whole or nothing all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codybatch.domain.errors import LineageBusy, NotFound, StoreUnavailable
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.ports import PageRequest, Partition, PartitionKind
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import keys
from codybatch.stores.aws.connection import Connection
from codybatch.stores.aws.creation import check_jobs, new_request
from codybatch.stores.aws.job_items import NEW_JOB
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.aws.table import Table
from tests.contracts.aws import name_of, session, store_of
from tests.contracts.examples import (
    ALICE,
    LATER,
    NOON,
    SOON,
    a_request,
    claimed,
    created,
    jobs_of,
    minutes,
    running,
    settled,
)
from tests.contracts.experiment_examples import AN_EXPERIMENT, a_cell, created_for

MANY = " ".join(f"acme/r{number}" for number in range(1, 121))


class Watch:
    """A time of day that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def records(tmp_path: Path, aws: AwsStandin, watch: Watch) -> Iterator[DynamoRecords]:
    del aws
    store = store_of(tmp_path)
    store.create()
    table = Table(Connection(name_of(tmp_path), session=session()))
    records = DynamoRecords(table, store.blobs, watch)
    yield records
    records.close()
    store.close()


def test_a_request_of_many_jobs_is_read_as_it_was_created(records: DynamoRecords) -> None:
    request = a_request(repositories=MANY)
    jobs = jobs_of(request)

    made = records.create_request(request, jobs, "key")

    assert made.jobs == tuple(jobs)
    assert made.request.counts == records.job_counts() == JobCounts(queued=120)
    assert records.request(request.id) == made.request
    assert records.job(jobs[119].id) == jobs[119]
    of_request = Partition(PartitionKind.REQUEST, request.id)
    assert records.list_jobs(of_request, PageRequest(limit=200)).items == made.jobs
    queued = Partition(PartitionKind.STATE, "queued")
    for partition in (Partition(), queued):
        listed = records.list_jobs(partition, PageRequest(limit=200)).items
        assert listed == made.jobs[::-1]
    in_one = Partition(PartitionKind.REPOSITORY, "acme/r77")
    assert records.list_jobs(in_one).items == (jobs[76],)
    assert records.search_jobs("r77").items == (jobs[76],)
    assert records.create_request(request, jobs, "key").replayed
    records.check()


def test_an_experiment_has_all_of_its_jobs(records: DynamoRecords) -> None:
    made = created_for(records, a_cell(), repositories=MANY)
    created(records, SOON, repositories=MANY)
    of_it = Partition(PartitionKind.EXPERIMENT, AN_EXPERIMENT)

    assert records.list_jobs(of_it, PageRequest(limit=200)).items == made.jobs[::-1]
    assert records.list_requests(of_it).items == (made.request,)


def test_its_jobs_run_like_any_other(records: DynamoRecords) -> None:
    made = created(records, repositories=MANY)

    job = settled(records, claimed(records, made.jobs[3].id))

    assert job.state is JobState.SUCCEEDED
    assert records.request(made.request.id).counts == JobCounts(queued=119, succeeded=1)
    renamed = records.update_request(records.request(made.request.id).with_(title="Renamed"))
    assert renamed.title == "Renamed"
    of_request = Partition(PartitionKind.REQUEST, made.request.id)
    listed = records.list_jobs(of_request, PageRequest(limit=200)).items
    assert {job.request_title for job in listed} == {"Renamed"}
    assert len(records.search_jobs("renamed", PageRequest(limit=200)).items) == 120


def test_jobs_without_their_request_are_nothing(records: DynamoRecords) -> None:
    request = a_request(repositories=MANY)
    jobs = tuple(jobs_of(request))
    new = new_request(request, jobs)
    whole = records._creation._whole(new, jobs, "key", staged="mark")
    for part in (*whole.taken(NEW_JOB).in_parts(), *whole.taken("entry").in_parts()):
        records._table.transact(part)

    with pytest.raises(NotFound):
        records.job(jobs[0].id)
    with pytest.raises(NotFound):
        records.request(request.id)
    for partition in (
        Partition(),
        Partition(PartitionKind.STATE, "queued"),
        Partition(PartitionKind.REQUEST, request.id),
        Partition(PartitionKind.REPOSITORY, "acme/r1"),
    ):
        assert records.list_jobs(partition).items == ()
    assert records.list_requests().items == ()
    assert records.job_counts() == JobCounts()


def test_many_lineages_are_continued_at_once_or_not_at_all(records: DynamoRecords) -> None:
    first = created(records, repositories=MANY)
    for job in first.jobs:
        records.request_cancel(job.id, NOON, ALICE)
    busy = running(records, at=NOON + minutes(1))
    again = a_request(SOON, repositories=f"{MANY} acme/api")
    roots = [*first.jobs, busy]
    jobs = [
        job.with_(lineage=root.lineage.with_(parent=root.id))
        for job, root in zip(jobs_of(again), roots, strict=True)
    ]

    with pytest.raises(LineageBusy, match=busy.id):
        records.create_request(again, jobs, "key")
    settled(records, busy)
    made = records.create_request(again, jobs, "key")

    assert not made.replayed
    assert [job.id for job in records.lineage(first.jobs[9].id)] == [
        first.jobs[9].id,
        jobs[9].id,
    ]
    third = a_request(LATER)
    retry = jobs_of(third, lineage=first.jobs[9].lineage)
    with pytest.raises(LineageBusy, match=jobs[9].id):
        records.create_request(third, retry, "third")


def test_a_creation_that_never_ended_frees_its_lineages_after_a_while(
    records: DynamoRecords, watch: Watch
) -> None:
    root = settled(records, running(records))
    never = a_request(SOON)
    busy = keys.busy(root.id)
    until = int(watch.now.timestamp()) + 60
    records._table.put(busy, {"job": f"{never.id}-1", "until": until})
    request = a_request(LATER)
    jobs = jobs_of(request, lineage=root.lineage)

    watch.now += timedelta(seconds=61)
    made = records.create_request(request, jobs, "key")

    assert [job.id for job in records.lineage(root.id)] == [root.id, made.jobs[0].id]


def test_jobs_that_are_not_their_requests_are_refused() -> None:
    request = a_request(repositories="acme/api acme/web")
    first, second = jobs_of(request)

    check_jobs(request, [first, second])
    for wrong in (
        second.with_(created_at=SOON),
        second.with_(requester="bob"),
        second.with_(index=3),
        second.with_(request=a_request().id),
        second.with_(cell=a_cell()),
    ):
        with pytest.raises(Exception, match=second.id):
            check_jobs(request, [first, wrong])


def test_a_lineage_cannot_be_continued_twice_by_one_request() -> None:
    root = jobs_of(a_request())[0]
    request = a_request(SOON, "acme/api acme/web")
    jobs = jobs_of(request, lineage=root.lineage)

    with pytest.raises(LineageBusy, match=jobs[0].id):
        check_jobs(request, jobs)


def test_a_creation_that_takes_too_long_does_not_end(records: DynamoRecords, watch: Watch) -> None:
    request = a_request(repositories=MANY)

    def be_slow(**_: object) -> None:
        watch.now += timedelta(minutes=1)

    events = records._table.connection.client.meta.events
    events.register("provide-client-params.dynamodb.BatchWriteItem", be_slow)
    with pytest.raises(StoreUnavailable):
        records.create_request(request, jobs_of(request), "key")

    assert records.submitted(request.requester, "key") is None

"""The records on a bad network: what was done is done once, and whoever waits is told why."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    InvalidCursor,
    StoreError,
    StoreNotSetUp,
    StoreRefused,
    StoreUnavailable,
)
from codybatch.domain.jobs import Progress
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.domain.tallies import Tally
from codybatch.ports import PageRequest
from codybatch.standins.aws import AwsStandin
from codybatch.stores import transitions
from codybatch.stores.aws.connection import Connection
from codybatch.stores.aws.patience import Patience
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.transaction import Transaction
from tests.aws_edge import Answer, Asked, Cut, Edge, Fault, Lost, RefusedInJson, Stalled
from tests.contracts.aws import name_of, session, store_of
from tests.contracts.examples import (
    ALICE,
    LATER,
    NOON,
    TODAY,
    TOMORROW,
    a_request,
    a_step,
    an_event,
    capped,
    claimed,
    created,
    jobs_of,
    lease_of,
    queued,
    reserve,
    running,
    settled,
    succeeded,
    usd,
    waiting,
)

HASTE = Patience(answer=0.5, attempts=4, first_ceiling=0.001, last_ceiling=0.002)
FAULTS = [
    Lost(),
    Cut(),
    Stalled(),
    RefusedInJson(400, "ThrottlingException"),
    RefusedInJson(400, "ProvisionedThroughputExceededException"),
    RefusedInJson(400, "TransactionInProgressException"),
    RefusedInJson(500, "InternalServerError"),
    RefusedInJson(503, "ServiceUnavailable"),
]
NAMES = ["lost", "cut", "stalled", "throttled", "exceeded", "in-progress", "failed", "unavailable"]


def asks(verb: str) -> Callable[[Asked], bool]:
    """Calls of DynamoDB with this name."""
    return lambda asked: asked.headers.get("x-amz-target", "").endswith(f".{verb}")


TRANSACTION, UPDATE, READ = asks("TransactWriteItems"), asks("UpdateItem"), asks("GetItem")


@dataclass
class Cancelled(Fault):
    """A transaction that DynamoDB cancels, with a reason a write."""

    codes: tuple[str, ...]

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        del ask
        reasons = [{"Code": code, "Message": "not today"} for code in self.codes]
        said = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": f"Transaction cancelled [{', '.join(self.codes)}]",
            "CancellationReasons": reasons,
        }
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        return Answer(400, headers, json.dumps(said).encode())


@pytest.fixture(params=FAULTS, ids=NAMES)
def fault(request: pytest.FixtureRequest) -> Fault:
    fault: Fault = request.param
    return fault


@pytest.fixture
def edge(tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    store_of(tmp_path).create()
    with Edge(aws.endpoint).running() as edge:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", edge.endpoint)
        yield edge
        assert edge.unmet == []


@pytest.fixture
def connection(tmp_path: Path, edge: Edge) -> Connection:
    """The connection through the edge."""
    assert edge.asked == []
    return Connection(name_of(tmp_path), HASTE, session())


@pytest.fixture
def records(tmp_path: Path, connection: Connection) -> Iterator[DynamoRecords]:
    """The records through the edge."""
    records = DynamoRecords(Table(connection, HASTE), store_of(tmp_path).blobs)
    yield records
    records.close()


def test_a_request_is_created_once(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    request = a_request(repositories="acme/api acme/web")
    edge.disturb(fault, when=TRANSACTION)

    made = records.create_request(request, jobs_of(request), "key")

    assert not made.replayed
    assert records.job_counts() == made.request.counts == JobCounts(queued=2)
    assert records.list_requests().items == (made.request,)


def test_a_job_is_claimed_once(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    job = queued(records)
    edge.disturb(fault, when=TRANSACTION)

    mine = claimed(records, job.id)

    assert (mine.attempts, lease_of(mine).fence) == (1, 1)
    assert records.job(job.id) == mine
    assert records.job_counts() == JobCounts(running=1)


def test_a_heartbeat_is_no_lost_lease(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    job = running(records)
    edge.disturb(fault, when=UPDATE)

    signal = records.renew(lease_of(job), Progress(turn=7), LATER)

    after = records.job(job.id)
    assert not signal.cancel_requested
    assert after.version == job.version + 1
    assert (after.progress.turn, lease_of(after).expires_at) == (7, LATER)


def test_a_heartbeat_whose_answer_was_lost_still_learns_of_a_wish_to_cancel(
    edge: Edge, records: DynamoRecords
) -> None:
    job = running(records)
    records.request_cancel(job.id, NOON, ALICE)
    edge.disturb(Lost(), when=UPDATE)

    assert records.renew(lease_of(job), Progress(), LATER).cancel_requested


def test_a_commit_adds_its_steps_once(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    job = running(records)
    edge.disturb(fault, when=TRANSACTION)

    records.commit(lease_of(job), job.with_(title="Mine"), [a_step(job, 0)], [an_event("one")])

    assert len(records.steps(job.id)) == len(records.events(job.id)) == 1
    assert records.job(job.id).version == job.version + 1


def test_a_reservation_counts_once(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    job = running(records, budget=capped("5"))
    edge.disturb(fault, when=TRANSACTION)

    assert reserve(records, job, "2", daily_cap="5").granted

    assert records.request(job.request).budget.reserved_usd == usd("2")
    assert records.day_budget(TODAY).reserved_usd == usd("2")


def test_a_settlement_counts_once(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    job = running(records)
    reserve(records, job, "1")
    edge.disturb(fault, when=TRANSACTION)

    ended = settled(records, job, cost_usd=usd("0.7"))

    assert ended.state is JobState.SUCCEEDED
    assert records.job_counts() == JobCounts(succeeded=1)
    assert records.day_budget(TODAY).spent_usd == usd("0.7")
    (tally,) = records.day_tallies(TODAY, TOMORROW)
    assert tally.tally == Tally(succeeded=1, cost_usd=usd("0.7"))
    records.check()


@pytest.mark.parametrize("verb", ["GetItem", "Query", "BatchGetItem", "BatchWriteItem"])
def test_reads_and_repeatable_writes_come_through(
    edge: Edge, records: DynamoRecords, fault: Fault, verb: str
) -> None:
    edge.disturb(fault, when=asks(verb))

    made = created(records)

    assert records.job(made.jobs[0].id) == made.jobs[0]
    assert records.list_jobs().items == made.jobs
    assert records.search_jobs("dependencies").items == made.jobs


def test_after_the_tokens_ten_minutes_the_conditions_hold(records: DynamoRecords) -> None:
    """Each call takes a token of its own, as one does that comes too late."""
    job = running(records)
    reserve(records, job, "1")
    before = records._jobs.load(job.id)
    ended, postings = transitions.settled(before.stored, succeeded(job, cost_usd=usd("0.5")))
    transaction = Transaction()
    records._jobs.change(transaction, before, ended, postings)

    went = [records._table.attempt(transaction, "settle") for _ in range(2)]

    assert went == [True, False]

    assert records.job_counts() == JobCounts(succeeded=1)
    assert records.day_budget(TODAY).spent_usd == usd("0.5")


def test_transactions_that_meet_are_tried_again_and_counted(
    edge: Edge, records: DynamoRecords, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    job = queued(records)
    edge.disturb(
        Cancelled(("TransactionConflict", "None", "None")),
        Cancelled(("None", "ThrottlingError", "None")),
        when=TRANSACTION,
    )

    with caplog.at_level(logging.WARNING):
        records.add_events(job.id, [an_event("one")])

    assert [event.text for event in records.events(job.id)] == ["one"]
    assert connection.setbacks.counts() == {"TransactionConflict": 1, "ThrottlingError": 1}
    assert "TransactionConflict" in caplog.text


def test_what_dynamodb_does_not_take_is_no_conflict(edge: Edge, records: DynamoRecords) -> None:
    job = queued(records)
    edge.disturb(Cancelled(("None", "ValidationError", "None")), when=TRANSACTION)

    with pytest.raises(StoreError, match="ValidationError"):
        records.add_events(job.id, [an_event("one")])


def test_whoever_is_throttled_for_long_is_told_so(
    edge: Edge, records: DynamoRecords, connection: Connection
) -> None:
    edge.disturb(RefusedInJson(400, "ThrottlingException"), when=READ, times=HASTE.attempts)

    with pytest.raises(StoreUnavailable, match=r"slow down .*nothing that was recorded is lost"):
        records.job(jobs_of(a_request())[0].id)

    assert connection.setbacks.counts() == {"ThrottlingException": HASTE.attempts - 1}


def test_whoever_never_gets_through_is_told_so(edge: Edge, records: DynamoRecords) -> None:
    job = queued(records)
    edge.disturb(
        Cancelled(("TransactionConflict", "None", "None")), when=TRANSACTION, times=HASTE.attempts
    )

    with pytest.raises(StoreUnavailable, match="too many processes"):
        records.add_events(job.id, [an_event("one")])


def test_a_released_job_is_queued_once(edge: Edge, records: DynamoRecords, fault: Fault) -> None:
    job = running(records)
    records.release(lease_of(job), waiting(job))
    edge.disturb(fault, when=TRANSACTION)

    assert records.put_back(job.id, [an_event("Goes on.")])

    assert records.job_counts() == JobCounts(queued=1)
    assert len(records.events(job.id)) == 1


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (RefusedInJson(400, "UnrecognizedClientException"), StoreRefused, "AWS_ACCESS_KEY_ID"),
        (RefusedInJson(400, "ExpiredTokenException"), StoreRefused, "expired"),
        (RefusedInJson(400, "InvalidSignatureException"), StoreRefused, "clock"),
        (RefusedInJson(400, "AccessDeniedException"), StoreRefused, "role or user"),
        (RefusedInJson(400, "ResourceNotFoundException"), StoreNotSetUp, "CODYBATCH_TABLE"),
        (RefusedInJson(400, "ValidationException"), StoreError, "not today"),
    ],
    ids=lambda value: value.code if isinstance(value, RefusedInJson) else "",
)
def test_a_refusal_is_not_tried_again_and_says_what_to_do(
    edge: Edge, records: DynamoRecords, fault: Fault, error: type[StoreError], words: str
) -> None:
    edge.disturb(fault)

    with pytest.raises(error, match=words) as raised:
        records.job(jobs_of(a_request())[0].id)

    assert len(edge.asked) == 1
    assert "not today" not in raised.value.discreet  # which is AWS's to say, and not to all


def test_a_table_that_is_not_there_is_named(tmp_path: Path, aws: AwsStandin) -> None:
    del aws
    records = store_of(tmp_path).records

    for ask in (records.check, records.list_jobs, lambda: created(records)):
        with pytest.raises(StoreNotSetUp, match=f"{name_of(tmp_path)}.*eu-central-1"):
            ask()
    records.close()


def test_a_missing_region_is_named(
    tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)

    with pytest.raises(StoreNotSetUp, match="AWS_REGION"):
        Table(Connection(name_of(tmp_path), HASTE)).connection.ask(
            lambda client: client.list_tables(), "look"
        )


def test_missing_credentials_are_named(
    tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    connection = Connection(name_of(tmp_path), HASTE)

    with pytest.raises(StoreRefused, match="AWS_ACCESS_KEY_ID"):
        connection.ask(lambda client: client.list_tables(), "look")


def test_an_address_where_nobody_listens_is_named(
    tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    connection = Connection(name_of(tmp_path), HASTE, session())

    with pytest.raises(StoreUnavailable, match="could not be reached"):
        connection.ask(lambda client: client.list_tables(), "look")


def test_an_address_that_is_none_is_named(
    tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "nowhere")

    with pytest.raises(StoreNotSetUp, match="AWS_ENDPOINT_URL_DYNAMODB"):
        Connection(name_of(tmp_path), HASTE, session()).ask(
            lambda client: client.list_tables(), "look"
        )


def test_a_closed_store_says_so(tmp_path: Path, aws: AwsStandin) -> None:
    del aws
    records = store_of(tmp_path).records
    records.close()

    with pytest.raises(StoreError, match="closed"):
        records.list_jobs()


def test_a_forged_cursor_asks_nothing_of_dynamodb(edge: Edge, records: DynamoRecords) -> None:
    with pytest.raises(InvalidCursor):
        records.list_jobs(page=PageRequest(cursor="forged"))

    assert edge.asked == []

"""The table as it is made, and what is said of one that is not as it must be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import StoreDamaged, StoreNotSetUp
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import schema
from codybatch.stores.aws.items import Key
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.aws.transaction import Transaction
from tests.contracts.aws import AwsFixtures, name_of, session
from tests.contracts.examples import created, running
from tests.unit.stores.aws.tables import a_table

READS_SHAPE = """
import sys
from codybatch.stores.aws.schema import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE
assert not [name for name in ("boto3", "botocore") if name in sys.modules]
"""


@pytest.fixture
def records(tmp_path: Path, aws: AwsStandin) -> Iterator[DynamoRecords]:
    del aws
    records = DynamoRecords(a_table(tmp_path), AwsFixtures.make_blobs(tmp_path))
    yield records
    records.close()


def test_the_shape_is_read_without_the_sdk() -> None:
    subprocess.run([sys.executable, "-c", READS_SHAPE], check=True, timeout=60)


def test_a_table_is_made_once_with_its_time_to_live(tmp_path: Path, aws: AwsStandin) -> None:
    del aws
    client = session().client("dynamodb")
    for _ in range(2):
        schema.create_table(client, name_of(tmp_path))

    table = client.describe_table(TableName=name_of(tmp_path))["Table"]
    lives = client.describe_time_to_live(TableName=name_of(tmp_path))

    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert "GlobalSecondaryIndexes" not in table or not table["GlobalSecondaryIndexes"]
    assert lives["TimeToLiveDescription"]["AttributeName"] == schema.TIME_TO_LIVE


def test_a_table_of_another_shape_is_not_ours(tmp_path: Path, aws: AwsStandin) -> None:
    del aws
    client = session().client("dynamodb")
    client.create_table(
        TableName=name_of(tmp_path),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    records = DynamoRecords(a_table(tmp_path), AwsFixtures.make_blobs(tmp_path))

    with pytest.raises(StoreNotSetUp, match="other keys than pk and sk"):
        records.check()


def test_a_table_without_time_to_live_is_told_of(records: DynamoRecords) -> None:
    records._table.connection.client.update_time_to_live(
        TableName=records._table.name,
        TimeToLiveSpecification={"Enabled": False, "AttributeName": schema.TIME_TO_LIVE},
    )

    with pytest.raises(StoreNotSetUp, match="time to live"):
        records.check()


@pytest.mark.parametrize(("state", "change"), [("queued", 1), ("running", -1), ("failed", -1)])
def test_counters_that_are_wrong_are_damage(
    records: DynamoRecords, state: str, change: int
) -> None:
    created(records, repositories="acme/api acme/web")
    running(records)
    records.check()
    transaction = Transaction()
    transaction.add(Key("C", "0"), state, change)
    records._table.transact(transaction)

    with pytest.raises(StoreDamaged, match=records._table.name):
        records.check()

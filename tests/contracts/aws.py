"""The store on AWS as the contracts see it: on the stand-in that the test process runs."""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from botocore.model import OperationModel

from codybatch.domain.threads import BlobRef
from codybatch.ports import Blobs, Records
from codybatch.stores.aws import AwsStore
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import PREFIX, S3Blobs
from tests.contracts.fixtures import StoreFixtures


@pytest.mark.usefixtures("aws")
class AwsFixtures(StoreFixtures):
    """A table and a bucket of its own for each place."""

    walks = 12
    every_order = 5

    @staticmethod
    def make_records(place: Path) -> Records:
        store = store_of(place)
        store.create()
        return store.records

    @staticmethod
    def make_blobs(place: Path) -> Blobs:
        bucket = bucket_of(place)
        bucket.create()
        return S3Blobs(bucket)

    @staticmethod
    def tamper(place: Path, ref: BlobRef, offset: int) -> None:
        """As somebody does who edits an object in the bucket and keeps its metadata."""
        bucket = bucket_of(place)
        stored = bucket.client.get_object(Bucket=bucket.name, Key=PREFIX + ref.key)
        with closing(stored["Body"]) as body:
            content = bytearray(body.read())
        content[offset] ^= 1
        bucket.client.put_object(
            Bucket=bucket.name,
            Key=PREFIX + ref.key,
            Body=bytes(content),
            Metadata=stored["Metadata"],
        )

    @staticmethod
    def remove(place: Path, ref: BlobRef) -> None:
        bucket = bucket_of(place)
        bucket.client.delete_object(Bucket=bucket.name, Key=PREFIX + ref.key)


def store_of(place: Path) -> AwsStore:
    """The table and the bucket of a place: every process finds the same."""
    return AwsStore(name_of(place), name_of(place), session=session())


def bucket_of(place: Path) -> Bucket:
    """The bucket of a place."""
    return Bucket(name_of(place), session=session())


def name_of(place: Path) -> str:
    """What a place's table and bucket are called."""
    return f"codybatch-{hashlib.sha256(str(place).encode()).hexdigest()[:32]}"


@cache
def session() -> Session:
    """One for the test process: what the SDK reads of its models is read once. No read through it
    can lag.
    """
    made = Session()
    made.events.register("provide-client-params.dynamodb", refuse_lag)
    return made


def refuse_lag(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """Refuse what may not show a write that came before: indexes, reads that are consistent only
    in the end, and scans, which show all of a table as it was over some time.
    """
    reads = [params, *params.get("RequestItems", {}).values()]
    assert not any("IndexName" in read for read in reads)
    assert model.name != "Scan"
    if model.name in {"GetItem", "Query"}:
        assert params["ConsistentRead"]
    if model.name == "BatchGetItem":
        assert all(read["ConsistentRead"] for read in reads[1:])

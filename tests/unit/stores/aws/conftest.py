"""Objects in a bucket of their own, with a network that can be disturbed before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import S3Blobs
from codybatch.stores.aws.patience import Patience
from tests.aws_edge import Edge
from tests.contracts.aws import bucket_of, session

HASTE = Patience(answer=10.0, attempts=4, first_ceiling=0.01, last_ceiling=0.02)


@pytest.fixture
def stored(tmp_path: Path, aws: AwsStandin) -> Bucket:
    """The bucket, reached past the edge."""
    del aws
    bucket = bucket_of(tmp_path)
    bucket.create()
    return bucket


@pytest.fixture
def edge(stored: Bucket, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    del stored  # whose client knows the way past the edge by now
    with Edge(aws.endpoint).running() as edge:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", edge.endpoint)
        yield edge


@pytest.fixture
def bucket(stored: Bucket, edge: Edge) -> Iterator[Bucket]:
    """The bucket through the edge."""
    assert edge.asked == []
    bucket = Bucket(stored.name, HASTE, session())
    yield bucket
    bucket.close()


@pytest.fixture
def blobs(bucket: Bucket) -> S3Blobs:
    return S3Blobs(bucket)

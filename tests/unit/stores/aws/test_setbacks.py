"""What had to be asked again is counted for both services, and logged in the end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import AwsStore
from tests.aws_edge import Edge, Refused, RefusedInJson, method
from tests.contracts.aws import name_of, session
from tests.contracts.examples import created


@pytest.fixture
def edge(aws: AwsStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    with Edge(aws.endpoint).running() as edge:
        for service in ("DYNAMODB", "S3"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", edge.endpoint)
        yield edge


def test_both_services_are_counted_by_reason_and_logged_in_the_end(
    tmp_path: Path, edge: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    store = AwsStore(name_of(tmp_path), name_of(tmp_path), session())
    store.create()
    job = created(store.records).jobs[0]
    assert store.setbacks == {}
    edge.disturb(RefusedInJson(400, "ThrottlingException"), when=method("POST"), times=2)
    edge.disturb(Refused(503, "SlowDown"), when=method("PUT"))

    store.records.job(job.id)
    store.blobs.put("jobs/1", b"a patch")

    told = {"DynamoDB": {"ThrottlingException": 2}, "S3": {"SlowDown": 1}}
    assert store.setbacks == told
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        store.close()
    assert [record.getMessage() for record in caplog.records] == [
        f"{service} was asked again: {reasons}" for service, reasons in told.items()
    ]

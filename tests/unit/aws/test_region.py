"""The region is that of the variable we document, for a store as for any other client."""

from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.aws.region import session
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import AwsStore
from tests.contracts.aws import name_of
from tests.contracts.examples import created

NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")


@pytest.mark.parametrize(
    ("region", "default", "asked"),
    [
        ("eu-west-1", None, "eu-west-1"),
        (None, "eu-west-2", "eu-west-2"),
        ("", "eu-west-2", "eu-west-2"),
        ("eu-west-1", "eu-west-2", "eu-west-1"),
        (None, None, None),
    ],
)
def test_the_documented_variable_comes_before_that_of_the_sdk(
    monkeypatch: pytest.MonkeyPatch, region: str | None, default: str | None, asked: str | None
) -> None:
    for name, value in zip(NAMES, (region, default), strict=True):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    assert session().region_name == asked
    assert session("eu-north-1").region_name == "eu-north-1"


def test_a_store_needs_no_other_variable(
    tmp_path: Path, aws: AwsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    store = AwsStore(name_of(tmp_path), name_of(tmp_path))
    store.create()

    job = created(store.records).jobs[0]

    assert store.records.job(job.id) == job
    assert store.blobs.get(store.blobs.put("jobs/1", b"a patch")) == b"a patch"
    store.close()

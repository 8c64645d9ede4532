"""A report published in the cloud: kept in the bucket of blobs, seen in that of the site."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import boto3
import pytest

from codybatch.backing import make_store, site_of, store_of
from codybatch.domain.identifiers import ExperimentId
from codybatch.services.report_site import publish
from codybatch.settings import load_settings
from tests.contracts.aws import name_of

EXPERIMENT = ExperimentId("01j00000000000000000000000")
FILES = {"index.html": b"<!doctype html><title>First</title>", "report.json": b"{}"}


@pytest.mark.usefixtures("aws")
def test_every_version_is_kept_and_the_newest_is_what_browsers_get(tmp_path: Path) -> None:
    blobs, site = name_of(tmp_path / "blobs"), name_of(tmp_path / "site")
    url = "https://d222222abcdef8.cloudfront.net/"
    named = {"table": blobs, "bucket": blobs, "site_bucket": site, "site_url": url}
    settings = load_settings(home=tmp_path, store="aws", **named)
    make_store(settings)

    with closing(store_of(settings)) as store:
        first = publish(EXPERIMENT, FILES, store.blobs, site_of(settings))
        second = publish(
            *(EXPERIMENT, {**FILES, "index.html": b"newer"}), store.blobs, site_of(settings)
        )

    address = f"reports/{EXPERIMENT}/index.html"
    assert first.address == second.address == url + address
    s3 = boto3.client("s3")
    shown = s3.get_object(Bucket=site, Key=address)
    with closing(shown["Body"]) as body:
        assert body.read() == b"newer"
    assert shown["ContentType"] == "text/html; charset=utf-8"
    kept = {one["Key"] for one in s3.list_objects_v2(Bucket=blobs)["Contents"]}
    assert {f"blobs/{key}" for key in (*first.keys, *second.keys)} <= kept
    assert len({*first.keys, *second.keys}) == 6  # two files and their manifest

"""The API over DynamoDB and S3, on the stand-in: pages, conversations, links to patches."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest

from codybatch.composition import application
from codybatch.settings import Settings, load_settings
from codybatch.stores.embedded import EmbeddedStore
from tests.api_kit import Client, serving
from tests.contracts.aws import name_of, store_of
from tests.kept_work import PATCH, Kept, calls, gave, says

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Work in a table and a bucket."""
    store = store_of(tmp_path)
    store.create()
    yield Kept(tmp_path, cast(EmbeddedStore, store))  # of which no more is used than the ports
    store.close()


@pytest.fixture
def client(kept: Kept) -> Iterator[Client]:
    app = application(settings_of(kept.home))
    try:
        with serving(app) as client:
            yield client
    finally:
        app.close()


def settings_of(home: Path) -> Settings:
    name = name_of(home)
    return load_settings(home=home, person="alice", store="aws", table=name, bucket=name)


def test_a_patch_is_downloaded_past_us_by_a_link_that_is_signed(kept: Kept, client: Client) -> None:
    job = kept.change(kept.request())

    reply = client.get(f"/v1/jobs/{job.id}/patch")

    assert reply.status == 307
    link = urlsplit(reply.headers["location"])
    assert "X-Amz-Signature" in link.query
    assert download(link.hostname, link.port, f"{link.path}?{link.query}") == (200, PATCH)
    forged = link.query.replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert download(link.hostname, link.port, f"{link.path}?{forged}")[0] == 403


def test_lists_and_conversations_are_read_page_by_page(kept: Kept, client: Client) -> None:
    turns = [((says("I look."), calls("read_file")), (gave("text"),)), ((says("Done."),), ())]
    jobs = [kept.change(kept.request(title=f"number {n}"), turns) for n in range(3)]

    path, found = "/v1/jobs?limit=2", []
    while path:
        page = client.get(path)
        found += [job["id"] for job in page.json["items"]]
        path = page.headers.get("link", "").removeprefix("<").removesuffix('>; rel="next"')

    assert found == sorted((job.id for job in jobs), reverse=True)
    thread = client.get(f"/v1/jobs/{found[0]}/thread?limit=2").json
    assert [turn["turn"] for turn in thread["items"]] == [0, 1]
    assert thread["cursor"] == "2"
    assert client.get("/v1/health/deep").json["standing"] == "ok"
    assert client.get("/v1/jobs?cursor=forged").problem == "invalid_cursor"


def test_a_table_that_is_not_there_is_told_and_not_a_traceback(tmp_path: Path) -> None:
    app = application(settings_of(tmp_path / "elsewhere"))
    try:
        with serving(app) as client:
            reply = client.get("/v1/jobs")
            health = client.get("/v1/health/deep")
    finally:
        app.close()

    assert (reply.status, reply.problem) == (503, "store_not_set_up")
    assert (health.status, health.json["standing"]) == (503, "failed")


def download(host: str | None, port: int | None, address: str) -> tuple[int, bytes]:
    """What is found at a link."""
    connection = http.client.HTTPConnection(host or "", port, timeout=30)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()

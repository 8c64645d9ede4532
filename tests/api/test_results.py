"""Results over HTTP: patches, conversations, findings, answers."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.composition import application
from codybatch.domain.findings import Finding, Severity
from codybatch.domain.identifiers import JobId
from codybatch.settings import load_settings
from tests.api.conftest import Served
from tests.api_kit import Client, serving
from tests.kept_work import PATCH, Kept, calls, gave, says

KEY = "ghp_" + "a1B2" * 9


def test_a_patch_is_given_out_byte_for_byte(api: Served) -> None:
    job = JobId(api.job("acme/clocks")["id"])

    reply = api.of("ann").get(f"/v1/jobs/{job}/patch")

    assert reply.body == api.world.app.jobs.patch(job)
    assert reply.headers["content-type"].startswith("text/x-diff")
    assert reply.headers["content-disposition"] == f'attachment; filename="{job}.patch"'
    assert reply.headers["codybatch-holds-secret"] == "false"
    digest = base64.b64encode(hashlib.sha256(reply.body).digest()).decode()
    assert reply.headers["repr-digest"] == f"sha-256=:{digest}:"


def test_there_is_no_patch_where_nothing_was_to_change(api: Served) -> None:
    reply = api.of("ann").get(f"/v1/jobs/{api.job('acme/clean')['id']}/patch")

    assert (reply.status, reply.problem) == (404, "not_found")


def test_a_conversation_is_read_page_by_page(api: Served) -> None:
    job = JobId(api.job("acme/clocks")["id"])
    ann, path, turns = api.of("ann"), f"/v1/jobs/{job}/thread?limit=2", []

    while path:
        page = ann.get(path)
        assert len(page.json["items"]) <= 2
        turns += page.json["items"]
        path = page.headers.get("link", "").removeprefix("<").removesuffix('>; rel="next"')

    lines = [line for turn in turns for line in turn["lines"]]
    kept = [json.loads(line.to_json()) for line in api.world.app.jobs.thread(job)]
    assert [line["sequence"] for line in lines] == [line["sequence"] for line in kept]
    assert lines[1]["message"] == kept[1]["message"]
    assert [turn["turn"] for turn in turns] == list(range(len(turns)))


@pytest.mark.parametrize("cursor", ["-1", "0", "999", "1e3", "x", "00001", "9" * 400])
def test_a_forged_place_in_a_conversation_is_refused(api: Served, cursor: str) -> None:
    job = api.job("acme/clocks")["id"]

    refused = api.of("ann").get(f"/v1/jobs/{job}/thread?cursor={cursor}")

    assert (refused.status, refused.problem) == (400, "invalid_cursor")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept.at(tmp_path)
    yield kept
    kept.store.close()


@pytest.fixture
def client(kept: Kept) -> Iterator[Client]:
    """The API over the kept work, as this machine's own person sees it."""
    app = application(load_settings(home=kept.home, person="alice"))
    try:
        with serving(app) as client:
            yield client
    finally:
        app.close()


def test_what_leaves_holds_no_secret_but_a_patch_does_and_says_so(
    kept: Kept, client: Client
) -> None:
    turns = [((says(f"The key is {KEY}."), calls("read_file")), (gave(f"key={KEY}"),))]
    job = kept.change(kept.request(), turns, summary=f"Took {KEY} out.", redacts_secret=True)

    for path in ("", "/thread", "/thread/file?format=jsonl", "/thread/file?format=md"):
        reply = client.get(f"/v1/jobs/{job.id}{path}")
        assert reply.status == 200
        assert b"[redacted]" in reply.body
        assert KEY.encode() not in reply.body
    patch = client.get(f"/v1/jobs/{job.id}/patch")
    assert patch.body == PATCH
    assert patch.headers["codybatch-holds-secret"] == "true"


def test_a_conversation_is_taken_away_in_three_forms(kept: Kept, client: Client) -> None:
    job = kept.change(kept.request(), [((says("Hello."),), ())])
    path = f"/v1/jobs/{job.id}/thread/file?format="

    lines = client.get(f"{path}jsonl")
    words = client.get(f"{path}md")
    trajectory = client.get(f"{path}traj")

    assert [json.loads(line)["kind"] for line in lines.body.splitlines()] == ["header", "reply"]
    assert lines.headers["content-disposition"].endswith(f'{job.id}.jsonl"')
    assert words.body.startswith(b"# acme/app")
    assert words.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "messages" in trajectory.json


def test_findings_are_json_sarif_and_csv(kept: Kept, client: Client) -> None:
    finding = Finding(severity=Severity.HIGH, rule="sql", path="a.py", message="Injected.")
    slight = Finding(severity=Severity.LOW, rule="log", path="b.py", message="Logged.")
    request, (job, _) = kept.audit((slight, finding), (finding,))

    found = client.get(f"/v1/jobs/{job.id}/findings").json["items"]
    assert [one["rule"] for one in found] == ["sql", "log"]
    worse = client.get(f"/v1/requests/{request.id}/findings?severity=high").json["items"]
    assert [one["repository"] for one in worse] == ["acme/app1", "acme/app2"]
    sarif = client.get(f"/v1/requests/{request.id}/findings?format=sarif")
    assert sarif.headers["content-type"] == "application/sarif+json"
    assert json.loads(sarif.body)["version"] == "2.1.0"
    table = client.get(f"/v1/jobs/{job.id}/findings?format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["rule"] for row in csv.DictReader(io.StringIO(table.body.decode()))] == [
        *("sql", "log"),
    ]


def test_an_answer_is_the_json_that_was_asked_for(kept: Kept, client: Client) -> None:
    _, (job,) = kept.ask({"framework": "none", "key": KEY})

    assert client.get(f"/v1/jobs/{job.id}/answer").json == {
        "framework": "none",
        "key": "[redacted]",
    }


def test_a_change_has_neither_findings_nor_an_answer(kept: Kept, client: Client) -> None:
    job = kept.change(kept.request())

    for what in ("findings", "answer"):
        refused = client.get(f"/v1/jobs/{job.id}/{what}")
        assert (refused.status, refused.problem) == (400, "usage_error")

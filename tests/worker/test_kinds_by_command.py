"""Audits and questions command by command, with real processes: saved, run, shown, taken away."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli_kit import Call, call, run
from tests.worker.test_kinds import ASK, AUDIT, FILES, SCHEMA
from tests.worker.world import CLEAN, World, world


@dataclass
class Desk:
    """A world in which both prompts were saved and run."""

    w: World
    folder: Path
    audit: Any
    ask: Any

    def call(self, *arguments: str, stdin: str = "") -> Call:
        environment = self.w.settings.as_environment()
        return call(*arguments, environment=environment, stdin=stdin.encode())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("kinds")
    schema = folder / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    with world(folder, {"acme/app": FILES, "acme/clean": CLEAN}) as w:
        opened = Desk(w, folder, None, None)
        save = ("prompts", "save", "--file", "-", "--kind")
        asked = opened.call(*save, "ask", ASK.name, "--schema", str(schema), stdin=ASK.template)
        audited = opened.call(*save, "audit", AUDIT.name, stdin=AUDIT.template)
        assert (asked.status, audited.status) == (0, 0), asked.err + audited.err
        opened.audit = submitted(w, AUDIT.name, "acme/app", "acme/clean")
        opened.ask = submitted(w, ASK.name, "acme/app")
        yield opened


def submitted(w: World, prompt: str, *repositories: str) -> Any:
    named = [word for one in repositories for word in ("-r", one)]
    environment = w.settings.as_environment()
    done = run("submit", prompt, *named, "--wait", "--json", environment=environment)
    assert done.status == 0, done.err
    return done.json


def test_an_audit_is_shown_as_sarif_json_and_csv(desk: Desk) -> None:
    request = desk.audit["id"]
    shown = {
        form: desk.call("jobs", "findings", "--request", request, "--format", form).out
        for form in ("sarif", "json", "csv")
    }

    runs = json.loads(shown["sarif"])["runs"]
    assert [len(one["results"]) for one in runs] == [2, 0]
    items = json.loads(shown["json"])["items"]
    assert {one["rule"] for one in items} >= {"unsafe-yaml-load"}
    assert len(shown["csv"].splitlines()) == 3
    changed = [job["wereChangesNecessary"] for job in desk.audit["jobs"]]
    assert changed == [True, False]
    counted = "acme/app\t\t1\t1\t\t"  # one high, one medium
    assert counted in desk.call("requests", "show", request).text


def test_an_answer_is_shown_as_it_fits_its_schema(desk: Desk) -> None:
    (job,) = desk.ask["jobs"]

    answer = desk.call("jobs", "answer", job["id"], "--json").json

    assert answer == job["answer"]
    assert set(answer) == set(SCHEMA["properties"])
    assert job["wereChangesNecessary"] is None
    assert job["patch"] is None


def test_a_schema_that_cannot_be_held_is_refused_with_the_place_in_it(desk: Desk) -> None:
    schema = desk.folder / "unheld.json"
    properties = {"owner": {"type": "object", "properties": {"mail": {"not": {"type": "null"}}}}}
    schema.write_text(json.dumps({"type": "object", "properties": properties}))

    saving = ("--kind", "ask", "--schema", str(schema), "--file", "-")
    done = desk.call("prompts", "save", "unheld", *saving, stdin="Who?")

    assert done.status == 2
    assert "answer.owner.mail uses 'not'" in done.sentence
    assert "There is no prompt 'unheld'" in desk.call("prompts", "show", "unheld").sentence


def test_both_are_taken_away_with_their_conversations(desk: Desk) -> None:
    target = desk.folder / "out.zip"
    requests = (desk.audit["id"], desk.ask["id"])

    done = desk.call("export", *requests, "-o", str(target), "--thread-format", "all", "--json")

    assert done.status == 0, done.err
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        (answer,) = archive.read(f"{requests[1]}/jobs.jsonl").splitlines()
    assert json.loads(answer)["answer"] == desk.ask["jobs"][0]["answer"]
    assert names == {"manifest.json", *(one["path"] for one in done.json["files"])}
    for job in (*desk.audit["jobs"], *desk.ask["jobs"]):
        assert len([name for name in names if f"threads/{job['id']}." in name]) == 3
    assert f"{requests[0]}/findings.sarif" in names

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.findings import Decision, Severity
from codybatch.domain.jobs import Job
from codybatch.domain.publication import GateFinding, GateRule
from codybatch.domain.requests import Request
from codybatch.services.export.exporting import PAGE
from tests.cli_kit import Call, call
from tests.kept_work import PATCH, Kept, calls, gave, says
from tests.unit.services.auditing import finding

SECRET = "sk-ant-" + "made-up-for-this-test"
TEXT_PATCH = b"diff --git a/n b/n\n--- a/n\n+++ b/n\n@@ -1 +1 @@\n-one\n+two\n"
BREAKS_OUT = "````\n</details><img src=x onerror=alert(1)> @all\n```\x1b[2J\u202e"
TURNS = [
    ((says(f"I look. {SECRET}"), calls("grep", path="a")), (gave(BREAKS_OUT), says("Go on."))),
    ((calls("finish", 2, summary="Done."),), (gave("Kept.", 2),)),
]


@dataclass
class Shelf:
    kept: Kept
    change: Request
    changed: list[Job]
    audit: Request
    folder: Path

    def export(self, *arguments: str, to: str = "out") -> Call:
        environment = {**self.kept.environment, "ANTHROPIC_API_KEY": SECRET}
        return call("export", "-o", str(self.folder / to), *arguments, environment=environment)

    def read(self, name: str, to: str = "out") -> bytes:
        return (self.folder / to / name).read_bytes()

    def tree(self, to: str = "out") -> list[str]:
        root = self.folder / to
        return sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    kept = Kept.at(tmp_path / "home")
    change = kept.request("acme/one acme/two acme/three acme/four", title=f"Tea {SECRET}")
    secret = GateFinding(rule=GateRule.SECRET, path="n", message="It looks like a key.")
    changed = [
        kept.change(change, TURNS, PATCH, summary=f"Said {SECRET}."),
        kept.change(change, TURNS, TEXT_PATCH, index=2),
        kept.change(change, (), TEXT_PATCH + SECRET.encode(), index=3, gate=(secret,)),
        kept.change(change, (), None, index=4),
    ]
    audit, _ = kept.audit((finding(Severity.LOW, message=f"=1+{SECRET}"),), ())
    yield Shelf(kept, change, changed, audit, tmp_path)
    kept.store.close()


def test_everything_is_in_files_that_a_manifest_names_with_their_digests(shelf: Shelf) -> None:
    done = shelf.export(shelf.change.id, shelf.audit.id, "--thread-format", "all", "--json")

    assert done.status == 0, done.err
    named = {one["path"]: one for one in done.json["files"]}
    assert shelf.tree() == sorted([*named, "manifest.json"])
    for path, one in named.items():
        content = shelf.read(path)
        assert (one["size"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert json.loads(shelf.read("manifest.json")) == done.json
    one, two, three, _ = (job.id for job in shelf.changed)
    expected = {"request.json", "jobs.jsonl", "verdicts.jsonl", "preds.json"}
    expected |= {f"patches/{job}.patch" for job in (one, two)}
    expected |= {f"threads/{job}.{end}" for job in (one, two) for end in ("jsonl", "md")}
    expected |= {f"threads/{job}.traj.json" for job in (one, two)}
    inside = {path.partition("/")[2] for path in named if path.startswith(shelf.change.id)}
    assert expected <= inside
    assert f"patches/{three}.patch" not in inside
    ends = ("json", "csv", "sarif")
    assert {f"{shelf.audit.id}/findings.{end}" for end in ends} <= set(named)


def test_patches_are_written_byte_for_byte(shelf: Shelf) -> None:
    shelf.export(shelf.change.id)

    assert shelf.read(f"{shelf.change.id}/patches/{shelf.changed[0].id}.patch") == PATCH
    assert shelf.read(f"{shelf.change.id}/patches/{shelf.changed[1].id}.patch") == TEXT_PATCH


def test_a_patch_with_a_secret_is_left_out_and_named_unless_it_is_asked_for(shelf: Shelf) -> None:
    third = shelf.changed[2].id

    without = shelf.export(shelf.change.id, "--json")
    along = shelf.export(shelf.change.id, "--with-secrets", "--json", to="along")

    left_out = {one["path"]: one["why"] for one in without.json["leftOut"]}
    assert "--with-secrets" in left_out[f"{shelf.change.id}/patches/{third}.patch"]
    patch = f"{shelf.change.id}/patches/{third}.patch"
    assert SECRET.encode() in shelf.read(patch, to="along")
    assert [f["path"] for f in along.json["files"] if f["holdsSecret"]] == [patch]


def test_no_secret_is_in_anything_else(shelf: Shelf) -> None:
    shelf.export(shelf.change.id, shelf.audit.id, "--thread-format", "all")

    for path in shelf.tree():
        assert SECRET.encode() not in shelf.read(path), path


def test_predictions_have_the_three_keys_and_leave_out_what_json_cannot_hold(shelf: Shelf) -> None:
    done = shelf.export(shelf.change.id, "--json")

    job = shelf.changed[1]
    assert json.loads(shelf.read(f"{shelf.change.id}/preds.json")) == {
        job.id: {
            "model_name_or_path": job.model,
            "instance_id": job.id,
            "model_patch": TEXT_PATCH.decode(),
        }
    }
    why = {one["path"]: one["why"] for one in done.json["leftOut"]}
    assert "not UTF-8" in why[f"{shelf.change.id}/preds.json#{shelf.changed[0].id}"]


def trajectory(shelf: Shelf) -> Any:
    shelf.export(shelf.change.id, "--thread-format", "traj")
    return json.loads(shelf.read(f"{shelf.change.id}/threads/{shelf.changed[1].id}.traj.json"))


def test_a_trajectory_has_the_shape_that_mini_swe_agent_reads(shelf: Shelf) -> None:
    read = trajectory(shelf)

    assert read["trajectory_format"] == "mini-swe-agent-1.1"
    assert read["instance_id"] == shelf.changed[1].id
    assert read["info"]["exit_status"] == "Submitted"
    assert read["info"]["submission"] == TEXT_PATCH.decode()
    assert read["info"]["model_stats"]["instance_cost"] == 0.5
    roles = [message["role"] for message in read["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user", "assistant", "tool", "exit"]


def test_every_call_of_a_trajectory_has_its_result(shelf: Shelf) -> None:
    messages = trajectory(shelf)["messages"]

    asked = [call for one in messages for call in one.get("tool_calls", ())]
    given = [one["tool_call_id"] for one in messages if one["role"] == "tool"]
    assert [call["id"] for call in asked] == given == ["toolu_1", "toolu_2"]
    assert json.loads(asked[0]["function"]["arguments"]) == {"path": "a"}
    assert all(isinstance(one["content"], str) and "extra" in one for one in messages)


def test_the_lines_of_a_thread_are_the_record(shelf: Shelf) -> None:
    shelf.export(shelf.change.id)

    content = shelf.read(f"{shelf.change.id}/threads/{shelf.changed[0].id}.jsonl")
    lines = [json.loads(line) for line in content.splitlines()]
    assert [line["kind"] for line in lines] == ["header", "reply", "results", "reply", "results"]
    assert lines[2]["message"]["content"][0]["content"] == BREAKS_OUT


def test_hostile_text_stays_text_in_markdown(shelf: Shelf) -> None:
    shelf.export(shelf.change.id, "--thread-format", "md")

    shown = shelf.read(f"{shelf.change.id}/threads/{shelf.changed[0].id}.md").decode()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    outside, fence = [], ""
    for line in shown.splitlines():
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line.removesuffix("text")
        else:
            outside.append(line)
    assert not fence
    assert not [line for line in outside if "<img" in line or "@all" in line]


def test_findings_cannot_run_in_a_spreadsheet(shelf: Shelf) -> None:
    shelf.export(shelf.audit.id)

    text = shelf.read(f"{shelf.audit.id}/findings.csv").decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert not row["message"].startswith("=")
    sarif = json.loads(shelf.read(f"{shelf.audit.id}/findings.sarif"))
    assert sarif["version"] == "2.1.0"


def test_verdicts_are_kept(shelf: Shelf) -> None:
    job = shelf.changed[0].id
    environment = shelf.kept.environment
    assert call("jobs", "rate", job, "accept", environment=environment).status == 0

    shelf.export(shelf.change.id)

    (line,) = shelf.read(f"{shelf.change.id}/verdicts.jsonl").splitlines()
    assert json.loads(line)["decision"] == Decision.ACCEPT


def test_only_the_parts_that_are_asked_for_are_written(shelf: Shelf) -> None:
    shelf.export(shelf.change.id, "--include", "jobs,verdicts")

    names = {path.partition("/")[2] for path in shelf.tree()}
    assert names == {"", "request.json", "jobs.jsonl", "verdicts.jsonl"}


def test_a_request_of_more_jobs_than_are_read_at_once_is_exported_whole(shelf: Shelf) -> None:
    many = shelf.kept.request(" ".join(f"acme/r{number}" for number in range(PAGE + 1)))

    done = shelf.export(many.id, "--include", "jobs", "--json")

    lines = [json.loads(one) for one in shelf.read(f"{many.id}/jobs.jsonl").splitlines()]
    assert done.json["jobs"] == len({one["id"] for one in lines}) == PAGE + 1


def test_a_zip_takes_the_place_of_an_earlier_one_with_force(shelf: Shelf) -> None:
    shelf.export(shelf.audit.id, to="one.zip")

    assert shelf.export(shelf.change.id, to="one.zip").status == 2
    assert shelf.export(shelf.change.id, "--force", to="one.zip").status == 0

    with zipfile.ZipFile(shelf.folder / "one.zip") as archive:
        assert f"{shelf.change.id}/request.json" in archive.namelist()
    assert not [one for one in shelf.folder.iterdir() if one.name.startswith(".")]


def test_a_zip_holds_the_same_and_is_the_same_again(shelf: Shelf) -> None:
    shelf.export(shelf.audit.id, to="one.zip")
    shelf.export(shelf.audit.id)

    with zipfile.ZipFile(shelf.folder / "one.zip") as archive:
        assert sorted(archive.namelist()) == shelf.tree()
        for name in set(archive.namelist()) - {"manifest.json"}:
            assert archive.read(name) == shelf.read(name)


def test_nothing_is_replaced_unless_it_is_an_export_and_force_is_given(shelf: Shelf) -> None:
    assert shelf.export(shelf.change.id).status == 0

    again = shelf.export(shelf.audit.id)
    assert again.status == 2
    assert "--force" in again.sentence
    assert (shelf.folder / "out" / shelf.change.id).is_dir()

    assert shelf.export(shelf.audit.id, "--force").status == 0
    assert not (shelf.folder / "out" / shelf.change.id).exists()

    (shelf.folder / "mine").mkdir()
    (shelf.folder / "mine" / "thesis.txt").write_text("years of work")
    refused = shelf.export(shelf.audit.id, "--force", to="mine")
    assert refused.status == 2
    assert shelf.tree("mine") == ["thesis.txt"]


def test_what_fails_leaves_nothing_behind(shelf: Shelf) -> None:
    (stored,) = (shelf.kept.home / "blobs").rglob(f"{shelf.changed[1].id}/**/change.patch*")
    stored.unlink()
    before = set(shelf.folder.iterdir())

    done = shelf.export(shelf.change.id)

    assert done.status == 1
    assert shelf.changed[1].id in done.sentence
    assert set(shelf.folder.iterdir()) == before


def test_requests_are_chosen_by_prompt_and_by_day(shelf: Shelf) -> None:
    both = shelf.export("--since", "2026-01-01", "--json")
    audits = shelf.export("--prompt", "injections", "--json", to="audits")

    assert set(both.json["requests"]) == {shelf.change.id, shelf.audit.id}
    assert audits.json["requests"] == [shelf.audit.id]
    assert shelf.export("--prompt", "unheard-of", to="no").status == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "Name requests by their ids"),
        (("01ARZ3NDEKTSV4RRFFQ69G5FAV", "--prompt", "x"), "Name requests by their ids"),
        (("--prompt", "injections", "--include", "everything"), "no part of an export"),
        (("--prompt", "injections", "--thread-format", "pdf"), "no format of a thread"),
        (("--since", "whenever"), "is no day"),
        (("../../etc",), "is not the id of a request"),
    ],
)
def test_bad_input_is_refused_in_words(
    shelf: Shelf, arguments: tuple[str, ...], reason: str
) -> None:
    done = shelf.export(*arguments)

    assert done.status == 2
    assert reason in done.sentence
    assert not (shelf.folder / "out").exists()

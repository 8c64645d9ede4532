"""Commands that look: lists, one job, its events, diff, patch and thread, and prompts."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import psutil
import pytest

from codybatch.services.wording import MINUS
from tests.unit.cli.conftest import Finished


def test_jobs_are_listed_newest_first_with_what_came_of_them(finished: Finished) -> None:
    rows = [line.split("\t") for line in finished.call("jobs", "list").text.splitlines()]

    assert [row[1] for row in rows] == ["upstream/clocks", "acme/clean", "acme/clocks"]
    assert rows[1][2:5] == ["succeeded", "no", ""]
    assert rows[2][2:5] == ["succeeded", "yes", f"+2 {MINUS}2"]


def test_a_patch_that_was_withheld_is_listed_as_withheld(finished: Finished) -> None:
    newest, _, oldest = finished.call("jobs", "list").text.splitlines()

    assert newest.endswith("\twithheld: not ours to push; patch here")
    assert oldest.endswith("/acme/clocks/pull/1")


def test_pages_lead_to_the_next(finished: Finished) -> None:
    first = finished.call("jobs", "list", "--limit", "2", "--json").json
    rest = finished.call("jobs", "list", "--limit", "2", "--cursor", first["cursor"], "--json").json
    told = finished.call("jobs", "list", "--limit", "2").err

    names = [job["repository"] for job in first["items"] + rest["items"]]
    assert names == ["upstream/clocks", "acme/clean", "acme/clocks"]
    assert rest["cursor"] is None
    assert f"--cursor {first['cursor']}" in told


def test_lists_take_a_repositorys_address_too(finished: Finished) -> None:
    address = f"{finished.world.settings.github_server_url}/acme/clean"

    for noun in ("jobs", "requests"):
        found = finished.call(noun, "list", "--repository", address, "--json").json["items"]
        assert len(found) == 1


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (("--state", "succeeded"), 3),
        (("--state", "failed"), 0),
        (("--repository", "acme/clean"), 1),
        (("--prompt", "replace-utcnow"), 3),
        (("--mine",), 3),
        (("--search", "upstream"), 1),
        (("--search", "nothing like it"), 0),
    ],
)
def test_jobs_are_found_by_one_filter(
    finished: Finished, filters: tuple[str, ...], count: int
) -> None:
    assert len(finished.call("jobs", "list", *filters, "--json").json["items"]) == count


def test_jobs_of_a_request_are_found_by_its_id(finished: Finished) -> None:
    found = finished.call("jobs", "list", "--request", finished.request["id"], "--json").json

    assert len(found["items"]) == 3


def test_lists_without_rows_say_what_to_do(finished: Finished, tmp_path: Path) -> None:
    for noun, said in (("jobs", "No job matches."), ("requests", "No request matches.")):
        found = finished.call(noun, "list", "--repository", "acme/never").text
        assert said in found

        nothing = finished.call(noun, "list", CODYBATCH_HOME=str(tmp_path)).text
        assert "submit" in nothing


def test_requests_are_listed_with_how_far_they_are(finished: Finished) -> None:
    (row,) = finished.call("requests", "list").text.splitlines()

    cells = row.split("\t")
    assert cells[0] == finished.request["id"]
    assert cells[2:4] == ["replace-utcnow@1", "3/3"]


def test_a_request_s_page_of_json_is_what_submit_printed_without_its_jobs(
    finished: Finished,
) -> None:
    (item,) = finished.call("requests", "list", "--json").json["items"]

    assert {**item, "jobs": finished.request["jobs"], "notices": []} == finished.request


def test_a_job_is_shown_with_result_cost_and_next_step(finished: Finished) -> None:
    done = finished.call("jobs", "show", finished.job("acme/clocks")["id"])

    facts = {line[:12].strip(): line[12:].strip() for line in done.text.splitlines()}
    assert facts["State"].startswith("succeeded.")
    assert facts["Next"] == "Review the result."
    assert facts["Checks"].startswith("The patch applies to a fresh checkout; it changes 1 file, +")
    assert facts["Published"].startswith("Draft pull request #1 is open. http")
    dollars = facts["Cost"].split()[0]
    assert len(dollars.partition(".")[2]) == 4
    assert "codybatch jobs diff" in done.err


def test_events_are_shown_in_their_order(finished: Finished) -> None:
    job = finished.job("acme/clocks")["id"]

    everything = finished.call("jobs", "events", job, "--json").json
    later = finished.call("jobs", "events", job, "--after", "3", "--json").json

    assert [event["sequence"] for event in everything] == list(range(1, len(everything) + 1))
    assert later == everything[3:]
    assert finished.call("jobs", "events", job, "--after", "999").text.startswith("No events")


def test_a_patch_is_given_out_byte_for_byte(finished: Finished, tmp_path: Path) -> None:
    job = finished.job("acme/clocks")
    file = tmp_path / "change.patch"

    printed = finished.call("jobs", "patch", job["id"])
    written = finished.call("jobs", "patch", job["id"], "-o", str(file))

    assert hashlib.sha256(printed.out).hexdigest() == job["patch"]["sha256"]
    assert file.read_bytes() == printed.out
    assert f"git apply {file}" in written.err
    checked = subprocess.run(["git", "apply", "--stat", str(file)], capture_output=True, check=True)
    assert b"clocks/now.py" in checked.stdout


def test_a_patch_that_cannot_be_written_says_why(finished: Finished, tmp_path: Path) -> None:
    done = finished.call("jobs", "patch", finished.job("acme/clocks")["id"], "-o", str(tmp_path))

    assert (done.status, "Is a directory" in done.sentence) == (2, True)


def test_a_job_without_patch_says_so(finished: Finished) -> None:
    for command in ("diff", "patch"):
        done = finished.call("jobs", command, finished.job("acme/clean")["id"])
        assert done.status == 2
        assert "made no patch" in done.sentence


def test_a_diff_reads_like_the_patch(finished: Finished) -> None:
    job = finished.job("acme/clocks")["id"]

    assert finished.call("jobs", "diff", job).out == finished.call("jobs", "patch", job).out


def test_a_thread_is_told_in_words_and_given_as_json_lines(finished: Finished) -> None:
    job = finished.job("acme/clocks")["id"]

    told = finished.call("jobs", "thread", job).text
    lines = [
        json.loads(line)
        for line in finished.call("jobs", "thread", job, "--json").text.splitlines()
    ]

    assert "→ edit_file" in told
    assert [line["kind"] for line in lines[:3]] == ["header", "reply", "results"]
    assert len(lines) == told.count("── ")


def test_waiting_for_jobs_that_have_ended_gives_their_results_at_once(finished: Finished) -> None:
    ids = [job["id"] for job in finished.request["jobs"]]

    done = finished.call("jobs", "wait", *ids, "--json")

    assert (done.status, done.json) == (0, finished.request["jobs"])


def test_an_ended_job_cannot_be_cancelled(finished: Finished) -> None:
    done = finished.call("jobs", "cancel", finished.job("acme/clocks")["id"])

    assert (done.status, "already ended" in done.sentence) == (2, True)


def test_the_prompt_of_a_file_was_saved_under_its_name(finished: Finished) -> None:
    shown = finished.call("prompts", "show", "replace-utcnow", "--json").json

    assert (shown["number"], shown["kind"], shown["createdBy"]) == (1, "change", "dana")
    assert "utcnow" in finished.call("prompts", "show", "replace-utcnow@1").text


def test_a_dispatcher_that_does_not_run_is_said_not_to(finished: Finished) -> None:
    running = finished.world.app.local_engine.status()
    finished.call("dispatcher", "stop")
    if running and psutil.pid_exists(running.pid):
        psutil.wait_procs([psutil.Process(running.pid)], timeout=30)

    assert finished.call("dispatcher", "status").text.startswith("No dispatcher runs")
    assert finished.call("dispatcher", "status", "--json").json["dispatcher"] is None
    assert finished.call("dispatcher", "stop").text == "No dispatcher runs.\n"

"""``codybatch demo``: labelled, alone, without any key, and gone without a trace of processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from codybatch.settings import inherited_environment
from tests.cli_kit import Call, call, run

MINE = "sk-ant-mine-0123456789"


@dataclass(frozen=True)
class Shown:
    """Two demonstrations, one after the other, in one home directory."""

    settings: dict[str, str]
    as_json: Call
    as_text: Call


def settings_of(home: Path) -> dict[str, str]:
    """One's own settings and a proxy, all of which lead nowhere."""
    return {
        "CODYBATCH_HOME": str(home),
        "ANTHROPIC_API_KEY": MINE,
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "GITHUB_TOKEN": "ghp_mine0123456789",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
        "CODYBATCH_MAX_TURNS": "1",
        "CODYBATCH_JOB_COST_CAP_USD": "0.0001",
    }


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    settings = settings_of(tmp_path_factory.mktemp("demo"))
    with_app = {**settings, "GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY_FILE": "/nowhere.pem"}
    del with_app["GITHUB_TOKEN"]
    return Shown(
        settings, run("demo", "--json", environment=settings), run("demo", environment=with_app)
    )


def test_it_works_whatever_keys_limits_and_proxies_are_set(shown: Shown) -> None:
    assert shown.as_json.status == 0, shown.as_json.err
    assert shown.as_text.status == 0, shown.as_text.err


def test_its_json_is_one_document_that_says_what_it_is(shown: Shown) -> None:
    request = shown.as_json.json

    assert request["demonstration"] is True
    assert [job["state"] for job in request["jobs"]] == ["succeeded"] * 5
    kinds = {job["publication"]["kind"] for job in request["jobs"]}
    assert kinds == {"pull_request", "withheld", "none"}
    assert {job["wereChangesNecessary"] for job in request["jobs"]} == {True, False}
    assert "DEMONSTRATION" in shown.as_json.err


def test_it_prints_its_label_the_results_a_diff_and_what_to_do_next(shown: Shown) -> None:
    text = shown.as_text.text

    assert text.startswith("DEMONSTRATION: ")
    assert text.count("\tsucceeded\t") == 5
    assert "\n+++ b/" in text
    assert "codybatch --demo jobs diff " in text
    assert "codybatch submit --prompt-file" in shown.as_text.err


def test_the_commands_it_names_show_its_results_and_those_of_before(shown: Shown) -> None:
    command = next(line for line in shown.as_text.text.splitlines() if "jobs diff" in line)
    look = call(*command.split()[1:], environment=shown.settings)
    listed = call("--demo", "jobs", "list", "--json", environment=shown.settings)
    mine = call("jobs", "list", "--json", environment=shown.settings)

    assert look.text.startswith("diff --git")
    assert len(listed.json["items"]) == 10
    assert mine.json["items"] == []


def test_it_leaves_no_process_and_no_key_behind(shown: Shown) -> None:
    status = call("--demo", "dispatcher", "status", "--json", environment=shown.settings)

    assert status.json["dispatcher"] is None
    assert status.json["jobs"]["queued"] + status.json["jobs"]["running"] == 0
    home = Path(shown.settings["CODYBATCH_HOME"])
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if MINE.encode() in path.read_bytes()] == []
    assert MINE not in shown.as_text.text + shown.as_text.err


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    home.mkdir()
    with FileLock(home / "demonstration.lock"):
        done = call("demo", environment={"CODYBATCH_HOME": str(tmp_path)})

    assert (done.status, "runs already" in done.sentence) == (1, True)


def test_a_home_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("I am a file.")

    done = call("demo", environment={"CODYBATCH_HOME": str(tmp_path / "home")})

    assert (done.status, "CODYBATCH_HOME" in done.sentence) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demonstration_that_is_interrupted_ends_all_it_started(
    number: signal.Signals, tmp_path: Path
) -> None:
    settings = {"CODYBATCH_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "codybatch", "demo", "--json"],
        env={**inherited_environment(), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    while "Claude is at work" not in process.stderr.readline():
        assert process.poll() is None

    process.send_signal(number)
    out, err = process.communicate(timeout=90)

    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    status = call("--demo", "dispatcher", "status", "--json", environment=settings)
    assert status.json["dispatcher"] is None
    again = json.loads(run("demo", "--json", environment=settings).out)
    assert [job["state"] for job in again["jobs"]] == ["succeeded"] * 5
    left = call("--demo", "jobs", "list", "--json", "--limit", "100", environment=settings).json
    states = [job["state"] for job in left["items"]]
    assert set(states[5:]) <= {"succeeded", "cancelled"}
    assert "cancelled" in states[5:]

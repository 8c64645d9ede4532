"""``codybatch cloud``: the whole cloud on this machine, alone, labelled, and gone when it ends."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from codybatch.settings import load_settings
from tests.cli_kit import call, run
from tests.served_cloud import ServedCloud
from tests.unit.cli.test_demo import MINE, settings_of

pytestmark = pytest.mark.timeout(300)

PERSONAL = {
    "AWS_PROFILE": "mine",
    "AWS_ACCESS_KEY_ID": "AKIAMINE000000000000",
    "AWS_SECRET_ACCESS_KEY": "my-own-secret-key",
    "AWS_SESSION_TOKEN": "my-own-session-token",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
    "CODYBATCH_ACCESS_TOKEN": "my-own-access-token-0123",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCloud]:
    folder = tmp_path_factory.mktemp("cloud")
    made = ServedCloud(folder, {**settings_of(folder), **PERSONAL})
    yield made
    if made.process.poll() is None:
        made.end()


def others(cloud: ServedCloud) -> list[psutil.Process]:
    """The processes that must end with it."""
    noted = json.loads((cloud.home / "demonstration.json").read_text())
    return [psutil.Process(one["pid"]) for one in (noted, *noted["others"])]


def test_it_says_where_everything_is_and_that_it_is_no_real_cloud(cloud: ServedCloud) -> None:
    assert cloud.told["demonstration"] is True
    addresses = [str(cloud.told[name]) for name in ("workbench", "api", "aws", "batch")]
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)
    assert cloud.ask("/health/deep")["standing"] == "ok"


def test_nothing_of_ones_own_is_used_or_told(cloud: ServedCloud) -> None:
    told = json.dumps(cloud.told)

    assert not [value for value in (*PERSONAL.values(), MINE, "ghp_mine") if value in told]
    for process in others(cloud):
        seen = process.environ()
        mine = {name: seen.get(name) for name in PERSONAL if name.startswith("AWS_")}
        assert not set(mine.values()) & set(PERSONAL.values()), process.cmdline()


def test_its_variables_lead_another_terminal_there_and_nowhere_else(cloud: ServedCloud) -> None:
    told = call("cloud", "env", environment=cloud.settings)
    assert told.status == 0, told.err
    assert call("cloud", "env", "--json", environment=cloud.settings).json == cloud.environment
    asked = 'eval "$1"; env -0'
    shell = subprocess.run(
        ["sh", "-c", asked, "sh", told.text],
        env={"PATH": "/usr/bin:/bin", **cloud.settings},
        capture_output=True,
        text=True,
        check=True,
    )

    found = dict(line.split("=", 1) for line in shell.stdout.rstrip("\0").split("\0"))

    assert {name: found.get(name) for name in cloud.environment} == cloud.environment
    assert "AWS_SESSION_TOKEN" not in found
    assert "AWS_PROFILE" not in found
    assert found["CODYBATCH_ACCESS_TOKEN"] == PERSONAL["CODYBATCH_ACCESS_TOKEN"]


def test_the_doctor_finds_all_of_it_well(cloud: ServedCloud) -> None:
    done = cloud.do("doctor", "--json")

    assert {(one["check"], one["health"]) for one in done.json if one["health"] != "ok"} == set()
    checks = {"AWS", "table", "bucket", "job queue", "job definition"}
    assert checks <= {one["check"] for one in done.json}


def test_a_request_runs_in_containers_and_is_kept_in_the_table(cloud: ServedCloud) -> None:
    saved = cloud.do("prompts", "starters", "--save", "add-request-timeouts")
    assert saved.status == 0, saved.err
    words = ("submit", "add-request-timeouts", "-r", "demo-org/image-thumbs", "--wait", "--json")

    done = run(*words, environment=cloud.environment)

    (job,) = done.json["jobs"]
    assert (done.status, job["state"]) == (0, "succeeded")
    assert [one["status"] for one in cloud.batch("jobs")] == ["SUCCEEDED"]
    (listed,) = cloud.ask("/jobs")["items"]
    assert listed["id"] == job["id"]
    assert not (cloud.home / "codybatch.db").exists()


def test_what_only_a_dispatcher_could_tell_is_told_in_words(cloud: ServedCloud) -> None:
    done = cloud.do("dispatcher", "status")

    assert done.status == 1
    assert done.sentence.startswith("AWS Batch runs the jobs (queue codybatch)")


def test_a_second_one_is_refused_and_told_where_the_first_is(cloud: ServedCloud) -> None:
    second = call("cloud", "up", environment=cloud.settings)

    assert second.status == 1
    assert cloud.workbench in second.sentence


def test_killed_it_leaves_nothing_that_the_next_does_not_end_and_then_it_ends_by_itself(
    cloud: ServedCloud,
) -> None:
    left = others(cloud)
    cloud.kill()
    assert call("cloud", "env", environment=cloud.settings).status == 1

    cloud.start()

    assert [one for one in left if one.is_running()] == []
    assert cloud.ask("/jobs")["items"] == []  # what was recorded was gone with its server
    now = others(cloud)
    status, said = cloud.end()
    assert status == 0
    assert said.startswith("THE CLOUD ON THIS MACHINE: ")
    assert [one for one in now if one.is_running()] == []
    assert not (cloud.home / "environment.json").exists()


def test_where_none_runs_there_are_no_variables(tmp_path: Path) -> None:
    done = call("cloud", "env", environment=load_settings(home=tmp_path).as_environment())

    assert done.status == 1
    assert "No cloud runs on this machine" in done.sentence
    assert "cloud up` starts one" in done.sentence


def test_one_port_cannot_serve_both(tmp_path: Path) -> None:
    environment = load_settings(home=tmp_path).as_environment()

    done = call("cloud", "up", "--port", "8777", "--api-port", "8777", environment=environment)

    assert (done.status, "cannot both listen on port 8777" in done.sentence) == (2, True)

"""The stand-in as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from codybatch.standins.github import GitHubProcess, GitHubStandin, faults
from codybatch.standins.github.process import StandinFailed
from tests.unit.standins.github_world import APP, branch

PARENT = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-m", "codybatch.standins.github", "--root", sys.argv[1]],
    stdout=subprocess.PIPE, text=True,
)
print(child.pid, child.stdout.readline().strip(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def prepared(tmp_path: Path) -> GitHubStandin:
    standin = GitHubStandin(tmp_path / "github")
    standin.add_repository(APP, files={"a.txt": "a"}, permissions={"service": "push"})
    branch(standin.bare(APP), "feature", {"b.txt": "b"})
    return standin


def test_it_serves_what_was_prepared_and_keeps_what_was_made(
    prepared: GitHubStandin, tmp_path: Path
) -> None:
    headers = {"Authorization": f"Bearer {prepared.tokens['service']}"}
    new = {"title": "T", "head": "feature", "base": "main"}
    with GitHubProcess(tmp_path / "github") as process:
        client = process.client
        client.add_faults([faults.bad_gateway("POST /repos/*/pulls", after_acting=True)])
        answer = requests.post(
            f"{process.api_url}/repos/{APP}/pulls", json=new, headers=headers, timeout=20
        )
        client.set_check(APP, "feature", "test", "failure")
        client.change_repository(APP, archived=True)
        state = client.state()

        assert answer.status_code == 502
        assert client.wait_for("POST /repos/*/pulls") is True
        assert [r["status"] for r in client.requests("POST *")] == [502]
        assert [pull["title"] for pull in state["pull_requests"]] == ["T"]
        assert state["repositories"][0]["archived"] is True
        assert set(state["repositories"][0]["branches"]) == {"main", "feature"}
        assert state["faults"] == []

    again = GitHubStandin(tmp_path / "github")
    assert [pull.title for pull in again.pull_requests(APP)] == ["T"]


def test_the_control_endpoint_says_what_it_does_not_take(
    prepared: GitHubStandin, tmp_path: Path
) -> None:
    assert prepared.repository(APP).archived is False
    with GitHubProcess(tmp_path / "github") as process:
        client = process.client
        with pytest.raises(StandinFailed, match="colour"):
            client.change_repository(APP, colour="red")
        with pytest.raises(StandinFailed, match="no commit gone"):
            client.set_check(APP, "gone", "test")
        bad = requests.post(f"{process.url}/_standin/faults", json={"kind": "cut"}, timeout=20)
        missing = requests.get(f"{process.url}/_standin/nothing", timeout=20)
        client.add_faults([faults.cut("* *", times=9)])
        client.clear_faults()

        assert (bad.status_code, missing.status_code) == (400, 404)
        assert client.state()["faults"] == []


def test_it_ends_when_its_parent_ends(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "github")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert parent.stdout is not None
    pid, url = parent.stdout.readline().split()
    child = psutil.Process(int(pid))
    assert requests.get(f"{url}/_standin/state", timeout=20).status_code == 200

    parent.kill()
    parent.communicate()

    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_port_is_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "port"
    command = [sys.executable, "-m", "codybatch.standins.github"]
    process = subprocess.Popen(
        [*command, "--root", str(tmp_path / "github"), "--port-file", str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()

    assert url == f"http://127.0.0.1:{file.read_text().strip()}"
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StandinFailed), GitHubProcess(tmp_path / "file"):
        pass

"""``codybatch up --demo``: the stand-ins live with the workbench, and nothing is lost between."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from codybatch.settings import inherited_environment
from tests.cli_kit import Call, call, run
from tests.unit.cli.test_demo import MINE, settings_of

PROMPT = "Add timeouts of 20 seconds to every HTTP request made with requests."


class Served:
    """A demonstration that a person started and left open."""

    def __init__(self, home: Path) -> None:
        self.settings = settings_of(home)
        self.home = home / "demo"
        self.said = ""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = self._started()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the workbench's server works with."""
        return psutil.Process(self.server).environ()

    @property
    def server(self) -> int:
        """The process of the workbench's server."""
        return int(json.loads((self.home / "demonstration.json").read_text())["pid"])

    def again(self) -> None:
        """Start it once more, on the same port."""
        self.process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "codybatch", "up", "--demo", "--port", str(self.port)],
            env={**inherited_environment(), **self.settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        self.said = ""
        while "The demonstration: " not in self.said:
            line = process.stderr.readline()
            assert line, self.said
            self.said += line
        return process

    def kill(self) -> None:
        """End it as nobody should; its server lives on."""
        self.process.kill()
        self.process.wait()
        assert self.process.stderr
        self.process.stderr.close()

    def end(self) -> tuple[int, str]:
        """The exit status, and what it still said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=90)
        return self.process.returncode, said

    def do(self, *arguments: str) -> Call:
        """A command with the workbench's own settings: what its pages do, without a browser."""
        return run(*arguments, environment=self.environment)

    def jobs(self) -> list[dict[str, object]]:
        listed = call("--demo", "jobs", "list", "--json", environment=self.settings)
        return list(listed.json["items"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served"))
    yield made
    if made.process.poll() is None:
        made.end()
    elif (made.home / "demonstration.json").exists():  # a test failed between a kill and the next
        psutil.Process(made.server).terminate()


@pytest.fixture(scope="module")
def submitted(served: Served) -> dict[str, object]:
    """A request of one's own."""
    file = served.home / "prompt.md"
    file.write_text(PROMPT)
    done = served.do(
        *("submit", "--prompt-file", str(file), "-r", "demo-org/weather-client", "--wait", "--json")
    )
    assert done.status == 0, done.err
    found: dict[str, object] = done.json["jobs"][0]
    return found


def page(url: str) -> str:
    asked = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(answer.read().decode())


def test_it_says_what_it_is_and_begins_with_a_request_that_is_done(served: Served) -> None:
    assert served.said.startswith("DEMONSTRATION: ")
    assert [job["state"] for job in served.jobs()[-5:]] == ["succeeded"] * 5


def test_no_key_of_ones_own_reaches_it(served: Served) -> None:
    assert MINE not in served.environment.values()
    assert "ghp_mine0123456789" not in served.environment.values()


def test_a_request_of_ones_own_ends_in_a_draft_that_a_browser_can_open(
    served: Served, submitted: dict[str, object]
) -> None:
    publication = submitted["publication"]

    assert submitted["wereChangesNecessary"] is True
    assert isinstance(publication, dict)
    assert publication["url"].startswith(served.environment["GITHUB_SERVER_URL"])
    assert "timeout=20" in page(publication["url"])


def test_the_job_can_be_followed_up(served: Served, submitted: dict[str, object]) -> None:
    done = served.do(
        *("jobs", "follow-up", str(submitted["id"]), "Leave out tests", "--wait", "--json")
    )

    assert done.status == 0, done.err


def test_a_second_one_is_refused_and_told_where_the_first_is(served: Served) -> None:
    second = call("up", "--demo", "--port", str(served.port - 1), environment=served.settings)

    assert second.status == 1
    assert f"open {served.address}" in second.sentence


def test_after_a_kill_jobs_go_on_and_pull_requests_have_the_same_address(
    served: Served, submitted: dict[str, object]
) -> None:
    file = served.home / "prompt.md"
    begun = served.do(
        *("submit", "--prompt-file", str(file), "-r", "demo-org/image-thumbs", "--json")
    )
    (job,) = begun.json["jobs"]
    before, orphan = len(served.jobs()), served.server

    served.kill()
    served.again()

    assert not psutil.pid_exists(orphan)
    assert len(served.jobs()) == before
    publication = submitted["publication"]
    assert isinstance(publication, dict)
    assert "timeout=20" in page(publication["url"])
    assert served.do("jobs", "wait", job["id"]).status == 0


def test_ended_it_leaves_nothing_running_and_what_is_to_see_says_so(
    served: Served, submitted: dict[str, object]
) -> None:
    environment = served.environment

    status, said = served.end()

    assert (status, "Traceback" in said) == (0, False)
    for name in ("ANTHROPIC_BASE_URL", "GITHUB_SERVER_URL"):
        port = int(environment[name].rpartition(":")[2])
        with socket.create_server(("127.0.0.1", port)):
            pass  # nobody listens there any more
    left = call("--demo", "dispatcher", "status", "--json", environment=served.settings)
    assert left.json["dispatcher"] is None
    refused = call("--demo", "jobs", "retry", str(submitted["id"]), environment=served.settings)
    assert "codybatch up --demo" in refused.sentence

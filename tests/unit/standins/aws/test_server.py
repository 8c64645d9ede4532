"""The stand-in as a process: on 127.0.0.1 alone, ended with whoever started it."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from codybatch.standins.aws import AwsStandin
from codybatch.standins.aws.server import AwsStandinFailed
from tests.aws_kit import ENVIRONMENT
from tests.unit.standins.aws.conftest import SERVER

ROOT = Path(__file__).parents[4]

OWNER = """
import sys
from pathlib import Path
from codybatch.standins.aws import AwsStandin

standin = AwsStandin(Path(sys.argv[1])).start()
print(standin.port, standin._process.pid, flush=True)
sys.stdin.read()
"""
SERVES = SERVER + "main()\n"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
MINISTACK = ENVIRONMENT / "bin" / "ministack"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An environment without anything but Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    return folder


def program(folder: Path, code: str) -> Path:
    path = folder / "ministack"
    path.write_text(code)
    return path


def answers(endpoint: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(endpoint, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def servers(standin: AwsStandin) -> list[psutil.Process]:
    """The processes whose command names the stand-in's program."""
    wanted = str(standin._program)
    living = [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE  # another test's, which nobody waits for
    ]
    return [child for child in living if wanted in child.cmdline()]


def test_it_answers_on_loopback_and_is_gone_afterwards(folder: Path) -> None:
    with AwsStandin(program(folder, SERVES)) as standin:
        (server,) = servers(standin)
        home = Path(server.cwd())
        assert answers(standin.endpoint)
        assert home.is_dir()
        listening = [at.laddr.ip for at in server.net_connections() if at.status == "LISTEN"]

    assert listening == ["127.0.0.1"]
    assert not server.is_running()
    assert not answers(standin.endpoint)
    assert not home.exists()


def test_a_client_finds_it_by_variables_alone(folder: Path) -> None:
    standin = AwsStandin(program(folder, SERVES), port=4566)

    found = standin.environment

    assert found["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:4566"
    assert found["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:4566"
    assert found.keys() >= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}


def test_our_own_variables_do_not_reach_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-for-it")
    tells = "import os\nassert 'ANTHROPIC_API_KEY' not in os.environ, 'told'\n"

    with AwsStandin(program(folder, tells + SERVES)) as standin:
        assert answers(standin.endpoint)


def test_one_that_ends_at_once_says_why(folder: Path) -> None:
    standin = AwsStandin(program(folder, "raise SystemExit('no such option')"))

    with pytest.raises(AwsStandinFailed, match="no such option"):
        standin.start()

    assert servers(standin) == []


def test_the_port_of_another_server_is_not_taken_for_its_own(folder: Path) -> None:
    with AwsStandin(program(folder, SERVES)) as first:
        second = AwsStandin(program(folder, SERVES), port=first.port)

        with pytest.raises(AwsStandinFailed, match="in use"):
            second.start()
        assert answers(first.endpoint)


def test_one_that_never_answers_is_ended(folder: Path) -> None:
    silent = "import threading; print('busy', flush=True); threading.Event().wait()"
    standin = AwsStandin(program(folder, silent), seconds_to_start=1.0)

    with pytest.raises(AwsStandinFailed, match="busy"):
        standin.start()

    assert servers(standin) == []


def test_one_that_is_not_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(AwsStandinFailed, match="make setup"):
        AwsStandin(tmp_path / "bin" / "ministack").start()


@contextmanager
def an_owner(program: Path) -> Iterator[tuple[subprocess.Popen[str], int, psutil.Process]]:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(program)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout
        port, pid = map(int, owner.stdout.readline().split())
        yield owner, port, psutil.Process(pid)
        owner.kill()


@pytest.mark.parametrize("code", [SERVES, DEAF + SERVES], ids=["polite", "deaf"])
def test_it_ends_with_an_owner_that_is_killed(folder: Path, code: str) -> None:
    with an_owner(program(folder, code)) as (owner, port, server):
        assert answers(f"http://127.0.0.1:{port}")

        owner.kill()

        _, alive = psutil.wait_procs([server], timeout=30)
        assert alive == []
    assert not answers(f"http://127.0.0.1:{port}")


@pytest.mark.skipif(not MINISTACK.exists(), reason="`make setup` installs it")
def test_the_real_one_ends_with_its_owner_too() -> None:
    with an_owner(MINISTACK) as (owner, port, server):
        owner.kill()

        _, alive = psutil.wait_procs([server], timeout=30)
        assert alive == []
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port)) != 0


def test_closing_twice_is_closing_once(folder: Path) -> None:
    standin = AwsStandin(program(folder, SERVES)).start()

    standin.close()
    standin.close()

    assert servers(standin) == []

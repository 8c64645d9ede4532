"""``codybatch up``: the workbench on this machine only, from the command to Ctrl-C."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest

from codybatch.cli.up import app_script
from tests.cli_kit import call
from tests.served_kit import Served, free_port
from tests.terminal_kit import Terminal


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org"])
def test_an_address_that_others_can_reach_is_refused(host: str, tmp_path: Path) -> None:
    done = call("up", "--host", host, environment={"CODYBATCH_HOME": str(tmp_path)})

    assert done.status == 3
    assert f"Other machines can reach {host}" in done.sentence
    assert "CODYBATCH_ACCESS_TOKEN" in done.sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "token", ["too-short-a-token", "x" * 23, "with a space in it, long enough"]
)
def test_a_token_that_can_be_guessed_is_refused_and_not_repeated(
    token: str, tmp_path: Path
) -> None:
    settings = {"CODYBATCH_HOME": str(tmp_path), "CODYBATCH_ACCESS_TOKEN": token}
    done = call("up", "--host", "0.0.0.0", environment=settings)

    assert done.status == 2
    assert "CODYBATCH_ACCESS_TOKEN" in done.sentence
    assert token not in done.sentence


def test_for_others_it_asks_for_the_token(tmp_path: Path) -> None:
    port, token = free_port(), "a-token-of-24-characters"
    terminal = Terminal(
        *("-m", "codybatch", "up", "--host", "0.0.0.0", "--port", str(port)),
        columns=100,
        environment={
            "CODYBATCH_HOME": str(tmp_path),
            "CODYBATCH_ACCESS_TOKEN": token,
            "CODYBATCH_ACCESS_PROXIES": "192.0.2.0/24",
        },
    )
    terminal.read_until(lambda shown: "It asks for the access token." in shown)
    workbench = Served(port)
    host = {"host": f"{socket.gethostname()}:{port}"}

    assert workbench.get("/", **host).status == 401
    assert workbench.get("/", **host, authorization=f"Bearer {token}").status == 200
    assert token not in terminal.shown
    # The proxies that were named are believed, and then nobody else is: not this machine either.
    signed_in = workbench.sign_in(token, **host, x_forwarded_proto="https")
    assert "; Secure" not in signed_in.headers["set-cookie"]

    terminal.press_ctrl_c()
    assert terminal.finish() == 0


def test_a_port_that_is_taken_is_named_and_another_offered(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = call("up", "--port", str(port), environment={"CODYBATCH_HOME": str(tmp_path)})

    assert done.status == 2
    assert f"port {port}: Address already in use" in done.sentence
    assert f"codybatch up --port {port + 1}" in done.sentence


def test_the_workbench_is_found() -> None:
    assert app_script().name == "app.py"


def test_ctrl_c_ends_the_workbench(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    terminal = Terminal(
        *("-m", "codybatch", "up", "--port", str(port)),
        columns=100,
        environment={"CODYBATCH_HOME": str(tmp_path)},
    )
    terminal.read_until(lambda shown: "The workbench: " in shown)
    address = f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=30) as answer:
        assert answer.status == 200

    terminal.press_ctrl_c()

    assert terminal.finish() == 0
    assert f"The workbench: {address}" in terminal.shown
    assert "Streamlit" not in terminal.shown
    assert "Traceback" not in terminal.shown
    with socket.create_server(("127.0.0.1", port)):
        pass  # nobody listens there any more

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anthropic
import pytest

from codybatch.standins.anthropic import DEMONSTRATION_KEY

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-m", "codybatch.standins.anthropic"]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def test_it_answers_in_a_process_of_its_own_and_ends_with_sigterm(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    with started("--port-file", str(port_file)) as (process, url):
        assert url == f"http://127.0.0.1:{port_file.read_text().strip()}"
        with anthropic.Anthropic(api_key=DEMONSTRATION_KEY, base_url=url, max_retries=0) as client:
            reply = client.messages.create(
                model="claude-haiku-5-5",
                max_tokens=500,
                messages=[{"role": "user", "content": "<task>Improve it.</task>"}],
            )
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
    assert "stand-in" in reply.content[-1].text  # type: ignore[union-attr]


def test_it_ends_when_whoever_started_it_is_gone() -> None:
    starter = (
        "import os, subprocess\n"
        f"standin = subprocess.Popen({COMMAND!r}, stdout=subprocess.PIPE)\n"
        "standin.stdout.readline()\n"
        "os._exit(0)\n"
    )

    # Returns only when everybody who holds the pipe of stderr has ended, the stand-in included.
    finished = subprocess.run(
        [sys.executable, "-c", starter], cwd=ROOT, stderr=subprocess.PIPE, timeout=30, check=True
    )

    assert finished.stderr == b""


def test_keys_come_from_a_file_and_a_brain_by_name(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("sk-ant-one\nsk-ant-two\n")
    brain = "tests.unit.standins.anthropic.brains:hello"
    with started("--api-keys-file", str(keys), "--brain", brain) as (_, url):
        with anthropic.Anthropic(api_key="sk-ant-two", base_url=url, max_retries=0) as client:
            reply = client.messages.create(
                model="claude-haiku-5-5",
                max_tokens=500,
                messages=[{"role": "user", "content": "Hello?"}],
            )
        with (
            anthropic.Anthropic(api_key=DEMONSTRATION_KEY, base_url=url) as stranger,
            pytest.raises(anthropic.AuthenticationError),
        ):
            stranger.models.list()

    assert reply.content[0].text == "Hello."  # type: ignore[union-attr]

"""The cloud on this machine as a person starts it, and what stands behind it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from codybatch.settings import inherited_environment
from tests.cli_kit import Call, call

SECONDS = 120
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServedCloud:
    """``codybatch cloud up`` in a process of its own.

    Args:
        home: CODYBATCH_HOME.
        settings: further variables of whoever starts it.
    """

    def __init__(self, home: Path, settings: dict[str, str] | None = None) -> None:
        self.settings = {**(settings or {}), "CODYBATCH_HOME": str(home)}
        self.home = home / "cloud"
        self.ports = _free_ports()
        self.start()

    def start(self) -> None:
        """Start it, and wait until it says where everything is."""
        options = ("--port", str(self.ports[0]), "--api-port", str(self.ports[1]), "--json")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "codybatch", "cloud", "up", *options],
            env={**inherited_environment(), **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        said = ""
        while not said.endswith("\n}\n"):
            line = self.process.stdout.readline()
            assert line, said + self.process.communicate()[1]
            said += line
        self.told: dict[str, Any] = json.loads(said)
        self.environment: dict[str, str] = self.told["environment"]

    @property
    def workbench(self) -> str:
        return str(self.told["workbench"])

    def do(self, *arguments: str) -> Call:
        """A command in another terminal."""
        return call(*arguments, environment=self.environment)

    def ask(self, path: str, **body: Any) -> Any:
        """What the HTTP API answers; a body is posted."""
        return fetched(f"{self.told['api']}{path}", body or None)

    def batch(self, path: str, **body: Any) -> Any:
        """What the stand-in for AWS Batch says of itself."""
        return fetched(f"{self.told['batch']}/_standin/{path}", body or None)

    def model(self, path: str, body: Any) -> Any:
        """Give an order to the stand-in for the model."""
        return fetched(f"{self.environment['ANTHROPIC_BASE_URL']}/_standin/{path}", body)

    def kill(self) -> None:
        """End it as nobody should; its servers live on."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()

    def end(self) -> tuple[int, str]:
        """The exit status, and what it said to a person."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, said


def fetched(address: str, body: Any = None) -> Any:
    """The JSON document at an address; a body is posted as one."""
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address, content, {"Content-Type": "application/json"})
    with _OPENER.open(asked, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def eventually(found: Any) -> Any:
    """The first true value that ``found`` gives."""
    give_up_at = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < give_up_at, value
        time.sleep(0.1)
    return value


def _free_ports() -> tuple[int, int]:
    with ExitStack() as held:
        first, second = (held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in "12")
        return int(first.getsockname()[1]), int(second.getsockname()[1])

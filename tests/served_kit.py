"""The workbench's real server over a home directory, and plain requests to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0
STREAM = "/_stcore/stream"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    port: int
    pid: int = 0
    """Of the server's process."""

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """One request; an underscore in a header's name is a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body.encode() or None, named)
            answer = connection.getresponse()
            given = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, given, answer.read().decode(errors="replace"))
        finally:
            connection.close()

    def sign_in(self, token: str, next_address: str = "/", **headers: str) -> Answer:
        """Send the form."""
        form = urlencode({"token": token, "next": next_address})
        kind = "application/x-www-form-urlencoded"
        return self.get("/sign-in", "POST", form, content_type=kind, **headers)

    def websocket(self, **headers: str) -> ClientConnection:
        """Open the websocket of the pages; raises ``InvalidStatus`` where it is refused."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return connect(
            f"ws://127.0.0.1:{self.port}{STREAM}",
            additional_headers=named,
            subprotocols=None,
            proxy=None,
            open_timeout=30,
        )

    def opens_websocket(self, **headers: str) -> None:
        """Open it and close it again."""
        with self.websocket(**headers):
            pass

    def refusal(self, **headers: str) -> Answer:
        """How the websocket is refused."""
        try:
            self.opens_websocket(**headers)
        except InvalidStatus as refused:
            given = {name.lower(): value for name, value in refused.response.headers.raw_items()}
            return Answer(refused.response.status_code, given, "")
        raise AssertionError("The websocket was opened.")


@contextmanager
def served(home: Path, *, host: str = "127.0.0.1", **environment: str) -> Iterator[Served]:
    """Serve the workbench over the store in ``home``, by the command that ``codybatch up`` starts:
    without a dispatcher, so that queued jobs stay as they are.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    options = [f"--server.port={port}", f"--server.address={host}"]
    named = {**os.environ, "CODYBATCH_HOME": str(home), **environment}
    home.mkdir(parents=True, exist_ok=True)
    with (
        (home / "server.log").open("wb") as log,
        subprocess.Popen(
            [*command, *options], cwd=ROOT, env=named, stdout=log, stderr=log
        ) as server,
    ):
        try:
            _wait_for(port, server)
            yield Served(port, server.pid)
        finally:
            server.terminate()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The workbench did not start (status {server.poll()}).")

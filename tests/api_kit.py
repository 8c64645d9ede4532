"""The HTTP API served over real sockets, and plain requests to it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import uvicorn

from codybatch.api.allowance import Allowance
from codybatch.api.application import door_of, served
from codybatch.api.tokens import Tokens, entry_of
from codybatch.api_settings import Scope
from codybatch.composition import Application
from tests.served_kit import free_port

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as the JSON it must be."""
        assert self.headers["content-type"] in {"application/json", "application/problem+json"}
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The type of the problem that it must be, without its namespace."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.json["status"] == self.status
        return str(self.json["type"]).removeprefix("urn:codybatch:error:")


@dataclass(frozen=True)
class Client:
    """Somebody who asks the API."""

    port: int
    token: str = ""

    def as_(self, token: str) -> Client:
        """Somebody else."""
        return replace(self, token=token)

    def get(self, path: str, **headers: str) -> Reply:
        """Ask for something."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Reply:
        """Ask for something to be done."""
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: object = None, **headers: str) -> Reply:
        """Put something in its place."""
        return self.send("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Reply:
        """Take something back."""
        return self.send("DELETE", path, **headers)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """One request; bytes go as they are, an underscore in a header's name is a hyphen."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            named = {"content-type": "application/json", **named}
        if self.token:
            named = {"authorization": f"Bearer {self.token}", **named}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, content, named)
            answer = connection.getresponse()
            given = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, given, answer.read())
        finally:
            connection.close()


def a_token(name: str, *scopes: Scope) -> str:
    """A token that ``tokens_for`` knows."""
    return f"token-of-{name}-for-{'-'.join(scopes)}"


def tokens_for(**holders: tuple[Scope, ...]) -> Tokens:
    """The tokens of people, by their names."""
    return Tokens([entry_of(name, held, a_token(name, *held)) for name, held in holders.items()])


@contextmanager
def serving(app: Application, **door: Any) -> Iterator[Client]:
    """Serve an application's API on loopback; ``door`` is what its guard knows otherwise."""
    port = free_port()
    known = {"allowance": Allowance(1_000_000), **door}
    guard = served(app, replace(door_of(app, "127.0.0.1"), **known))
    config = uvicorn.Config(
        guard, host="127.0.0.1", port=port, log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
        yield Client(port)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)

"""The network between us and AWS as a bad day has it: a loopback proxy before the stand-in."""

from __future__ import annotations

import json
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

SECONDS_TO_ANSWER = 60
_OUR_OWN = {"connection", "date", "server", "transfer-encoding", "content-length"}


class Asked(NamedTuple):
    """A request that came by."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    """By name in lower case."""


class Answer(NamedTuple):
    """An answer on its way back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Fault:
    """What becomes of a request and its answer."""

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        """What is sent, None for a connection that is cut; ``ask`` asks the other side."""
        raise NotImplementedError


@dataclass
class Refused(Fault):
    """The other side is not asked; somebody answers in its place."""

    status: int
    code: str
    message: str = "not today"
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        del ask
        said = f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        return Answer(
            self.status, {"Content-Type": "application/xml", **self.headers}, said.encode()
        )


class RefusedInJson(Refused):
    """The same by DynamoDB."""

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        del ask
        said = {"__type": f"com.amazonaws.dynamodb.v20120810#{self.code}", "message": self.message}
        headers = {"Content-Type": "application/x-amz-json-1.0", **self.headers}
        return Answer(self.status, headers, json.dumps(said).encode())


class Cut(Fault):
    """The connection ends before the other side hears of the request."""

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        del ask
        return None


class Lost(Fault):
    """The other side does it, and the connection ends before its answer."""

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        ask()
        return None


class Stalled(Fault):
    """Nothing comes until the client gives up."""

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        raise NotImplementedError  # the server waits


@dataclass
class Meanwhile(Fault):
    """Something happens while the request is on its way; nothing is wrong with it."""

    happens: Callable[[], object]

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        self.happens()
        return ask()


@dataclass
class Shortened(Fault):
    """The answer's body ends after so many bytes, though its head promises all of it."""

    kept: int

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        whole = ask()
        promised = {"Content-Length": str(len(whole.body))}
        return Answer(whole.status, whole.headers | promised, whole.body[: self.kept])


@dataclass
class Altered(Fault):
    """A byte of the answer's body changes on the way."""

    offset: int

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        whole = ask()
        body = bytearray(whole.body)
        body[self.offset] ^= 1
        return Answer(whole.status, whole.headers, bytes(body))


def anything(asked: Asked) -> bool:
    """Every request."""
    del asked
    return True


def method(name: str, *parameters: str) -> Callable[[Asked], bool]:
    """Requests of this method whose query has just these parameters, SDK's own aside."""

    def fits(asked: Asked) -> bool:
        return asked.method == name and asked.query.keys() - {"x-id"} == set(parameters)

    return fits


class Edge:
    """A running proxy; requests meet the faults that were laid out for them, in that order."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self._lock = threading.Lock()
        self._faults: list[tuple[Callable[[Asked], bool], Fault]] = []
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def disturb(
        self, *faults: Fault, when: Callable[[Asked], bool] = anything, times: int = 1
    ) -> None:
        """Let the next requests that ``when`` names meet ``faults``, each ``times`` times."""
        with self._lock:
            self._faults.extend((when, fault) for fault in faults for _ in range(times))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    @property
    def unmet(self) -> list[Fault]:
        """The faults that no request has met yet."""
        return [fault for _, fault in self._faults]

    def count(self, when: Callable[[Asked], bool] = anything) -> int:
        """How many such requests came by."""
        return sum(map(when, self.asked))

    @contextmanager
    def running(self) -> Iterator[Edge]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _fault_for(self, asked: Asked) -> Fault | None:
        with self._lock:
            self.asked.append(asked)
            for number, (when, fault) in enumerate(self._faults):
                if when(asked):
                    del self._faults[number]
                    return fault
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        edge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                self.close_connection = True  # one request a connection: a cut hits one alone
                url = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = parse_qs(url.query, keep_blank_values=True)
                body = self.rfile.read(int(headers.get("content-length", 0)))
                fault = edge._fault_for(Asked(self.command, url.path, query, headers))

                def ask() -> Answer:
                    return edge._ask(self.command, self.path, body, headers)

                if isinstance(fault, Stalled):
                    select.select([self.connection], [], [], SECONDS_TO_ANSWER)
                    return
                answer = fault.answer(ask) if fault else ask()
                if answer is not None:
                    self._send(answer)

            def _send(self, answer: Answer) -> None:
                self.send_response_only(answer.status)
                headers = {"Content-Length": str(len(answer.body))} | answer.headers
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(answer.body)

            do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = _pass_on  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _ask(self, command: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection(self._target, timeout=SECONDS_TO_ANSWER)
        try:
            passed = {name: value for name, value in headers.items() if name != "expect"}
            connection.request(command, path, body, passed)
            response = connection.getresponse()
            content = response.read()
            return Answer(response.status, _headers(command, response), content)
        finally:
            connection.close()


def _headers(command: str, response: HTTPResponse) -> dict[str, str]:
    kept = {name: value for name, value in response.getheaders() if name.lower() not in _OUR_OWN}
    length = response.getheader("Content-Length")
    return kept | ({"Content-Length": length} if command == "HEAD" and length else {})

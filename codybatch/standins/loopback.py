"""A small HTTP/1.1 server on 127.0.0.1 that streams, and that can break off on purpose."""

from __future__ import annotations

import contextlib
import gzip
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Self
from urllib.parse import parse_qs, unquote, urlsplit

BLOCK = 65_536
LONGEST_LINE = 65_536
# A thread whose connection is broken ends at its next read or write.
SECONDS_TO_LEAVE = 5.0


class ConnectionCut(Exception):
    """The answer stops here: the connection is to be broken off without an end."""


class BodyTooShort(Exception):
    """The client went away, or framed its body wrongly, before the request was whole."""


@dataclass(frozen=True)
class Request:
    """One HTTP request whose body has arrived in full.

    Arguments:
        method: in capitals.
        path: decoded, without the query.
        query_string: as sent, still encoded.
        headers: names in lower case.
        body: the body after chunked framing is undone, before content encoding is undone.
    """

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: IO[bytes]

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of one sent twice the last value."""
        return {name: values[-1] for name, values in parse_qs(self.query_string, True).items()}

    def read(self) -> bytes:
        """Return the whole body with gzip undone."""
        self.body.seek(0)
        content = self.body.read()
        encoding = self.headers.get("content-encoding", "")
        return gzip.decompress(content) if encoding in {"gzip", "x-gzip"} else content


@dataclass
class Answer:
    """What is sent back: a body known in full, or blocks sent as they come."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""

    def complete(self) -> bytes:
        """Take every block now, so that whatever makes them has done its work."""
        if not isinstance(self.body, bytes):
            self.body = b"".join(self.body)
        return self.body


# Asked for each request, from many threads at once; raises `ConnectionCut` to break off before
# the first byte.
Application = Callable[[Request], Answer]


class LoopbackServer:
    """Serve an application on 127.0.0.1 with a thread a connection, from entering to leaving.

    Arguments:
        application: answers the requests.
        port: 0 lets the system choose.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, application: Application, port: int = 0) -> None:
        self._http = _HttpServer(("127.0.0.1", port), application)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """The port in use, known as soon as the server exists."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The server's address without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and break off the connections that are still open."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.break_connections()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _HttpServer(ThreadingHTTPServer):
    """Knows its application and its open connections."""

    daemon_threads = True
    # Workers of a hundred jobs may connect in the same moment.
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], application: Application) -> None:
        super().__init__(address, _Handler)
        self.application = application
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()

    def process_request_thread(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)  # noqa: S101 - narrows a wider declared type
        with self._lock:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)

    def break_connections(self) -> None:
        with self._lock:
            connections = dict(self._open)
        for connection in connections:
            _shut(connection)
        for thread in connections.values():
            thread.join(SECONDS_TO_LEAVE)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away; anything else is a fault of the stand-in."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """Frames requests and answers; the application never sees the socket."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet, and at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _HttpServer

    def _exchange(self) -> None:
        with tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024) as body:
            try:
                self._receive(body)
            except BodyTooShort:
                self.close_connection = True
                return
            self._send_or_cut(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _exchange  # noqa: N815

    def _send_or_cut(self, body: IO[bytes]) -> None:
        try:
            self._send(self.server.application(self._request(body)))
            self.wfile.flush()
        except ConnectionCut:
            self.close_connection = True
            self._cut()
        except ConnectionError:
            self.close_connection = True

    def _request(self, body: IO[bytes]) -> Request:
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, unquote(target.path), target.query, headers, body)

    def _receive(self, body: IO[bytes]) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            blocks = self._chunks()
        else:
            blocks = self._exactly(int(self.headers.get("Content-Length") or 0))
        for block in blocks:
            body.write(block)
        body.seek(0)

    def _exactly(self, length: int) -> Iterator[bytes]:
        while length > 0:
            block = self.rfile.read(min(BLOCK, length))
            if not block:
                raise BodyTooShort
            length -= len(block)
            yield block

    def _chunks(self) -> Iterator[bytes]:
        """Undo chunked framing (RFC 9112 section 7.1), trailers included."""
        while length := self._chunk_length():
            yield from self._exactly(length)
            self.rfile.readline(LONGEST_LINE)
        while self.rfile.readline(LONGEST_LINE) not in {b"\r\n", b"\n", b""}:
            pass

    def _chunk_length(self) -> int:
        try:
            return int(self.rfile.readline(LONGEST_LINE).split(b";")[0], 16)
        except ValueError as error:
            raise BodyTooShort from error

    def _send(self, answer: Answer) -> None:
        if isinstance(answer.body, bytes):
            self._head(answer, {"Content-Length": str(len(answer.body))})
            self._write(answer.body)
            return
        blocks = iter(answer.body)
        # The first block is asked for before the head is sent: a cut at byte 0 sends nothing.
        first = next(blocks, b"")
        self._head(answer, {"Transfer-Encoding": "chunked"})
        self._write_chunk(first)
        for block in blocks:
            self._write_chunk(block)
        self._write(b"0\r\n\r\n")

    def _head(self, answer: Answer, framing: dict[str, str]) -> None:
        self.send_response(answer.status, _phrase(answer.status))
        has_no_body = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        for name, value in {**answer.headers, **({} if has_no_body else framing)}.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, block: bytes) -> None:
        if self.command != "HEAD":
            self.wfile.write(block)

    def _write_chunk(self, block: bytes) -> None:
        if block:
            self._write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
            self.wfile.flush()

    def _cut(self) -> None:
        self.wfile.flush()
        _shut(self.connection)

    def version_string(self) -> str:
        """Name the server as what it is."""
        return "codybatch-standin"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent: what was asked is recorded by the application."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the peer may be faster
        connection.shutdown(socket.SHUT_RDWR)

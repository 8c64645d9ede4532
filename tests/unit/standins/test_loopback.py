"""The HTTP server below the stand-ins."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from codybatch.standins.loopback import Answer, ConnectionCut, LoopbackServer, Request

Application = Callable[[Request], Answer]


@contextmanager
def connected(application: Application) -> Iterator[http.client.HTTPConnection]:
    with (
        LoopbackServer(application) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection,
    ):
        yield connection


def test_the_application_sees_the_decoded_request() -> None:
    seen: list[Request] = []

    def application(request: Request) -> Answer:
        seen.append(request)
        return Answer(201, {"X-Made": "yes"}, request.read())

    with connected(application) as connection:
        connection.request("POST", "/a%20b?x=1&x=2&y=", b"content", {"X-Some": "Value"})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("x-made"), answer.read()) == (
            201,
            "yes",
            b"content",
        )

    assert (seen[0].method, seen[0].path) == ("POST", "/a b")
    assert seen[0].query == {"x": "2", "y": ""}
    assert seen[0].headers["x-some"] == "Value"


def test_a_chunked_body_arrives_whole() -> None:
    with connected(lambda request: Answer(body=request.read())) as connection:
        connection.request("POST", "/", iter([b"one ", b"two"]), encode_chunked=True)
        assert connection.getresponse().read() == b"one two"


def test_a_connection_serves_many_requests() -> None:
    with connected(lambda request: Answer(body=iter([request.path.encode(), b"!"]))) as connection:
        for number in range(3):
            connection.request("GET", f"/{number}")
            assert connection.getresponse().read() == f"/{number}!".encode()


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_body_leaves_the_connection_usable(status: int) -> None:
    with connected(lambda _: Answer(status)) as connection:
        for _ in range(2):
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (status, b"")


def test_a_head_request_gets_no_body() -> None:
    with connected(lambda _: Answer(body=b"abc")) as connection:
        for _ in range(2):
            connection.request("HEAD", "/")
            answer = connection.getresponse()
            assert (answer.getheader("content-length"), answer.read()) == ("3", b"")


def test_a_cut_before_the_first_byte_sends_nothing() -> None:
    def application(_: Request) -> Answer:
        raise ConnectionCut

    with connected(application) as connection:
        connection.request("GET", "/")
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()


def test_a_cut_in_the_body_delivers_what_came_before() -> None:
    def body() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionCut

    with connected(lambda _: Answer(body=body())) as connection:
        connection.request("GET", "/")
        with pytest.raises(http.client.IncompleteRead) as broken:
            connection.getresponse().read()
        assert broken.value.partial == b"half"


def test_a_client_that_leaves_in_the_middle_of_its_request_is_not_served() -> None:
    seen: list[Request] = []

    def application(request: Request) -> Answer:
        seen.append(request)
        return Answer()

    with (
        LoopbackServer(application) as server,
        socket.create_connection(("127.0.0.1", server.port)) as client,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""

    assert seen == []


def test_stopping_breaks_idle_connections() -> None:
    with LoopbackServer(lambda _: Answer()) as server:
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")

    with client:
        assert client.recv(1) == b""


def test_the_server_listens_on_loopback_alone() -> None:
    with LoopbackServer(lambda _: Answer()) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server._http.socket.getsockname()[0] == "127.0.0.1"

"""Breaking off wherever the work waits, silence, and what the environment may not change."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as ThreadEvent

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.clock import SystemClock
from codybatch.domain.errors import ModelInterrupted, ModelRejectedRequest
from codybatch.ports.model import RetryNotice
from codybatch.standins.anthropic import DEMONSTRATION_KEY, AnthropicStandin, Fault
from codybatch.standins.anthropic.stream import event
from codybatch.standins.loopback import Answer, Request
from tests.claude_kit import STREAM, HandClock, Heard, connected, request, serving, whole

PROMPTLY = 3.0


def ask(client: AnthropicClient, abort: ThreadEvent | None = None) -> str:
    return client.reply(request(), abort or ThreadEvent(), Heard()).stop_reason


@contextmanager
def aborted_once(held: Callable[[], object]) -> Iterator[ThreadEvent]:
    """An abort that is set as soon as ``held`` returns; what follows it must be prompt."""
    abort = ThreadEvent()
    moment: list[float] = []

    def watch() -> None:
        held()
        moment.append(time.monotonic())
        abort.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield abort
    took = time.monotonic() - moment[0]
    watcher.join()
    assert took < PROMPTLY


# --- breaking off ------------------------------------------------------------------------------


@pytest.mark.parametrize("after_events", [0, 1, 6])
def test_an_abort_ends_the_waiting_for_a_reply_at_once(
    client: AnthropicClient, standin: AnthropicStandin, after_events: int
) -> None:
    standin.faults.add(Fault(kind="hold", after_events=after_events, gate="stuck"))
    with (
        aborted_once(lambda: standin.gates.wait_until_held("stuck")) as abort,
        pytest.raises(ModelInterrupted, match="aborted"),
    ):
        ask(client, abort)


def test_an_abort_before_the_reply_began_has_cost_nothing(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    standin.faults.add(Fault(kind="hold", after_events=0, gate="stuck"))
    with (
        aborted_once(lambda: standin.gates.wait_until_held("stuck")) as abort,
        pytest.raises(ModelInterrupted) as interrupted,
    ):
        ask(client, abort)
    assert not interrupted.value.may_have_been_paid


def test_an_abort_inside_a_reply_may_have_cost_something(clock: HandClock) -> None:
    read, over = ThreadEvent(), ThreadEvent()

    def begin(_request: Request) -> Answer:
        def blocks() -> Iterator[bytes]:
            yield whole().partition(b"event: content_block_start")[0]
            # More than fits between us and the client: once it is gone, the beginning was read.
            for _ in range(500):
                yield b": " + b"x" * 65_536 + b"\n\n"
            read.set()
            over.wait(20)

        return Answer(200, STREAM, blocks())

    with serving(begin) as server, connected(server.url, clock) as client:
        with (
            aborted_once(lambda: read.wait(20)) as abort,
            pytest.raises(ModelInterrupted) as interrupted,
        ):
            ask(client, abort)
        over.set()
    assert interrupted.value.may_have_been_paid


def test_an_abort_closes_the_connection(clock: HandClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        accepted: list[socket.socket] = []

        def accept() -> None:
            accepted.append(listening.accept()[0])
            accepted[0].settimeout(10)
            assert accepted[0].recv(10)

        with connected(url, clock) as client:
            with aborted_once(accept) as abort, pytest.raises(ModelInterrupted):
                ask(client, abort)
            while accepted[0].recv(65_536):
                pass  # the rest of the request, and then the end: the client has hung up
        accepted[0].close()


@pytest.mark.skipif(sys.platform != "linux", reason="how a full queue is met differs by system")
def test_an_abort_ends_the_waiting_for_a_connection_at_once(clock: HandClock) -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as deaf,
        queued_at(deaf, 4) as queue,
        connected(f"http://127.0.0.1:{deaf.getsockname()[1]}", clock) as client,
        aborted_once(lambda: wait_for_a_knock(deaf, queue)) as abort,
        pytest.raises(ModelInterrupted, match="aborted") as interrupted,
    ):
        ask(client, abort)
    assert not interrupted.value.may_have_been_paid


@contextmanager
def queued_at(deaf: socket.socket, count: int) -> Iterator[set[int]]:
    """Fill the queue of a socket that never accepts, so that nobody else gets through; gives the
    ports of those in the queue.
    """
    waiting = [socket.socket() for _ in range(count)]
    for each in waiting:
        each.setblocking(False)
        each.connect_ex(deaf.getsockname())
    yield {each.getsockname()[1] for each in waiting}
    for each in waiting:
        each.close()


def wait_for_a_knock(deaf: socket.socket, queue: set[int]) -> None:
    """Wait until somebody who is not in the queue tries to connect in vain."""
    port = deaf.getsockname()[1]
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        for each in psutil.Process().net_connections("tcp4"):
            knocks = each.status == "SYN_SENT" and getattr(each.raddr, "port", None) == port
            if knocks and each.laddr.port not in queue:
                return
    raise AssertionError("nobody tried to connect")


def test_an_abort_that_came_first_asks_for_nothing(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    abort = ThreadEvent()
    abort.set()
    with pytest.raises(ModelInterrupted) as interrupted:
        ask(client, abort)
    assert not interrupted.value.may_have_been_paid
    assert standin.exchanges == []


def test_an_abort_ends_the_waiting_between_tries_at_once(standin: AnthropicStandin) -> None:
    standin.faults.add(Fault(kind="answer", status=529, retry_after=50))
    told, abort = ThreadEvent(), ThreadEvent()

    def listen(_notice: RetryNotice) -> None:
        told.set()
        threading.Thread(target=abort.set).start()

    began = time.monotonic()
    with (
        connected(standin.url, SystemClock()) as client,
        pytest.raises(ModelInterrupted, match="aborted"),
    ):
        client.reply(request(), abort, listen)
    assert told.is_set()
    assert time.monotonic() - began < 10


def test_after_an_abort_the_client_goes_on(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    standin.faults.add(Fault(kind="hold", after_events=3, gate="stuck"))
    with (
        aborted_once(lambda: standin.gates.wait_until_held("stuck")) as abort,
        pytest.raises(ModelInterrupted),
    ):
        ask(client, abort)
    assert ask(client) == "tool_use"


def test_closing_ends_what_is_under_way(client: AnthropicClient, standin: AnthropicStandin) -> None:
    standin.faults.add(Fault(kind="hold", after_events=3, gate="stuck"))
    ended: list[ModelInterrupted] = []

    def wait() -> None:
        with pytest.raises(ModelInterrupted) as interrupted:
            ask(client)
        ended.append(interrupted.value)

    asking = threading.Thread(target=wait)
    asking.start()
    assert standin.gates.wait_until_held("stuck")
    client.close()
    asking.join(timeout=10)
    assert not asking.is_alive()
    assert len(ended) == 1


# --- silence -----------------------------------------------------------------------------------


@pytest.mark.parametrize("after_events", [0, 4])
def test_a_silent_connection_counts_as_cut(
    standin: AnthropicStandin, clock: HandClock, after_events: int
) -> None:
    heard = Heard()
    standin.faults.add(Fault(kind="hold", after_events=after_events, gate="silent"))
    with connected(standin.url, clock, silence_seconds=0.6) as client:
        reply = client.reply(request(), ThreadEvent(), heard)
    assert reply.stop_reason == "tool_use"
    assert heard.reasons == ["nothing was heard from the service for too long"]
    assert heard.notices[0].may_have_been_paid


def test_pings_keep_a_slow_reply_alive(clock: HandClock) -> None:
    pause = ThreadEvent()

    def slowly(_request: Request) -> Answer:
        def blocks() -> Iterator[bytes]:
            for _ in range(8):
                pause.wait(0.1)
                yield event("ping", {})
            yield whole()

        return Answer(200, STREAM, blocks())

    with serving(slowly) as server, connected(server.url, clock, silence_seconds=0.6) as client:
        assert ask(client) == "end_turn"
    assert clock.waited == []


# --- the environment ---------------------------------------------------------------------------

HOSTILE = {
    "ANTHROPIC_API_KEY": "sk-of-the-environment",
    "ANTHROPIC_AUTH_TOKEN": "token-of-the-environment",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "ANTHROPIC_CUSTOM_HEADERS": (
        "Authorization: Bearer evil\nX-Api-Key: evil\nX-Evil: 1\nAnthropic-Beta: evil-2026\n"
        "Anthropic-Version: 1999-01-01\nUser-Agent: evil"
    ),
    "ANTHROPIC_PROFILE": "evil",
    "ANTHROPIC_LOG": "debug",
    "ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content",
    "ANTHROPIC_IDENTITY_TOKEN": "evil",
    "ANTHROPIC_FEDERATION_RULE_ID": "evil",
    "ANTHROPIC_ORGANIZATION_ID": "evil",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "no_proxy": "",
    "SSL_CERT_FILE": "/nonexistent",
}


def write_profile(folder: Path) -> None:
    """A profile on disk, as the SDK discovers it."""
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "evil.json").write_text(
        json.dumps({"base_url": "http://127.0.0.1:9", "workspace_id": "evil"})
    )
    (folder / "active_config").write_text("evil")


def test_only_what_is_given_is_used_whatever_the_environment_says(
    standin: AnthropicStandin, tmp_path: Path
) -> None:
    write_profile(tmp_path)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login evil password evil")
    program = f"""
import threading
from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.clock import SystemClock
from tests.claude_kit import Heard, request
client = AnthropicClient({DEMONSTRATION_KEY!r}, {standin.url!r}, SystemClock(), PriceBook())
print(client.reply(request(), threading.Event(), Heard()).stop_reason)
client.close()
"""
    environment = {
        **os.environ,
        **HOSTILE,
        "HOME": str(tmp_path),
        "ANTHROPIC_CONFIG_DIR": str(tmp_path),
    }
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "tool_use"
    # A debug line of the SDK would hold the whole prompt.
    assert "Look into" not in run.stderr
    (exchange,) = standin.exchanges
    assert exchange.status == 200
    assert "evil" not in json.dumps(exchange.headers)


def test_headers_name_the_sdk_and_nothing_of_the_environment(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    ask(client)
    sent = {name for name in standin.exchanges[0].headers if not name.startswith("x-stainless-")}
    assert sent == {
        "accept",
        "accept-encoding",
        "anthropic-version",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }


def test_the_systems_proxy_is_used_where_that_is_asked_for(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def refuse(request: Request) -> Answer:
        seen.append(request.headers["host"])
        return Answer(407)

    with serving(refuse) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with (
            connected("http://api.example", clock, use_system_proxy=True) as client,
            pytest.raises(ModelRejectedRequest, match="status 407"),
        ):
            ask(client)
    assert seen == ["api.example"]


def test_a_redirect_carries_the_conversation_nowhere(clock: HandClock) -> None:
    reached: list[str] = []

    def note(request: Request) -> Answer:
        reached.append(request.path)
        return Answer()

    with (
        serving(note) as elsewhere,
        serving(lambda _: Answer(307, {"location": elsewhere.url})) as server,
        connected(server.url, clock) as client,
        pytest.raises(ModelRejectedRequest),
    ):
        ask(client)
    assert reached == []


def test_a_service_that_nobody_vouches_for_gets_no_request(
    clock: HandClock, tmp_path: Path
) -> None:
    received: list[bytes] = []
    with (
        encrypted_by_nobody(tmp_path, received) as url,
        connected(url, clock) as client,
        pytest.raises(ModelRejectedRequest, match="certificate of the model's service"),
    ):
        ask(client)
    assert received == []
    assert clock.waited == []


@contextmanager
def encrypted_by_nobody(folder: Path, received: list[bytes]) -> Iterator[str]:
    """A server whose certificate it signed itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listening.accept()
            with connection, context.wrap_socket(connection, server_side=True) as encrypted:
                received.append(encrypted.recv(10))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve)
        server.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        server.join(timeout=10)


def self_signed(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return pem


def test_the_key_is_in_no_log(
    standin: AnthropicStandin, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), connected(standin.url, clock) as client:
        ask(client)
    assert DEMONSTRATION_KEY not in caplog.text
    assert "Look into" not in caplog.text


def test_the_client_keeps_its_address_with_a_path(clock: HandClock) -> None:
    paths: list[str] = []

    def note(request: Request) -> Answer:
        paths.append(request.path)
        return Answer(404)

    with serving(note) as server:
        for base in (f"{server.url}/gateway", f"{server.url}/gateway/"):
            client = AnthropicClient("key", base, clock, PriceBook())
            with pytest.raises(ModelRejectedRequest):
                ask(client)
            client.close()
    assert paths == ["/gateway/v1/messages"] * 2

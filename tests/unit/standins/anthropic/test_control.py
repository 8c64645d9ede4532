from __future__ import annotations

import http.client
import json
import threading
from typing import Any

import anthropic
import pytest

from codybatch.standins.anthropic import DEMONSTRATION_KEY, AnthropicStandin
from tests.unit.standins.anthropic.chat import Chat


def call(standin: AnthropicStandin, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", standin.port, timeout=10)
    try:
        connection.request(method, f"/_standin/{path}", None if body is None else json.dumps(body))
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    is_json = answer.headers["content-type"] == "application/json"
    return json.loads(content) if is_json else content


def test_another_process_can_let_things_go_wrong(standin: AnthropicStandin, chat: Chat) -> None:
    faults = [{"kind": "answer", "status": 429, "retry_after": 1}]

    pending = call(standin, "POST", "faults", faults)

    assert [fault["status"] for fault in pending] == [429]
    with pytest.raises(anthropic.RateLimitError):
        chat.ask()
    assert call(standin, "GET", "faults") == []


def test_faults_can_be_forgotten(standin: AnthropicStandin, chat: Chat) -> None:
    call(standin, "POST", "faults", [{"kind": "cut"}])

    assert call(standin, "DELETE", "faults") == []
    assert chat.ask().content


@pytest.mark.parametrize("body", [[{"kind": "flood"}], [{"kind": "cut", "often": 1}], {}, "x"])
def test_a_fault_that_is_none_is_refused(standin: AnthropicStandin, body: object) -> None:
    assert call(standin, "POST", "faults", body)["error"]["type"] == "invalid_request_error"


def test_another_process_sees_what_was_asked(standin: AnthropicStandin, chat: Chat) -> None:
    chat.turn()
    chat.turn()

    first, second = call(standin, "GET", "requests")
    body = call(standin, "GET", f"requests/{second['number']}/body")

    assert (first["turn"], second["turn"]) == (0, 1)
    assert second["stop_reason"] == "tool_use"
    assert second["usage"]["cache_read_input_tokens"] > 0
    assert body == standin.requests[1].body
    assert second["body_bytes"] == len(body)


def test_another_process_can_wait_for_a_request(standin: AnthropicStandin, chat: Chat) -> None:
    seen: list[Any] = []
    waiting = threading.Thread(target=lambda: seen.append(call(standin, "GET", "requests?after=0")))
    waiting.start()
    chat.ask()
    waiting.join(10)

    assert [exchange["path"] for exchange in seen[0]] == ["/v1/messages"]


def test_another_process_opens_gates(standin: AnthropicStandin, chat: Chat) -> None:
    call(standin, "POST", "faults", [{"kind": "hold", "gate": "g"}])
    replies: list[Any] = []
    thread = threading.Thread(target=lambda: replies.append(chat.ask()))
    thread.start()
    assert standin.gates.wait_until_held("g")

    assert call(standin, "GET", "gates") == {"g": 1}
    call(standin, "POST", "gates", {"open": "g"})
    thread.join(10)

    assert replies[0].content


def test_another_process_revokes_and_admits_keys(standin: AnthropicStandin, chat: Chat) -> None:
    call(standin, "POST", "keys", {"revoke": DEMONSTRATION_KEY})
    with pytest.raises(anthropic.AuthenticationError):
        chat.ask()

    call(standin, "POST", "keys", {"admit": DEMONSTRATION_KEY})
    assert chat.ask().content


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "nothing", None),
        ("GET", "requests/7/body", None),
        ("GET", "requests?after=x", None),
        ("POST", "gates", {"lift": "g"}),
        ("POST", "keys", ["x"]),
    ],
)
def test_what_makes_no_sense_is_refused(
    standin: AnthropicStandin, method: str, path: str, body: object
) -> None:
    assert call(standin, method, path, body)["type"] == "error"

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from itertools import pairwise
from typing import Any

import anthropic
import httpx2
import pytest

from codybatch.standins.anthropic import (
    DEMONSTRATION_KEY,
    AnthropicStandin,
    Fault,
    Script,
    text,
    thinking,
    tool_use,
)
from tests.unit.standins.anthropic.chat import READ_FILE, Chat, sdk


def test_a_streamed_reply_is_the_models_reply(chat: Chat) -> None:
    reply = chat.ask()

    assert [block.type for block in reply.content] == ["thinking", "tool_use"]
    assert reply.content[0].thinking == "I read on."  # type: ignore[union-attr]
    assert reply.content[1].input == {"path": "a.py"}  # type: ignore[union-attr]
    assert reply.stop_reason == "tool_use"
    assert reply.model == "claude-sonnet-5-5"


def test_the_whole_reply_at_once_is_the_same(chat: Chat) -> None:
    at_once = chat.ask_at_once()
    streamed = chat.ask()

    assert at_once.stop_reason == streamed.stop_reason
    assert at_once.usage.output_tokens == streamed.usage.output_tokens
    assert [block.type for block in at_once.content] == [block.type for block in streamed.content]


def test_long_words_and_inputs_arrive_whole() -> None:
    words, path = 'Größe & "quotes"\n' * 900, "päth/" * 2000
    brain = Script([[thinking(words), text(words), tool_use("read_file", {"path": path})]])
    with AnthropicStandin(brain) as standin, sdk(standin) as client:
        reply = Chat(client).ask(max_tokens=50_000)

    thought, said, call = (block.to_dict() for block in reply.content)
    assert thought["thinking"] == words
    assert said["text"] == words
    assert call["input"] == {"path": path}


def test_every_answer_has_its_own_request_id_and_the_limits(chat: Chat) -> None:
    answers = [chat.client.messages.with_raw_response.create(**chat.request()) for _ in range(2)]

    ids = [answer.headers["request-id"] for answer in answers]
    assert len(set(ids)) == 2
    assert answers[0].headers["anthropic-ratelimit-requests-remaining"].isdigit()
    assert answers[0].headers["anthropic-ratelimit-input-tokens-reset"].endswith("Z")


def test_the_same_request_sent_again_gets_other_ids(chat: Chat) -> None:
    one, two = chat.ask(), chat.ask()

    assert one.id != two.id
    assert one.content[1].id != two.content[1].id  # type: ignore[union-attr]


def test_requests_are_recorded_byte_for_byte_and_only_grow(standin: AnthropicStandin) -> None:
    sent: list[bytes] = []
    hooks = {"request": [lambda request: sent.append(request.read())]}
    with httpx2.Client(event_hooks=hooks) as http, sdk(standin, http_client=http) as client:
        chat = Chat(client)
        for _ in range(4):
            chat.turn("größer")

    bodies = [exchange.body for exchange in standin.requests]
    messages = [body.split(b'],"model":')[0] for body in bodies]
    assert bodies == sent
    assert all(later.startswith(earlier) for earlier, later in pairwise(messages))
    assert [exchange.turn for exchange in standin.requests] == [0, 1, 2, 3]
    assert standin.requests[-1].json["messages"] == chat.messages[:-2]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "x-api-key header is required"),
        ({"x-api-key": "sk-ant-real"}, "invalid x-api-key"),
        ({"authorization": "Bearer sk-ant-real"}, "invalid x-api-key"),
    ],
)
def test_no_key_and_a_wrong_key_are_refused(
    standin: AnthropicStandin, headers: dict[str, str], message: str
) -> None:
    status, body = post(standin, {}, {"anthropic-version": "2023-06-01", **headers})

    assert status == 401
    assert body["error"] == {"type": "authentication_error", "message": message}
    assert body["type"] == "error"
    assert body["request_id"]


def test_a_revoked_key_is_refused_and_the_sdk_knows_it(
    standin: AnthropicStandin, chat: Chat
) -> None:
    chat.ask()
    standin.service.revoke(DEMONSTRATION_KEY)

    with pytest.raises(anthropic.AuthenticationError) as caught:
        chat.ask()

    assert caught.value.type == "authentication_error"
    assert caught.value.request_id == standin.exchanges[-1].request_id


def test_a_key_never_stands_in_what_is_recorded(standin: AnthropicStandin, chat: Chat) -> None:
    chat.ask()

    assert DEMONSTRATION_KEY not in str(standin.exchanges)


@pytest.mark.parametrize("version", [None, "2024-01-01"])
def test_a_request_names_a_known_version(standin: AnthropicStandin, version: str | None) -> None:
    headers = {"x-api-key": DEMONSTRATION_KEY}
    status, body = post(
        standin, {}, {**headers, **({"anthropic-version": version} if version else {})}
    )

    assert status == 400
    assert "anthropic-version" in body["error"]["message"]


def test_models_are_listed_and_described(client: anthropic.Anthropic) -> None:
    listed = [model.id for model in client.models.list()]
    model = client.models.retrieve("claude-opus-5-5")

    assert listed == ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"]
    assert "stand-in" in model.display_name
    assert model.max_input_tokens == 1_000_000
    assert model.max_tokens == 128_000
    assert model.capabilities is not None
    assert model.capabilities.thinking.types.adaptive.supported
    assert not model.capabilities.thinking.types.disabled.supported
    assert model.capabilities.effort.high.supported
    assert model.capabilities.structured_outputs.supported


def test_an_unknown_model_is_not_found(chat: Chat) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model: claude-none"):
        chat.ask(model="claude-none")
    with pytest.raises(anthropic.NotFoundError, match="model: claude-none"):
        chat.client.models.retrieve("claude-none")


def test_tokens_are_counted_as_they_are_charged(chat: Chat) -> None:
    counted = chat.client.messages.count_tokens(
        model="claude-sonnet-5-5",
        system=chat.settings["system"],
        tools=[READ_FILE],  # type: ignore[list-item]
        messages=chat.messages,  # type: ignore[arg-type]
    )
    usage = chat.ask().usage

    charged = usage.input_tokens + (usage.cache_creation_input_tokens or 0)
    assert counted.input_tokens == charged


def test_another_address_is_not_found(standin: AnthropicStandin) -> None:
    headers = {"x-api-key": DEMONSTRATION_KEY, "anthropic-version": "2026-10-21"}
    status, body = post(standin, {}, headers, path="/v1/complete")

    assert status == 404
    assert body["error"]["type"] == "not_found_error"


def test_five_conversations_at_once_do_not_mix(standin: AnthropicStandin) -> None:
    problems: list[BaseException] = []

    def hold(number: int) -> None:
        try:
            with sdk(standin) as client:
                chat = Chat(client, first=f"Repository {number}.")
                for turn in range(6):
                    chat.turn(f"result {number}.{turn}")
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert len(standin.requests) == 30


def test_stopping_lets_go_whoever_is_held() -> None:
    standin = AnthropicStandin(Script([[text("Hello.")]]))
    standin.faults.add(Fault(kind="hold"))
    standin.start()

    def ask() -> None:
        broken_off = contextlib.suppress(anthropic.APIConnectionError, httpx2.TransportError)
        with sdk(standin) as client, broken_off:
            Chat(client).ask()

    thread = threading.Thread(target=ask)
    thread.start()
    assert standin.gates.wait_until_held("gate")
    standin.stop()
    thread.join(10)

    assert not thread.is_alive()


def test_a_model_that_fails_is_told_apart_from_a_service_that_fails() -> None:
    def brain(_request: Any) -> Any:
        raise RuntimeError("no idea")

    refused = pytest.raises(anthropic.BadRequestError, match=r"its model failed.*no idea")
    with AnthropicStandin(brain) as standin, sdk(standin) as client, refused:
        Chat(client).ask()


def post(
    standin: AnthropicStandin,
    body: object,
    headers: dict[str, str],
    path: str = "/v1/messages",
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", standin.port, timeout=10)
    try:
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from codybatch.agent.conversation import (
    LOOK_BACK_BLOCKS,
    Conversation,
    assistant_message,
    sendable,
    to_bytes,
)
from codybatch.agent.tokens import tokens_at_most
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.domain.threads import ConversationHeader

HEADER = ConversationHeader(
    model="claude-x",
    system=[{"type": "text", "text": "Be careful. Größe: ä", "zebra": 1, "apple": 2}],
    tools=[{"name": "grep"}],
    first_message={"role": "user", "content": [{"type": "text", "text": "Do it."}]},
    parameters={"cache_control": {"type": "ephemeral"}},
    max_tokens=32_000,
    prompt_version="change-1",
    base_tree="0" * 64,
)


def begun() -> Conversation:
    return Conversation.from_bytes(1, HEADER.to_json().encode())


def reply(calls: int, number: int = 0) -> JsonObject:
    blocks: list[JsonObject] = [{"type": "thinking", "thinking": "…", "signature": "s"}]
    blocks += [
        {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": "grep", "input": {}}
        for index in range(calls)
    ]
    return {"content": blocks, "usage": {"input_tokens": 1}}


def grow(conversation: Conversation, calls: int, number: int = 0) -> None:
    received = reply(calls, number)
    conversation.append_reply(assistant_message(received), to_bytes(received))
    blocks = [
        {"type": "tool_result", "tool_use_id": f"toolu_{number}_{index}", "content": "x"}
        for index in range(calls)
    ]
    message = {"role": "user", "content": blocks}
    conversation.append_results(message, to_bytes(message))


def sent(conversation: Conversation) -> bytes:
    request = conversation.request(1000)
    parts: list[Any] = [request.system, request.tools, *request.messages]
    return b"".join(to_bytes(part) for part in parts)


def test_each_request_begins_with_the_bytes_of_the_one_before() -> None:
    conversation = begun()
    earlier = sent(conversation)
    for number in range(10):
        grow(conversation, calls=2, number=number)
        now = sent(conversation)
        assert now.startswith(earlier)
        assert len(now) > len(earlier)
        earlier = now


def test_a_header_that_was_read_back_is_sent_byte_for_byte() -> None:
    conversation = begun()
    again = Conversation.from_bytes(1, HEADER.to_json().encode())

    assert sent(again) == sent(conversation)
    assert to_bytes(conversation.request(1).system) == to_bytes(HEADER.system)
    assert list(conversation.request(1).system[0]) == ["type", "text", "zebra", "apple"]


def test_the_digest_names_the_messages_and_the_length_of_the_reply() -> None:
    one, other = begun(), begun()
    assert one.request_sha256(1000) == other.request_sha256(1000)
    assert one.request_sha256(1000) != one.request_sha256(2000)

    grow(one, calls=1)
    assert one.request_sha256(1000) != other.request_sha256(1000)
    grow(other, calls=1)
    assert one.request_sha256(1000) == other.request_sha256(1000)


def test_received_blocks_are_kept_as_they_are() -> None:
    received = {
        "content": [
            {"type": "thinking", "thinking": "", "signature": "Zm9v", "from_the_future": [1, None]},
            {"type": "tool_use", "id": "toolu_1", "name": "x", "input": {"b": 1, "a": "ü"}},
        ]
    }
    before = copy.deepcopy(received)

    assert assistant_message(received)["content"] == before["content"]
    assert json.dumps(assistant_message(received)["content"]) == json.dumps(before["content"])


def test_blank_text_is_not_sent_back_because_the_service_refuses_it() -> None:
    received = {"content": [{"type": "text", "text": " \n"}, {"type": "text", "text": "Hm."}]}

    assert assistant_message(received)["content"] == [{"type": "text", "text": "Hm."}]


def test_a_turn_of_many_blocks_gets_a_cache_marker_where_it_began() -> None:
    conversation = begun()
    grow(conversation, calls=1, number=0)
    grow(conversation, calls=LOOK_BACK_BLOCKS, number=1)

    messages = conversation.request(1000).messages
    marked = [
        (place, block["tool_use_id"])
        for place, message in enumerate(messages)
        for block in message["content"]
        if "cache_control" in block
    ]
    assert marked == [(2, "toolu_0_0")]
    assert "cache_control" not in json.dumps(conversation.messages)


def test_a_short_turn_needs_no_marker_and_an_old_marker_is_gone() -> None:
    conversation = begun()
    grow(conversation, calls=LOOK_BACK_BLOCKS, number=0)
    assert "cache_control" in json.dumps(conversation.request(1000).messages)

    grow(conversation, calls=2, number=1)
    assert "cache_control" not in json.dumps(conversation.request(1000).messages)


def test_the_length_is_what_the_service_counted_and_a_guess_for_the_rest() -> None:
    conversation = begun()
    assert conversation.context_tokens == tokens_at_most(HEADER.to_json().encode())

    received = reply(calls=1)
    conversation.append_reply(assistant_message(received), to_bytes(received))
    conversation.count(Usage(input_tokens=10, cache_read_tokens=990, output_tokens=50), True)
    assert conversation.context_tokens == 1050

    message = {"role": "user", "content": [{"type": "text", "text": "x" * 300}]}
    conversation.append_results(message, to_bytes(message))
    assert 1125 < conversation.context_tokens < 1160


def test_a_reply_that_is_not_appended_does_not_count_as_length() -> None:
    conversation = begun()
    conversation.count(Usage(input_tokens=1000, output_tokens=32_000), appended=False)

    assert conversation.context_tokens == 1000


def test_call_ids_are_remembered() -> None:
    conversation = begun()
    grow(conversation, calls=1)

    assert conversation.knows_call("toolu_0_0")
    assert not conversation.knows_call("toolu_0_1")


def test_text_that_utf8_cannot_carry_is_escaped() -> None:
    assert sendable("a\udcffb") == "a\\udcffb"
    assert sendable("héllo 👋") == "héllo 👋"
    with pytest.raises(UnicodeEncodeError):
        to_bytes("a\udcffb")

from __future__ import annotations

import json

from codybatch.standins.anthropic.stream import message_events
from codybatch.standins.anthropic.wire import JsonObject

MESSAGE: JsonObject = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5-5",
    "content": [
        {"type": "thinking", "thinking": "I think.", "signature": "c2ln"},
        {"type": "tool_use", "id": "t1", "name": "read_file", "input": {"path": "ä\ud800"}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 9, "service_tier": "standard"},
}


def test_events_come_in_the_services_order() -> None:
    names = []
    for block in message_events(MESSAGE):
        head, data = block.decode("utf-8", "surrogatepass").removesuffix("\n\n").split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert head == f"event: {event['type']}"
        names.append(event.get("delta", {}).get("type") or event["type"])

    assert names == [
        "message_start",
        "ping",
        "content_block_start",
        "thinking_delta",
        "signature_delta",
        "content_block_stop",
        "content_block_start",
        "input_json_delta",
        "input_json_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_the_beginning_promises_nothing_of_the_end() -> None:
    first, *_, last_but_one, _ = message_events(MESSAGE)

    opening = json.loads(first.split(b"data: ")[1])["message"]
    ending = json.loads(last_but_one.split(b"data: ")[1])
    assert opening["stop_reason"] is None
    assert opening["content"] == []
    assert opening["usage"]["output_tokens"] == 1
    assert ending["delta"]["stop_reason"] == "tool_use"
    assert ending["usage"] == {"input_tokens": 3, "output_tokens": 9}


def test_a_refusal_says_what_it_is_about() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "No."}
    refused = {**MESSAGE, "content": [], "stop_reason": "refusal", "stop_details": details}

    first, *_, last_but_one, _ = message_events(refused)

    assert b"stop_details" not in first
    assert json.loads(last_but_one.split(b"data: ")[1])["delta"]["stop_details"] == details

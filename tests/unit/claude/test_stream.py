"""Streams that the stand-in never sends: garbled, odd, or saying more at their end."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event as ThreadEvent

import pytest

from codybatch.claude.client import AnthropicClient
from codybatch.domain.money import Usage
from codybatch.ports.model import ModelReply
from codybatch.standins.anthropic.stream import event
from codybatch.standins.loopback import Answer
from tests.claude_kit import STREAM, HandClock, Heard, connected, message, request, serving, whole


def ask(client: AnthropicClient, heard: Heard | None = None) -> ModelReply:
    return client.reply(request(), ThreadEvent(), heard or Heard())


def answered(clock: HandClock, *streams: bytes) -> tuple[ModelReply, Heard]:
    """The reply to one request, whose tries are answered with these streams in turn."""
    left = iter(streams)
    heard = Heard()
    with (
        serving(lambda _: Answer(200, STREAM, next(left))) as server,
        connected(server.url, clock) as client,
    ):
        reply = ask(client, heard)
    assert next(left, None) is None
    return reply, heard


def test_fields_that_the_sdk_does_not_know_are_kept_everywhere(clock: HandClock) -> None:
    block = {"type": "text", "text": "Done.", "novelty": {"deep": [1, None]}}
    reply, _ = answered(clock, whole(block, novelty="here", usage={"input_tokens": 1, "odd": 2}))
    assert reply.message["content"] == [block]
    assert reply.message["novelty"] == "here"
    assert reply.message["usage"]["odd"] == 2
    assert reply.request_id == "req_7"


def test_blocks_of_a_kind_that_the_sdk_does_not_know_are_kept(clock: HandClock) -> None:
    odd = {"type": "hologram", "angle": 7}
    start = {"index": 0, "content_block": odd}
    stream = whole().replace(
        event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        event("content_block_start", start) + event("content_block_stop", {"index": 0})
        + event("content_block_start", {"index": 1, "content_block": {"type": "text", "text": ""}}),
    ).replace(b'"index":0,"delta"', b'"index":1,"delta"')  # fmt: skip
    reply, _ = answered(clock, stream)
    assert reply.message["content"] == [odd, {"type": "text", "text": "Done."}]


def test_what_is_counted_at_the_end_alone_counts(clock: HandClock) -> None:
    compaction = {"type": "compaction", "input_tokens": 1_000_000, "output_tokens": 0}
    opening = event("message_start", {"message": message(content=[], stop_reason=None)})
    ending = event(
        "message_delta",
        {
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 5, "input_tokens": None, "iterations": [compaction]},
        },
    )
    reply, _ = answered(clock, opening + ending + event("message_stop", {}))
    assert reply.usage == Usage(input_tokens=1_000_010, output_tokens=5)
    assert reply.message["usage"]["iterations"] == [compaction]
    assert reply.cost_usd > 2


def test_pings_and_unknown_events_are_passed_over(clock: HandClock) -> None:
    noise = event("ping", {}) + b": a comment\n\n" + event("novelty", {"x": 1})
    stream = noise + whole().replace(
        b"event: content_block_stop", noise + b"event: content_block_stop"
    )
    reply, heard = answered(clock, stream)
    assert reply.message["content"] == [{"type": "text", "text": "Done."}]
    assert heard.notices == []


def test_a_stream_that_ends_behind_the_stop_reason_is_whole(clock: HandClock) -> None:
    stream = whole().removesuffix(event("message_stop", {}))
    reply, heard = answered(clock, stream)
    assert (reply.stop_reason, heard.notices) == ("end_turn", [])


def garbled() -> Iterator[tuple[str, bytes]]:
    start = event(
        "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
    )
    opening = event("message_start", {"message": message(content=[], stop_reason=None)})
    tool = {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {}}
    call = event("content_block_start", {"index": 0, "content_block": tool})

    def written(json: str) -> bytes:
        delta = {"type": "input_json_delta", "partial_json": json}
        return event("content_block_delta", {"index": 0, "delta": delta})

    ending = event(
        "message_delta",
        {
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"output_tokens": 5},
        },
    )
    yield "no JSON", opening + b"event: content_block_delta\ndata: {nonsense\n\n"
    yield "no UTF-8", opening + b"event: content_block_delta\ndata: \xff\xfe\n\n"
    yield "a second beginning", opening + start + event("message_delta", {})
    yield "a piece of a block that never began", opening + written("{}")
    yield "a call with broken input", opening + call + written('{"path": nonsense')
    yield "half of a surrogate pair", opening + call + written('{"path": "\\ud83d"}') + ending
    words = {"type": "text_delta", "text": "\ud83d"}
    piece = event("content_block_delta", {"index": 0, "delta": words})
    escaped = piece.decode("utf-8", "surrogatepass").encode("ascii", "backslashreplace")
    yield "half of a surrogate pair in words", opening + start + escaped + ending
    yield "an infinite number", opening + call + written('{"path": 1e999}') + ending


@pytest.mark.parametrize("stream", [pytest.param(stream, id=name) for name, stream in garbled()])
def test_a_garbled_reply_is_asked_for_again(clock: HandClock, stream: bytes) -> None:
    reply, heard = answered(clock, stream, whole())
    assert reply.message["content"] == [{"type": "text", "text": "Done."}]
    assert heard.reasons == ["the reply was garbled"]


def test_a_garbled_beginning_has_cost_nothing(clock: HandClock) -> None:
    _, heard = answered(clock, b"event: message_start\ndata: nonsense\n\n", whole())
    assert heard.reasons == ["the reply was garbled"]
    assert not heard.notices[0].may_have_been_paid


def test_a_garbled_end_may_have_been_paid(clock: HandClock) -> None:
    stream = whole().replace(b'"stop_reason":"end_turn"', b'"stop_reason":nonsense')
    _, heard = answered(clock, stream, whole())
    assert heard.notices[0].may_have_been_paid


def test_a_stream_broken_in_the_middle_of_a_character_is_asked_for_again(clock: HandClock) -> None:
    long = whole({"type": "text", "text": "é" * 1_000})
    cut = long[: long.rindex(b"\xc3") + 1]
    reply, heard = answered(clock, cut, long)
    assert reply.message["content"][0]["text"] == "é" * 1_000
    assert heard.reasons == ["the reply was garbled"]

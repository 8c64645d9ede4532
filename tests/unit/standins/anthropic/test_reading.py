from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.conversation import Conversation
from codybatch.standins.anthropic.models import CATALOGUE
from codybatch.standins.anthropic.prompt import Account, Prompt, read_prompt
from codybatch.standins.anthropic.reading import ReadRequest, RequestReader
from codybatch.standins.anthropic.wire import JsonObject

ACCOUNT = Account("org", b"key")
CARD = CATALOGUE["claude-sonnet-5-5"]


def prompt_of(body: JsonObject) -> Prompt:
    return read_prompt(body, CARD, ACCOUNT, frozenset())


def body_of(messages: list[JsonObject], **settings: Any) -> bytes:
    """As the SDK writes it."""
    request = {"max_tokens": 10, "messages": messages, "model": CARD.id, **settings}
    return json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode()


def read(reader: RequestReader, body: bytes) -> ReadRequest:
    return reader.read(body, "context", prompt_of)


def essence(conversation: Conversation) -> tuple[object, ...]:
    return (
        conversation.messages,
        conversation.digests,
        conversation.totals,
        conversation.markers,
        conversation.last,
    )


def user(*texts: str) -> JsonObject:
    return {"role": "user", "content": [{"type": "text", "text": text} for text in texts]}


MARKED = {
    "role": "user",
    "content": [{"type": "text", "text": "é", "cache_control": {"type": "ephemeral"}}],
}
MESSAGES = st.lists(
    st.sampled_from(
        [
            user("one"),
            user('größer ], "messages":['),
            user("a", "b\\"),
            {"role": "assistant", "content": "said\n\u2028"},
            MARKED,
        ]
    ),
    max_size=6,
)


@given(requests=st.lists(MESSAGES, max_size=6))
def test_however_much_is_remembered_a_request_is_read_the_same(
    requests: list[list[JsonObject]],
) -> None:
    reader = RequestReader()
    for number, later in enumerate(requests):
        messages = [user("first"), *later]
        system = "same" if number % 3 else "other"
        body = body_of(messages, system=system)

        known, fresh = read(reader, body), read(RequestReader(), body)
        whole = read(RequestReader(), json.dumps(json.loads(body)).encode())

        assert essence(known.conversation) == essence(fresh.conversation)
        assert essence(known.conversation) == essence(whole.conversation)
        assert known.body == json.loads(body) == whole.body
        assert known.recorded.read() == body


def test_a_grown_conversation_is_kept_as_what_was_added() -> None:
    reader = RequestReader()
    messages = [user("first " * 1000)]
    read(reader, body_of(messages))
    messages.append(user("second"))

    grown = read(reader, body_of(messages))

    assert len(grown.recorded.tail) < 200
    assert grown.recorded.read() == body_of(messages)


def test_what_is_known_is_not_checked_again() -> None:
    asked: list[JsonObject] = []

    def counting(body: JsonObject) -> Prompt:
        asked.append(body)
        return prompt_of(body)

    reader = RequestReader()
    messages = [user("first")]
    for _ in range(3):
        reader.read(body_of(messages), "context", counting)
        messages.append(user("more"))

    assert len(asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"max_tokens":1,"messages":[',
        b'{"max_tokens":1,"messages":[{"role":"user","content":"a"}',
        b'{"max_tokens":1,"messages":[{"role":"user","content":"a"}]',
        b'{"max_tokens":1,"messages":[{"role":"user","content":"a"}]}garbage',
        b'{"max_tokens":1,"messages":["\xff"]}',
        b'{"max_tokens":1,"messages":' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        read(RequestReader(), body)

    assert caught.value.status == 400


def test_messages_that_come_twice_are_read_as_json_reads_them() -> None:
    once = body_of([user("first")])
    twice = once[:-1] + b',"messages":[{"role":"user","content":"second"}]}'

    request = read(RequestReader(), twice)

    assert request.body["messages"] == [{"role": "user", "content": "second"}]
    assert request.conversation.messages == request.body["messages"]


def test_only_the_conversations_seen_last_are_remembered() -> None:
    reader = RequestReader()
    for number in range(200):
        read(reader, body_of([user(f"conversation {number}")]))

    assert len(reader._known) <= 64

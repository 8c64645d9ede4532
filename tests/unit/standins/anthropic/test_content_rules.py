from __future__ import annotations

from typing import Any

import anthropic
import pytest

from codybatch.standins.anthropic import AnthropicStandin
from codybatch.standins.anthropic.wire import JsonObject
from tests.unit.standins.anthropic.chat import Chat

USER = {"role": "user", "content": "Go on."}
CALL = {"type": "tool_use", "id": "call_1", "name": "read_file", "input": {"path": "a"}}
OTHER_CALL = {**CALL, "id": "call_2"}
RESULT = {"type": "tool_result", "tool_use_id": "call_1", "content": "x"}
OTHER_RESULT = {**RESULT, "tool_use_id": "call_2"}


def user(*blocks: JsonObject) -> JsonObject:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: JsonObject) -> JsonObject:
    return {"role": "assistant", "content": list(blocks)}


def words(text: Any) -> JsonObject:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "messages: at least one message is required"),
        ([assistant(words("a"))], 'messages: first message must use the "user" role'),
        ([{"role": "system", "content": "a"}], "messages.0.role: Input should be 'user' or"),
        (["a"], "messages.0: Input should be an object"),
        ([{**USER, "name": "x"}], "messages.0.name: Extra inputs are not permitted"),
        ([user()], "messages.0: all messages must have non-empty content"),
        ([{"role": "user", "content": 5}], "messages.0.content: Input should be a valid string"),
        ([user(words(""))], "messages: text content blocks must be non-empty"),
        ([{"role": "user", "content": ""}], "messages: text content blocks must be non-empty"),
        ([user(words(" \n"))], "messages: text content blocks must contain non-whitespace text"),
        ([user({"type": "text"})], "messages.0.content.0.text.text: Field required"),
        (
            [user({**words("a"), "parsed_output": None})],
            "messages.0.content.0.text.parsed_output: Extra inputs are not permitted",
        ),
        ([user({"type": "sound"})], "messages.0.content.0: Input tag 'sound' found using 'type'"),
        (
            [USER, assistant({**CALL, "id": "a b"}), user(RESULT)],
            "messages.1.content.0.tool_use.id",
        ),
        (
            [USER, assistant({**CALL, "input": "{}"}), user(RESULT)],
            "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
        ),
        (
            [USER, assistant(CALL), user({**RESULT, "content": "", "is_error": True})],
            "messages.2.content.0.tool_result: content cannot be empty if `is_error` is true",
        ),
        (
            [USER, assistant(CALL), user({**RESULT, "content": [words("")]})],
            "messages: text content blocks must be non-empty",
        ),
        (
            [USER, assistant({"type": "thinking", "thinking": "a"}), USER],
            "messages.1.content.0.thinking.signature: Field required",
        ),
    ],
)
def test_what_a_message_may_not_be(shared_chat: Chat, messages: list[Any], message: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        shared_chat.client.messages.create(**{**shared_chat.settings, "messages": messages})

    assert str(caught.value.api_message).startswith(message)


WITHOUT_RESULTS = "messages.1: `tool_use` ids were found without `tool_result` blocks immediately"
UNEXPECTED = "unexpected `tool_use_id` found in `tool_result` blocks: call_"


@pytest.mark.parametrize(
    ("later", "message"),
    [
        ([assistant(CALL)], WITHOUT_RESULTS),
        ([assistant(CALL), USER], WITHOUT_RESULTS),
        ([assistant(CALL), assistant(words("a")), user(RESULT)], WITHOUT_RESULTS),
        ([assistant(CALL, OTHER_CALL), user(RESULT)], WITHOUT_RESULTS),
        ([assistant(CALL), user(words("Here:"), RESULT)], WITHOUT_RESULTS),
        (
            [assistant(CALL, OTHER_CALL), user(RESULT, words("and"), OTHER_RESULT)],
            WITHOUT_RESULTS,
        ),
        ([assistant(CALL), user(RESULT, OTHER_RESULT)], f"messages.2.content.1: {UNEXPECTED}2"),
        ([user(RESULT)], f"messages.1.content.0: {UNEXPECTED}1"),
        (
            [assistant(CALL), user(RESULT), user(RESULT)],
            f"messages.3.content.0: {UNEXPECTED}1",
        ),
        (
            [assistant(CALL), user(RESULT, RESULT)],
            "messages.2.content: each tool_use must have a single result.",
        ),
        (
            [assistant(CALL), user(RESULT), assistant(CALL), user(RESULT)],
            "messages.3.content: `tool_use` ids must be unique",
        ),
        (
            [assistant(CALL, CALL), user(RESULT)],
            "messages.1.content: `tool_use` ids must be unique",
        ),
    ],
)
def test_every_call_is_answered_at_once_and_only_once(
    shared_chat: Chat, later: list[JsonObject], message: str
) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        shared_chat.client.messages.create(**{**shared_chat.settings, "messages": [USER, *later]})

    assert str(caught.value.api_message).startswith(message)


def test_results_in_any_order_and_words_behind_them_are_fine(
    shared_standin: AnthropicStandin, shared_chat: Chat
) -> None:
    messages = [
        USER,
        assistant(words("I look."), CALL, OTHER_CALL),
        user(OTHER_RESULT, {**RESULT, "content": [words("x")], "is_error": False}, words("Hurry.")),
        USER,
    ]

    shared_chat.client.messages.create(**{**shared_chat.settings, "messages": messages})

    assert shared_standin.requests[-1].turn == 1

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import anthropic
import pytest

from codybatch.standins.anthropic import (
    AnthropicStandin,
    Brain,
    Reply,
    text,
    thinking,
    tool_use,
)
from codybatch.standins.anthropic.models import CATALOGUE
from codybatch.standins.anthropic.wire import JsonObject, count_tokens
from tests.unit.standins.anthropic.chat import Chat, sdk

READ = tool_use("read_file", {"path": "a.py"})


@contextmanager
def chat_with(*blocks: JsonObject, **more: object) -> Iterator[Chat]:
    reply = Reply(list(blocks), **more)  # type: ignore[arg-type]
    brain: Brain = lambda _: reply  # noqa: E731
    with AnthropicStandin(brain) as standin, sdk(standin) as client:
        yield Chat(client)


def test_output_is_counted_by_the_one_rule() -> None:
    thought, said = thinking("I think."), text("I say.")
    with chat_with(thought, said) as chat:
        usage = chat.ask().usage

    assert usage.output_tokens == count_tokens(thought) + count_tokens(said)
    assert usage.output_tokens_details is not None
    assert usage.output_tokens_details.thinking_tokens == count_tokens(thought)


def test_a_reply_ends_where_max_tokens_ends() -> None:
    with chat_with(text("word " * 400)) as chat:
        reply = chat.ask(max_tokens=100)

    assert reply.stop_reason == "max_tokens"
    assert reply.usage.output_tokens == 100
    assert reply.content[0].text == ("word " * 400)[:400]  # type: ignore[union-attr]


def test_a_call_that_is_cut_off_has_half_its_input() -> None:
    call = tool_use("read_file", {"path": "a" * 1000})
    with chat_with(text("I read."), call) as chat:
        streamed = chat.ask(max_tokens=60)
        at_once = chat.ask_at_once(max_tokens=60)

    assert streamed.stop_reason == at_once.stop_reason == "max_tokens"
    path = streamed.content[1].input.get("path", "")  # type: ignore[union-attr]
    assert path != "a" * 1000
    assert at_once.content[1].input == {}  # type: ignore[union-attr]


def test_a_reply_ends_where_the_context_ends() -> None:
    small = replace(CATALOGUE["claude-sonnet-5-5"], max_input_tokens=1200)
    brain: Brain = lambda _: [text("word " * 4000)]  # noqa: E731
    with AnthropicStandin(brain, models={small.id: small}) as standin, sdk(standin) as client:
        reply = Chat(client).ask(max_tokens=2000)

    usage = reply.usage
    prompt = usage.input_tokens + (usage.cache_creation_input_tokens or 0)
    assert reply.stop_reason == "model_context_window_exceeded"
    assert prompt + usage.output_tokens == 1200


def test_thinking_is_not_shown_unless_asked_for_and_paid_all_the_same() -> None:
    with chat_with(thinking("Secret."), READ) as chat:
        shown = chat.ask()
        chat.settings["thinking"] = {"type": "adaptive"}
        hidden = chat.ask()

    assert shown.content[0].thinking == "Secret."  # type: ignore[union-attr]
    assert hidden.content[0].thinking == ""  # type: ignore[union-attr]
    assert hidden.content[0].signature  # type: ignore[union-attr]
    assert hidden.usage.output_tokens == shown.usage.output_tokens


def test_calls_side_by_side_can_be_switched_off() -> None:
    with chat_with(READ, READ) as chat:
        both = chat.ask()
        one = chat.ask(tool_choice={"type": "auto", "disable_parallel_tool_use": True})

    assert len(both.content) == 2
    assert len(one.content) == 1


@pytest.mark.parametrize(
    "call", [tool_use("rm", {}), tool_use("read_file", {}), tool_use("read_file", {"path": 5})]
)
def test_a_strict_tool_is_called_as_it_says_or_the_script_is_wrong(call: JsonObject) -> None:
    with chat_with(call) as chat, pytest.raises(anthropic.BadRequestError, match="stand-in:"):
        chat.ask()
    with chat_with(call, breaks_schemas=True) as chat:
        assert chat.ask().content[0].input == call["input"]  # type: ignore[union-attr]


def test_a_calls_own_id_is_kept() -> None:
    with chat_with(tool_use("read_file", {"path": "a"}, "call_7")) as chat:
        assert chat.ask().content[0].id == "call_7"  # type: ignore[union-attr]


def test_what_the_sdk_gives_back_is_what_was_sent() -> None:
    with chat_with(thinking("I think."), text("I say."), READ) as chat:
        streamed = [block.to_dict() for block in chat.ask().content]
        raw = chat.client.messages.with_raw_response.create(**chat.request())

    at_once = json.loads(raw.text())["content"]
    varying = ("id", "signature")
    assert [{k: v for k, v in block.items() if k not in varying} for block in streamed] == [
        {k: v for k, v in block.items() if k not in varying} for block in at_once
    ]

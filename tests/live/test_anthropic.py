"""One conversation with the real service: about a cent, and only where it is asked for.

``CODYBATCH_LIVE_TESTS=1 ANTHROPIC_API_KEY=… pytest tests/live``
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from threading import Event as ThreadEvent

import pytest

from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.clock import SystemClock
from codybatch.ports.model import ModelReply
from tests.claude_kit import PARAMETERS, SONNET, Heard, request, result_of, user

# Read here: the tests themselves run without any personal settings.
KEY = os.environ.get("ANTHROPIC_API_KEY", "")
WANTED = os.environ.get("CODYBATCH_LIVE_TESTS") == "1"
BASE_URL = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com")

pytestmark = pytest.mark.skipif(
    not (WANTED and KEY), reason="set CODYBATCH_LIVE_TESTS=1 and ANTHROPIC_API_KEY to run it"
)


@pytest.fixture
def client() -> Iterator[AnthropicClient]:
    made = AnthropicClient(KEY, BASE_URL, SystemClock(), PriceBook(), use_system_proxy=True)
    yield made
    made.close()


def test_two_turns_with_a_tool_are_accepted_cached_and_priced(client: AnthropicClient) -> None:
    able = client.capabilities(SONNET)
    assert able.adaptive_thinking
    assert "low" in able.efforts

    messages = [user("Read the file a.py with the tool, then say in one word what it holds.")]
    first = ask(client, messages)
    assert first.stop_reason == "tool_use"
    (call,) = [block for block in first.message["content"] if block["type"] == "tool_use"]
    assert call["name"] == "read_file"

    messages.append({"role": "assistant", "content": first.message["content"]})
    messages.append(result_of(call, "GREETING = 'hello'\n"))
    second = ask(client, messages)
    assert second.stop_reason == "end_turn"
    assert second.usage.cache_read_tokens > 0
    assert 0 < first.cost_usd + second.cost_usd < 1


def ask(client: AnthropicClient, messages: list[dict[str, object]]) -> ModelReply:
    frugal = {**PARAMETERS, "output_config": {"effort": "low"}}
    return client.reply(
        request(messages, max_tokens=4_000, parameters=frugal), ThreadEvent(), Heard()
    )

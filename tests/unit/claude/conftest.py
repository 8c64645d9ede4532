from __future__ import annotations

from collections.abc import Iterator

import pytest

from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.standins.anthropic import (
    DEMONSTRATION_KEY,
    AnthropicStandin,
    Script,
    text,
    thinking,
    tool_use,
)
from tests.claude_kit import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def standin() -> Iterator[AnthropicStandin]:
    """A model that thinks, says a word and reads one file after the other."""
    turn = [thinking("I read on."), text("Reading."), tool_use("read_file", {"path": "a.py"})]
    with AnthropicStandin(Script([turn], repeat_last=True)) as server:
        yield server


@pytest.fixture
def client(standin: AnthropicStandin, clock: HandClock) -> Iterator[AnthropicClient]:
    made = AnthropicClient(DEMONSTRATION_KEY, standin.url, clock, PriceBook())
    yield made
    made.close()

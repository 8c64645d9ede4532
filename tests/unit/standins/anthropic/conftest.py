from __future__ import annotations

from collections.abc import Iterator

import anthropic
import pytest

from codybatch.standins.anthropic import AnthropicStandin, Script, thinking, tool_use
from tests.unit.standins.anthropic.chat import Chat, sdk


class TurnedClock:
    """Seconds that a test turns by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


def endless_reader() -> Script:
    """A model that reads one file after the other."""
    turn = [thinking("I read on."), tool_use("read_file", {"path": "a.py"})]
    return Script([turn], repeat_last=True)


@pytest.fixture
def standin(clock: TurnedClock) -> Iterator[AnthropicStandin]:
    with AnthropicStandin(endless_reader(), clock=clock) as server:
        yield server


@pytest.fixture
def client(standin: AnthropicStandin) -> Iterator[anthropic.Anthropic]:
    with sdk(standin) as client:
        yield client


@pytest.fixture
def chat(client: anthropic.Anthropic) -> Chat:
    return Chat(client)


@pytest.fixture(scope="package")
def shared_standin() -> Iterator[AnthropicStandin]:
    """For tests of rules, which leave nothing behind."""
    with AnthropicStandin(endless_reader()) as server:
        yield server


@pytest.fixture(scope="package")
def shared_client(shared_standin: AnthropicStandin) -> Iterator[anthropic.Anthropic]:
    with sdk(shared_standin) as client:
        yield client


@pytest.fixture
def shared_chat(shared_client: anthropic.Anthropic) -> Chat:
    return Chat(shared_client)

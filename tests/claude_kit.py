"""What the model's client is tested with: a clock turned by hand, requests, a server that answers
as a test says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event as ThreadEvent
from typing import Any

from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.domain.records import JsonObject
from codybatch.ports.clock import Clock
from codybatch.ports.model import ModelRequest, RetryNotice
from codybatch.standins.anthropic import DEMONSTRATION_KEY
from codybatch.standins.anthropic.stream import message_events
from codybatch.standins.loopback import Answer, LoopbackServer, Request

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SONNET = "claude-sonnet-5-5"
HAIKU = "claude-haiku-5-5"

READ_FILE: JsonObject = {
    "name": "read_file",
    "description": "Read a file.",
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
        "additionalProperties": False,
    },
}
SYSTEM: list[JsonObject] = [
    {"type": "text", "text": "You change code. " * 200, "cache_control": {"type": "ephemeral"}}
]
PARAMETERS: JsonObject = {
    "cache_control": {"type": "ephemeral"},
    "thinking": {"type": "adaptive", "display": "summarized"},
    "output_config": {"effort": "high"},
    "metadata": {"user_id": "job"},
}


@dataclass
class HandClock:
    """A clock that waits by moving its hands."""

    seconds: float = 0.0
    waited: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float, until: ThreadEvent | None = None) -> None:
        if until is None or not until.is_set():
            self.waited.append(seconds)
            self.seconds += seconds


@dataclass
class Heard:
    """The notices of retries."""

    notices: list[RetryNotice] = field(default_factory=list)

    def __call__(self, notice: RetryNotice) -> None:
        self.notices.append(notice)

    @property
    def reasons(self) -> list[str]:
        return [notice.reason for notice in self.notices]


def request(messages: list[JsonObject] | None = None, **changes: Any) -> ModelRequest:
    """A request as the agent makes it."""
    fields: dict[str, Any] = {
        "model": SONNET,
        "max_tokens": 32_000,
        "system": SYSTEM,
        "tools": [READ_FILE],
        "messages": messages or [user("Look into a.py.")],
        "parameters": PARAMETERS,
    }
    return ModelRequest(**{**fields, **changes})


def user(words: str) -> JsonObject:
    return {"role": "user", "content": [{"type": "text", "text": words}]}


def result_of(call: JsonObject, words: str) -> JsonObject:
    block = {"type": "tool_result", "tool_use_id": call["id"], "content": words}
    return {"role": "user", "content": [block]}


@contextmanager
def connected(url: str, clock: Clock, **options: Any) -> Iterator[AnthropicClient]:
    """A client of a server, closed at the end."""
    client = AnthropicClient(DEMONSTRATION_KEY, url, clock, PriceBook(), **options)
    try:
        yield client
    finally:
        client.close()


def serving(answer: Callable[[Request], Answer]) -> LoopbackServer:
    """A server of a test's own, for answers that Anthropic's stand-in never gives."""
    return LoopbackServer(answer)


STREAM = {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_7"}


def message(*content: JsonObject, **changes: Any) -> JsonObject:
    """A message as the service would send it at once."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": SONNET,
        "content": list(content) or [{"type": "text", "text": "Done."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 20},
        **changes,
    }


def whole(*content: JsonObject, **changes: Any) -> bytes:
    """A message as a stream."""
    return b"".join(message_events(message(*content, **changes)))

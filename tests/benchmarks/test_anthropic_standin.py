"""The stand-in must cost less than what is measured against it."""

from __future__ import annotations

import http.client
import json
import time
from statistics import median

import pytest

from codybatch.standins.anthropic import (
    DEMONSTRATION_KEY,
    AnthropicStandin,
    Script,
    thinking,
    tool_use,
)
from codybatch.standins.anthropic.wire import JsonObject

pytestmark = pytest.mark.benchmark

TURN = [thinking("I read on. " * 10), tool_use("read_file", {"path": "a.py"})]
TOOL = {"name": "read_file", "input_schema": {"type": "object"}}
SETTINGS = {
    "model": "claude-sonnet-5-5",
    "cache_control": {"type": "ephemeral"},
    "system": "You change code. " * 200,
    "tools": [TOOL],
    "stream": True,
}
HEADERS = {"x-api-key": DEMONSTRATION_KEY, "anthropic-version": "2026-10-21"}


class Measured:
    """A conversation that grows by a turn a request, and the processor time of each."""

    def __init__(self, standin: AnthropicStandin) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", standin.port, timeout=30)
        self._messages: list[JsonObject] = [{"role": "user", "content": "Begin."}]
        self.seconds: list[float] = []

    def turn(self) -> None:
        request = {"max_tokens": 1000, "messages": self._messages, **SETTINGS}
        body = json.dumps(request, separators=(",", ":")).encode()
        begun = time.process_time()
        self._connection.request("POST", "/v1/messages", body, HEADERS)
        events = self._connection.getresponse().read().decode()
        self.seconds.append(time.process_time() - begun)
        self._grow(events)

    def _grow(self, events: str) -> None:
        data = [json.loads(line[6:]) for line in events.split("\n") if line.startswith("data: ")]
        (signature,) = [e["delta"]["signature"] for e in data if "signature" in e.get("delta", {})]
        started = [e["content_block"] for e in data if e["type"] == "content_block_start"]
        call = {**started[1], "input": TURN[1]["input"]}
        thought = {"type": "thinking", "thinking": "", "signature": signature}
        result = {"type": "tool_result", "tool_use_id": call["id"], "content": "x = 1\n" * 60}
        self._messages.append({"role": "assistant", "content": [thought, call]})
        self._messages.append({"role": "user", "content": [result]})

    def close(self) -> None:
        self._connection.close()


def test_a_request_costs_little_however_long_the_conversation_is() -> None:
    with AnthropicStandin(Script([TURN], repeat_last=True)) as standin:
        measured = Measured(standin)
        for _ in range(500):
            measured.turn()
        measured.close()
        assert len(standin.requests) == 500

    short, long = median(measured.seconds[40:60]), median(measured.seconds[-20:])
    assert short < 0.005, f"{short * 1000:.2f} ms at 50 turns"
    assert long < 0.010, f"{long * 1000:.2f} ms at 500 turns"

"""A conversation with the stand-in through the real SDK, as an agent's loop holds it."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2
from anthropic.types import Message

from codybatch.standins.anthropic import DEMONSTRATION_KEY, AnthropicStandin
from codybatch.standins.anthropic.wire import JsonObject

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
SYSTEM = [
    {"type": "text", "text": "You change code. " * 200, "cache_control": {"type": "ephemeral"}}
]


def sdk(
    standin: AnthropicStandin,
    key: str = DEMONSTRATION_KEY,
    http_client: httpx2.Client | None = None,
) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        api_key=key, base_url=standin.url, max_retries=0, timeout=20, http_client=http_client
    )


class Chat:
    """Grows at its end, byte for byte, unless a test says otherwise."""

    def __init__(self, client: anthropic.Anthropic, first: str = "Look into a.py.") -> None:
        self.client = client
        self.settings: dict[str, Any] = {
            "model": "claude-sonnet-5-5",
            "max_tokens": 1000,
            "system": SYSTEM,
            "tools": [READ_FILE],
            "cache_control": {"type": "ephemeral"},
            "thinking": {"type": "adaptive", "display": "summarized"},
        }
        self.messages: list[JsonObject] = [{"role": "user", "content": first}]

    def request(self, **changes: Any) -> dict[str, Any]:
        """Everything that is sent."""
        return {**self.settings, "messages": self.messages, **changes}

    def ask(self, **changes: Any) -> Message:
        """One streamed reply, not yet part of the conversation."""
        with self.client.messages.stream(**self.request(**changes)) as stream:
            return stream.get_final_message()

    def ask_at_once(self, **changes: Any) -> Message:
        """One reply that is not streamed."""
        reply: Message = self.client.messages.create(**self.request(**changes))
        return reply

    def turn(self, result: str = "x = 1", **changes: Any) -> Message:
        """One reply, taken into the conversation with a result for each of its calls."""
        reply = self.ask(**changes)
        self.take(reply, result)
        return reply

    def take(self, reply: Message, result: str = "x = 1") -> None:
        blocks = [block.to_dict() for block in reply.content]
        self.messages.append({"role": "assistant", "content": blocks})
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": result}
            for block in blocks
            if block["type"] == "tool_use"
        ]
        if results:
            self.messages.append({"role": "user", "content": results})

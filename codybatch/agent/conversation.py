"""One conversation: an append-only list of messages behind a header, and its exact bytes.

The model's thinking is signed over everything that stands before it, and the prompt cache is keyed
by it, so nothing that was sent once is ever changed: on resume the header's and the messages' own
bytes are read back, whatever the code would write today.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from codybatch.agent.tokens import tokens_at_most
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.domain.threads import ConversationHeader
from codybatch.ports.model import ModelRequest

LOOK_BACK_BLOCKS = 15
"""The service looks back 20 blocks from a cache marker for what it already holds; where a turn adds
more than this many, a marker of our own is set where the turn began."""
_MARKER: JsonObject = {"type": "ephemeral"}


def to_bytes(content: Any) -> bytes:
    """JSON without spaces, in the order of its keys.

    Raises:
        UnicodeEncodeError: a string holds half of a surrogate pair, which UTF-8 cannot carry.
    """
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def sendable(text: str) -> str:
    """``text`` with halves of surrogate pairs escaped, so that it can be sent as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def assistant_message(reply: JsonObject) -> JsonObject:
    """The message that continues the conversation after ``reply``: its blocks as received.

    Blank text blocks are left out, because the service refuses them when they are sent back.
    """
    blocks = [block for block in reply.get("content") or () if not _is_blank_text(block)]
    return {"role": "assistant", "content": blocks}


def _is_blank_text(block: Any) -> bool:
    return (
        isinstance(block, dict)
        and block.get("type") == "text"
        and not str(block.get("text") or "").strip()
    )


class Conversation:
    """The messages of one conversation, and how long they are.

    Args:
        number: from 1; a handoff begins the next one.
        header: what never changes.
        header_bytes: as it is stored, which its digest is taken of.
    """

    def __init__(self, number: int, header: ConversationHeader, header_bytes: bytes) -> None:
        self.number = number
        self.header = header
        self.messages: list[JsonObject] = [header.first_message]
        self.turns = 0
        """Replies that became part of it."""
        self._digest = hashlib.sha256(header_bytes).digest()
        self._call_ids: set[str] = set()
        self._counted_tokens = 0
        self._uncounted_tokens = tokens_at_most(header_bytes)
        self._asked_at = 0
        self._blocks_since_asked = 0

    @classmethod
    def from_bytes(cls, number: int, header_bytes: bytes) -> Conversation:
        """The beginning of a recorded conversation."""
        return cls(number, ConversationHeader.model_validate_json(header_bytes), header_bytes)

    @property
    def context_tokens(self) -> int:
        """How long it is: what the service counted last, and a guess for what was added since."""
        return self._counted_tokens + self._uncounted_tokens

    def append_results(self, message: JsonObject, content: bytes) -> None:
        """Add a user message; ``content`` is its bytes."""
        self._append(message, content)
        self._uncounted_tokens += tokens_at_most(content)

    def append_reply(self, message: JsonObject, content: bytes) -> None:
        """Add an assistant message; ``content`` is the whole reply as it is recorded, and ``count``
        says how long it was.
        """
        self._asked_at = len(self.messages) - 1
        self._blocks_since_asked = 0
        self._append(message, content)
        self.turns += 1
        self._call_ids.update(
            block["id"] for block in message["content"] if block["type"] == "tool_use"
        )

    def count(self, usage: Usage, appended: bool) -> None:
        """Take over how long the service says that the conversation is."""
        if usage.prompt_tokens:
            self._counted_tokens = usage.prompt_tokens + (usage.output_tokens if appended else 0)
            self._uncounted_tokens = 0

    def knows_call(self, call_id: str) -> bool:
        """Whether an earlier tool call has this id; the service refuses a second one."""
        return call_id in self._call_ids

    def request(self, max_tokens: int) -> ModelRequest:
        """What to send now."""
        return ModelRequest(
            model=self.header.model,
            max_tokens=max_tokens,
            system=self.header.system,
            tools=self.header.tools,
            messages=self._marked_messages(),
            parameters=self.header.parameters,
        )

    def request_sha256(self, max_tokens: int) -> str:
        """The digest of exactly that request, without going through the earlier messages again."""
        return hashlib.sha256(self._digest + str(max_tokens).encode()).hexdigest()

    def _append(self, message: JsonObject, content: bytes) -> None:
        self.messages.append(message)
        self._blocks_since_asked += len(message["content"])
        self._digest = hashlib.sha256(self._digest + hashlib.sha256(content).digest()).digest()

    def _marked_messages(self) -> list[JsonObject]:
        """The messages, with a cache marker where a long turn began.

        A marker is no content: the recorded message has none, and the service takes it out before
        it compares.
        """
        messages = list(self.messages)
        began = messages[self._asked_at]
        if self._blocks_since_asked > LOOK_BACK_BLOCKS and began["role"] == "user":
            *earlier, last = began["content"]
            marked = [*earlier, {**last, "cache_control": _MARKER}]
            messages[self._asked_at] = {**began, "content": marked}
        return messages

"""Reading request bodies quickly: what was said before is neither parsed nor checked again.

A conversation's requests repeat each other's bytes. The SDK writes ``{"max_tokens":N,"messages":[``
first, so the bytes of the messages read before are found again by comparing, and only what follows
is parsed. A body in any other layout is read whole, with the same result.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from codybatch.standins.anthropic.api_errors import invalid
from codybatch.standins.anthropic.conversation import Conversation
from codybatch.standins.anthropic.prompt import Prompt
from codybatch.standins.anthropic.wire import JsonObject

_HEAD = re.compile(rb'\{((?:"[a-z_]+":(?:-?\d+|true|false|null|"[^"\\]*"),)*)"messages":\[')
_MOST_REMEMBERED = 64
_decode = json.JSONDecoder().raw_decode

PromptReader = Callable[[JsonObject], Prompt]
"""Checks everything of a request but its messages."""


@dataclass(frozen=True)
class RecordedBody:
    """A request's bytes, kept as what was added to those of an earlier request.

    Arguments:
        base: the earlier request.
        shared: how many of its first bytes this one repeats.
        tail: what follows them.
    """

    base: RecordedBody | None
    shared: int
    tail: bytes

    def read(self) -> bytes:
        """The bytes as they came."""
        parts: list[bytes] = []
        body: RecordedBody | None = self
        end = self.shared + len(self.tail)
        while body is not None and end > 0:
            parts.append(body.tail[: max(0, end - body.shared)])
            end = min(end, body.shared)
            body = body.base
        return b"".join(reversed(parts))


@dataclass(frozen=True)
class ReadRequest:
    """One request, read.

    Arguments:
        body: its JSON, as a model is given it; not to be changed.
        conversation: its messages, checked.
        recorded: its bytes.
    """

    body: JsonObject
    conversation: Conversation
    recorded: RecordedBody


@dataclass(frozen=True)
class _Known:
    """A conversation read before: its bytes up to the last message, and where each message ends."""

    head: bytes
    region: bytes
    ends: list[int]
    conversation: Conversation
    recorded: RecordedBody

    def shared_messages(self, body: bytes, start: int) -> int:
        """How many of its first messages ``body`` repeats, byte for byte, from ``start`` on."""
        if body.startswith(self.region, start):
            return len(self.ends)
        low, high = 0, len(self.ends) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if body.startswith(self.region[: self.ends[middle - 1]], start):
                low = middle
            else:
                high = middle - 1
        return low


@dataclass(frozen=True)
class _Parsed:
    """A body in the SDK's layout: everything before the messages, they, and everything behind."""

    head: bytes
    settings: bytes
    messages: list[JsonObject]
    ends: list[int]
    known: _Known | None
    shared: int


class RequestReader:
    """Reads requests, remembering the conversations seen last. Safe in many threads."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._prompts: dict[Hashable, tuple[JsonObject, Prompt]] = {}
        self._lock = threading.Lock()

    def read(self, body: bytes, context: Hashable, read_prompt: PromptReader) -> ReadRequest:
        """Parse and check a request.

        Arguments:
            body: the JSON.
            context: what ``read_prompt`` depends on beside the request.
            read_prompt: checks everything but the messages; not asked twice for the same bytes.

        Raises:
            ApiError: 400 for anything that breaks a rule.
        """
        parsed = self._parse(body)
        if parsed is None:
            return _read_whole(body, read_prompt)
        try:
            settings, prompt = self._prompt(parsed.settings, context, read_prompt)
        except ValueError:
            return _read_whole(body, read_prompt)
        conversation = _converse(prompt, parsed)
        recorded = _record(body, parsed)
        self._remember(parsed, body, conversation, recorded)
        request = {**settings, "messages": parsed.messages}
        return ReadRequest(request, conversation, recorded)

    def _parse(self, body: bytes) -> _Parsed | None:
        """The body's parts, or None where its layout is not the SDK's."""
        head = _HEAD.match(body)
        if head is None:
            return None
        known, shared = self._find(body, head.end())
        messages = known.conversation.messages[:shared] if known else []
        ends = known.ends[:shared] if known else []
        try:
            rest = _parse_messages(body, head.end(), messages, ends)
        except (ValueError, RecursionError):
            return None
        settings = b"{" + head.group(1) + rest
        return _Parsed(head.group(), settings, messages, ends, known, shared)

    def _prompt(
        self, raw: bytes, context: Hashable, read_prompt: PromptReader
    ) -> tuple[JsonObject, Prompt]:
        """The settings as JSON and as checked.

        Raises:
            ValueError: they are no JSON object, or hold messages for a second time.
        """
        found = self._prompts.get((context, raw))
        if found is None:
            settings = json.loads(raw)
            if not isinstance(settings, dict) or "messages" in settings:
                raise ValueError(raw)
            found = (settings, read_prompt({**settings, "messages": []}))
            with self._lock:
                while len(self._prompts) >= _MOST_REMEMBERED:
                    del self._prompts[next(iter(self._prompts))]
                self._prompts[context, raw] = found
        return found

    def _find(self, body: bytes, start: int) -> tuple[_Known | None, int]:
        best: tuple[_Known | None, int] = (None, 0)
        with self._lock:
            candidates = self._known[::-1]
        for known in candidates:
            shared = known.shared_messages(body, start)
            if shared > best[1]:
                best = (known, shared)
                if shared == len(known.ends) and shared > 1:
                    break
        return best

    def _remember(
        self, parsed: _Parsed, body: bytes, conversation: Conversation, recorded: RecordedBody
    ) -> None:
        if not parsed.ends:
            return
        start = len(parsed.head)
        region = body[start : start + parsed.ends[-1]]
        entry = _Known(parsed.head, region, parsed.ends, conversation, recorded)
        known = parsed.known
        outgrown = known if known and parsed.shared == len(known.ends) else None
        with self._lock:
            kept = [other for other in self._known if other is not outgrown]
            self._known = [*kept[-(_MOST_REMEMBERED - 1) :], entry]


def _parse_messages(body: bytes, start: int, messages: list[JsonObject], ends: list[int]) -> bytes:
    """Parse the messages that follow those already known; return what follows the array.

    Raises:
        ValueError: this is not compact JSON as the SDK writes it.
    """
    size = ends[-1] if ends else 0
    text = body[start + size :].decode()
    cursor = counted = 0
    if ends and text[:1] == ",":
        cursor = 1
    while text[cursor : cursor + 1] != "]":
        message, after = _decode(text, cursor)
        messages.append(message)
        size += len(text[counted:after].encode())
        ends.append(size)
        counted = after
        cursor = after + (text[after : after + 1] == ",")
    rest = text[cursor + 1 :]
    return (rest[1:] if rest[:1] == "," else rest).encode()


def _converse(prompt: Prompt, parsed: _Parsed) -> Conversation:
    known = parsed.known.conversation if parsed.known else None
    if known is not None and known.prompt.key == prompt.key:
        conversation = known.first(parsed.shared)
        conversation.prompt = prompt
    else:
        conversation = Conversation(prompt)
    for message in parsed.messages[len(conversation.messages) :]:
        conversation.append(message)
    return conversation


def _record(body: bytes, parsed: _Parsed) -> RecordedBody:
    known = parsed.known
    if known is None or not parsed.shared or known.head != parsed.head:
        return RecordedBody(None, 0, body)
    shared = len(parsed.head) + known.ends[parsed.shared - 1]
    return RecordedBody(known.recorded, shared, body[shared:])


def _read_whole(body: bytes, read_prompt: PromptReader) -> ReadRequest:
    request: Any
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid(f"The request body is not valid JSON: {error}") from error
    if not isinstance(request, dict):
        raise invalid("The request body must be a JSON object")
    conversation = Conversation(read_prompt(request))
    messages = request["messages"]
    if not isinstance(messages, list):
        raise invalid("messages: Input should be a valid list")
    for message in messages:
        conversation.append(message)
    return ReadRequest(request, conversation, RecordedBody(None, 0, body))

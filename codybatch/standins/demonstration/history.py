"""What was asked and what was done so far, read from the request alone, as a model reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.standins.anthropic.wire import JsonObject

_TASK = re.compile(r"<task>\s*(.*?)\s*</task>", re.DOTALL)
_REPOSITORY = re.compile(r"<repository>\s*name: (\S+)")
_OCCASION = re.compile(r"toolu_occasion_(\d+)_\d+")
_NOTICE = re.compile(r'<notice kind="([a-z-]+)"')
_WRAP_UP = frozenset({"near-limit", "finish-now", "repeating", "failing"})


@dataclass(frozen=True)
class Call:
    """One tool call and its result."""

    name: str
    arguments: JsonObject
    result: str
    is_error: bool


@dataclass(frozen=True)
class History:
    """A conversation so far.

    Arguments:
        task: what is to be done.
        repository: its name; empty where none is told.
        occasion: what the ids of the first calls say, see ``call_id``; None where they say nothing.
        calls: in order, all of them with results.
        tools: the input schemas of the tools on offer, by name.
        notices: the kinds of the notices in the last message.
        nudged: whether the last message asks for ``finish`` in words of its own.
    """

    task: str
    repository: str
    occasion: int | None
    calls: tuple[Call, ...]
    tools: dict[str, JsonObject]
    notices: tuple[str, ...]
    nudged: bool

    @property
    def has_begun(self) -> bool:
        """Whether a tool was called."""
        return bool(self.calls)

    @property
    def must_end(self) -> bool:
        """Whether it is time to finish with what there is."""
        return self.nudged or bool(_WRAP_UP & set(self.notices))

    @property
    def wants_notes(self) -> bool:
        """Whether words are asked for, not calls."""
        return "hand-off" in self.notices or "finish" not in self.tools


def read_history(request: JsonObject) -> History:
    """The history in a request of the Messages API."""
    messages = request["messages"]
    first = "\n".join(_texts(messages[0]))
    found, named = _TASK.search(first), _REPOSITORY.search(first)
    last = list(_texts(messages[-1])) if len(messages) > 1 else []
    notices = [match[1] for text in last for match in _NOTICE.finditer(text)]
    return History(
        task=found[1] if found else first,
        repository=named[1] if named else "",
        occasion=_occasion(messages),
        calls=tuple(_calls(messages)),
        tools={tool["name"]: tool["input_schema"] for tool in request.get("tools") or []},
        notices=tuple(notices),
        nudged=not notices and any("call finish" in text for text in last),
    )


def call_id(occasion: int, place: int) -> str:
    """The id of a call that lets the later replies of a conversation know which occasion it is.

    Arguments:
        occasion: how often this was asked, this time included.
        place: of the call in its reply, from 0.
    """
    return f"toolu_occasion_{occasion}_{place}"


def _occasion(messages: list[JsonObject]) -> int | None:
    ids = (block["id"] for one in messages for block in _blocks(one) if block["type"] == "tool_use")
    found = _OCCASION.fullmatch(next(ids, ""))
    return int(found[1]) if found else None


def _blocks(message: JsonObject) -> list[JsonObject]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _texts(message: JsonObject) -> Iterator[str]:
    return (block["text"] for block in _blocks(message) if block["type"] == "text")


def _calls(messages: list[JsonObject]) -> Iterator[Call]:
    asked: dict[str, JsonObject] = {}
    for message in messages:
        for block in _blocks(message):
            if block["type"] == "tool_use":
                asked[block["id"]] = block
            elif block["type"] == "tool_result":
                call = asked[block["tool_use_id"]]
                yield Call(call["name"], call["input"], _words(block), bool(block.get("is_error")))


def _words(result: JsonObject) -> str:
    content = result.get("content", "")
    if isinstance(content, str):
        return content
    return "\n".join(block["text"] for block in content if block["type"] == "text")

"""A conversation that grows at its end: each message is checked, digested and counted once.

A request repeats all that was said before. What is known of a message depends only on what stands
before it, so the state after every message is kept and the next request begins where it can.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

from codybatch.standins.anthropic.api_errors import ApiError, invalid
from codybatch.standins.anthropic.binding import NO_THINKING, Mismatch
from codybatch.standins.anthropic.cache_markers import Marker, marker_on
from codybatch.standins.anthropic.content_rules import blocks_of, check_pairing, unanswered
from codybatch.standins.anthropic.prompt import Prompt
from codybatch.standins.anthropic.wire import JsonObject, chain, count_tokens, to_bytes, unmarked


@dataclass(frozen=True, slots=True)
class Boundary:
    """What is known after a message.

    Arguments:
        blocks: the blocks so far, with those of tools and system.
        history: the digest of the messages so far without their thinking.
        thinking: the tag of the last thinking block.
        role: of the message; empty before the first.
        asked: the ids of its tool calls.
        replies: the assistant's messages so far.
        markers, calls, dropped: how many of each there are so far.
    """

    blocks: int
    history: bytes = b""
    thinking: bytes = NO_THINKING
    role: str = ""
    asked: tuple[str, ...] = ()
    replies: int = 0
    markers: int = 0
    calls: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A thinking block that the model is not shown."""

    path: str
    reason: str

    def as_json(self) -> JsonObject:
        """The entry in ``input_transformations``."""
        return {"type": "thinking_dropped", "path": self.path, "reason": self.reason}


class Conversation:
    """The messages of one request, all of them checked.

    Arguments:
        prompt: what stands before the messages.
    """

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.messages: list[JsonObject] = []
        self.digests = list(prompt.digests)
        self.totals = list(prompt.totals)
        self.markers: list[Marker] = list(prompt.markers)
        self.dropped: list[Dropped] = []
        self._calls: list[str] = []
        self._boundaries = [Boundary(blocks=len(self.digests), markers=len(self.markers))]

    @property
    def last(self) -> Boundary:
        """What is known at the end."""
        return self._boundaries[-1]

    def first(self, count: int) -> Conversation:
        """A conversation of the first ``count`` messages that may grow in another way."""
        other = copy(self)
        other.keep(count)
        return other

    def keep(self, count: int) -> None:
        """Forget all but the first ``count`` messages; lists are replaced, never changed."""
        end = self._boundaries[count]
        self.messages = self.messages[:count]
        self.digests = self.digests[: end.blocks]
        self.totals = self.totals[: end.blocks]
        self.markers = self.markers[: end.markers]
        self.dropped = self.dropped[: end.dropped]
        self._calls = self._calls[: end.calls]
        self._boundaries = self._boundaries[: count + 1]

    def append(self, message: JsonObject) -> None:
        """Add a message.

        Raises:
            ApiError: 400 for the first rule that it breaks.
        """
        index = len(self.messages)
        before = self.last
        blocks = blocks_of(index, message)
        role = str(message["role"])
        if index == 0 and role != "user":
            raise invalid('messages: first message must use the "user" role')
        check_pairing(index, role, blocks, before.asked)
        asked = tuple(block["id"] for block in blocks if block["type"] == "tool_use")
        self._claim(asked, index)
        state = replace(before, role=role, asked=asked, replies=before.replies + (role != "user"))
        for place, block in enumerate(blocks):
            state = self._add(state, block, f"messages.{index}.content.{place}")
        self.messages.append(message)
        self._boundaries.append(self._counted(state))

    def check_end(self, paused: bool) -> None:
        """Refuse an end that the model cannot answer.

        Arguments:
            paused: whether the last message is a reply that was to be continued.

        Raises:
            ApiError: 400 for calls without results, a prefilled reply, or no message at all.
        """
        if not self.messages:
            raise invalid("messages: at least one message is required")
        if self.last.asked:
            raise unanswered(len(self.messages) - 1, self.last.asked)
        if self.last.role == "assistant" and not paused:
            raise invalid(
                "This model does not support assistant message prefill. The conversation must "
                "end with a user message."
            )

    def _claim(self, asked: tuple[str, ...], index: int) -> None:
        if asked and len({*self._calls, *asked}) < len(self._calls) + len(asked):
            raise invalid(f"messages.{index}.content: `tool_use` ids must be unique")
        self._calls.extend(asked)

    def _add(self, state: Boundary, block: JsonObject, path: str) -> Boundary:
        content = to_bytes(unmarked(block))
        if block["type"] == "thinking":
            checked = self._checked_thinking(state, block, path)
            if isinstance(checked, Dropped):
                self.dropped.append(checked)
                return state
            state = replace(state, thinking=checked)
        else:
            state = replace(state, history=chain(state.history, state.role.encode(), content))
        if marker := marker_on(block, len(self.digests), path):
            self.markers.append(marker)
        is_first = len(self.digests) == len(self.prompt.digests)
        before = self.prompt.messages_root if is_first else self.digests[-1]
        self.digests.append(chain(before, state.role.encode(), content))
        self.totals.append((self.totals[-1] if self.totals else 0) + count_tokens(block))
        return state

    def _checked_thinking(self, state: Boundary, block: JsonObject, path: str) -> bytes | Dropped:
        checked = self.prompt.binder.check(
            block["signature"], state.history, state.thinking, block["thinking"]
        )
        if not isinstance(checked, Mismatch):
            return checked
        asked_to = self.prompt.settings.drops_thinking and bool(checked.reason)
        if not (checked.always_dropped or asked_to):
            raise ApiError(400, checked.message(path))
        return Dropped(path, checked.reason)

    def _counted(self, state: Boundary) -> Boundary:
        return replace(
            state,
            blocks=len(self.digests),
            markers=len(self.markers),
            calls=len(self._calls),
            dropped=len(self.dropped),
        )


def extend_history(history: bytes, role: str, block: JsonObject) -> bytes:
    """The digest that later thinking is bound to, after a block that is no thinking."""
    return chain(history, role.encode(), to_bytes(unmarked(block)))

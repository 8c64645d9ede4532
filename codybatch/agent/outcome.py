"""What a reply asks for: one look at its stop reason and its blocks decides what happens next."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from codybatch.agent.conversation import Conversation, assistant_message, sendable
from codybatch.domain.records import JsonObject


class Outcome(StrEnum):
    """What kind of reply it is. The stop reasons are those of the Messages API."""

    TOOLS = "tools"
    """It calls tools."""
    SILENT = "silent"
    """It stopped without calling one."""
    CUT_OFF = "cut_off"
    """It reached ``max_tokens``: its last call's input may be half of one, so none is run."""
    REFUSED = "refused"
    PAUSED = "paused"
    """The service wants the same conversation again, this reply included."""
    OVERFLOWED = "overflowed"
    """It reached the end of the context window."""
    UNUSABLE = "unusable"
    """Sent back as it is, the service would refuse it."""
    ERROR = "error"
    """No reply but the service's refusal to give one."""

    @property
    def is_appended(self) -> bool:
        """Whether the reply becomes part of the conversation."""
        return self in {Outcome.TOOLS, Outcome.SILENT, Outcome.PAUSED}


_BY_STOP_REASON = {
    "max_tokens": Outcome.CUT_OFF,
    "refusal": Outcome.REFUSED,
    "model_context_window_exceeded": Outcome.OVERFLOWED,
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")


def outcome_of(reply: JsonObject, conversation: Conversation) -> Outcome:
    """What ``reply``, as received, asks for.

    Args:
        reply: the message, or an error as ``error_reply`` makes it.
        conversation: which it would continue.
    """
    if reply.get("type") == "error":
        return Outcome.ERROR
    stop_reason = reply.get("stop_reason")
    if stop_reason in _BY_STOP_REASON:
        return _BY_STOP_REASON[stop_reason]
    blocks = assistant_message(reply)["content"]
    calls = [block for block in blocks if is_block(block, "tool_use")]
    if not blocks or not _can_be_sent_back(reply, blocks, calls, conversation):
        return Outcome.UNUSABLE
    if stop_reason == "pause_turn":
        return Outcome.PAUSED
    return Outcome.TOOLS if calls else Outcome.SILENT


def is_block(block: Any, kind: str) -> bool:
    """Whether ``block`` is a content block of this type; what a model sends may be anything."""
    return _type_of(block) == kind


def error_reply(kind: str, message: str) -> JsonObject:
    """What is recorded where the service refused: the form of the Messages API's own errors."""
    return {"type": "error", "error": {"type": kind, "message": message}}


def _can_be_sent_back(
    reply: JsonObject, blocks: list[Any], calls: list[JsonObject], conversation: Conversation
) -> bool:
    ids = [call.get("id") for call in calls]
    return (
        all(_type_of(block) for block in blocks)
        and all(_is_call(call) for call in calls)
        and len(set(ids)) == len(ids)
        and not any(conversation.knows_call(str(call_id)) for call_id in ids)
        and _is_utf8(reply)
    )


def _type_of(block: Any) -> str:
    kind = block.get("type") if isinstance(block, dict) else None
    return kind if isinstance(kind, str) else ""


def _is_call(call: JsonObject) -> bool:
    return (
        _matches(_ID, call.get("id"))
        and _matches(_NAME, call.get("name"))
        and isinstance(call.get("input"), dict)
    )


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_utf8(value: Any) -> bool:
    """Whether every string, key or value, can be sent; half of a surrogate pair cannot."""
    if isinstance(value, str):
        return value.isascii() or sendable(value) == value
    if isinstance(value, dict):
        return all(_is_utf8(key) and _is_utf8(item) for key, item in value.items())
    return not isinstance(value, list) or all(_is_utf8(item) for item in value)

"""The rules for one message: its role, its blocks and their fields.

Source: the message and block types of the SDK 2.12 (``types/*_block_param.py``); wording as the
service answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from codybatch.standins.anthropic.api_errors import invalid, not_permitted
from codybatch.standins.anthropic.wire import JsonObject

_ID = re.compile(r"[a-zA-Z0-9_-]+\Z")

_FIELDS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"type", "text", "cache_control", "citations"}),
    "image": frozenset({"type", "source", "cache_control"}),
    "document": frozenset({"type", "source", "cache_control", "title", "context", "citations"}),
    "thinking": frozenset({"type", "thinking", "signature"}),
    "tool_use": frozenset(
        {"type", "id", "name", "input", "cache_control", "caller", "toolset_name"}
    ),
    "tool_result": frozenset(
        {"type", "tool_use_id", "content", "is_error", "cache_control", "toolset_name"}
    ),
}
_OF_ROLE: Mapping[str, tuple[str, ...]] = {
    "user": ("text", "image", "document", "tool_result"),
    "assistant": ("text", "thinking", "tool_use"),
}
_IN_A_RESULT = ("text", "image", "document")


def blocks_of(index: int, message: Any) -> list[JsonObject]:
    """The checked blocks of one message; a plain string is one block of text.

    Arguments:
        index: the message's place, for the wording of errors.
        message: as sent.

    Raises:
        ApiError: 400, with the service's words for the first rule broken.
    """
    path = f"messages.{index}"
    if not isinstance(message, dict):
        raise invalid(f"{path}: Input should be an object")
    role = str(message.get("role"))
    if role not in _OF_ROLE:
        raise invalid(f"{path}.role: Input should be 'user' or 'assistant'")
    if unknown := set(message) - {"role", "content"}:
        raise not_permitted(f"{path}.{min(unknown)}")
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise invalid(f"{path}.content: Input should be a valid string or list")
    if not content:
        raise invalid(
            f"{path}: all messages must have non-empty content except for the optional final "
            "assistant message"
        )
    for place, block in enumerate(content):
        _check_block(block, _OF_ROLE[role], f"{path}.content.{place}")
    return content


def _check_block(block: Any, kinds: tuple[str, ...], path: str) -> None:
    kind = str(block.get("type")) if isinstance(block, dict) else ""
    if kind not in kinds:
        expected = ", ".join(f"'{name}'" for name in kinds)
        raise invalid(
            f"{path}: Input tag '{kind}' found using 'type' does not match any of the expected "
            f"tags: {expected}"
        )
    if unknown := set(block) - _FIELDS[kind]:
        raise not_permitted(f"{path}.{kind}.{min(unknown)}")
    checks = {
        "text": _check_text,
        "thinking": _check_thinking,
        "tool_use": _check_tool_use,
        "tool_result": _check_tool_result,
    }
    if check := checks.get(kind):
        check(block, f"{path}.{kind}")


def _check_text(block: JsonObject, path: str) -> None:
    text = _string(block, "text", path)
    if not text:
        raise invalid("messages: text content blocks must be non-empty")
    if not text.strip():
        raise invalid("messages: text content blocks must contain non-whitespace text")


def _check_thinking(block: JsonObject, path: str) -> None:
    _string(block, "thinking", path)
    _string(block, "signature", path)


def _check_tool_use(block: JsonObject, path: str) -> None:
    _identifier(block, "id", path)
    if not _string(block, "name", path):
        raise invalid(f"{path}.name: String should have at least 1 character")
    if not isinstance(block.get("input"), dict):
        raise invalid(f"{path}.input: Input should be a valid dictionary")


def _check_tool_result(block: JsonObject, path: str) -> None:
    _identifier(block, "tool_use_id", path)
    is_error = block.get("is_error", False)
    if not isinstance(is_error, bool):
        raise invalid(f"{path}.is_error: Input should be a valid boolean")
    content = block.get("content", "")
    if not isinstance(content, str | list):
        raise invalid(f"{path}.content: Input should be a valid string or list")
    if isinstance(content, list):
        for place, inner in enumerate(content):
            _check_block(inner, _IN_A_RESULT, f"{path}.content.{place}")
    if is_error and not content:
        raise invalid(f"{path}: content cannot be empty if `is_error` is true")


def _string(block: JsonObject, name: str, path: str) -> str:
    value = block.get(name)
    if name not in block:
        raise invalid(f"{path}.{name}: Field required")
    if not isinstance(value, str):
        raise invalid(f"{path}.{name}: Input should be a valid string")
    return value


def _identifier(block: JsonObject, name: str, path: str) -> None:
    if not _ID.match(_string(block, name, path)):
        raise invalid(f"{path}.{name}: String should match pattern '^[a-zA-Z0-9_-]+$'")


def check_pairing(index: int, role: str, blocks: list[JsonObject], asked: tuple[str, ...]) -> None:
    """Refuse results without calls, calls without results, and anything before the results.

    Arguments:
        index: the message's place.
        role: of the message.
        blocks: of the message.
        asked: the ids of the calls in the message before.

    Raises:
        ApiError: 400, with the service's words.
    """
    results = [block.get("tool_use_id") for block in blocks if block["type"] == "tool_result"]
    for place, block in enumerate(blocks):
        if block["type"] == "tool_result" and block["tool_use_id"] not in asked:
            raise invalid(
                f"messages.{index}.content.{place}: unexpected `tool_use_id` found in "
                f"`tool_result` blocks: {block['tool_use_id']}. Each `tool_result` block must "
                "have a corresponding `tool_use` block in the previous message."
            )
    first = (
        {block.get("tool_use_id") for block in blocks[: len(results)]} if role == "user" else set()
    )
    if missing := [call for call in asked if call not in first]:
        raise unanswered(index - 1, missing)
    if len(results) > len(set(results)):
        raise invalid(
            f"messages.{index}.content: each tool_use must have a single result. Found multiple "
            f"`tool_result` blocks with id: {max(results, key=results.count)}"
        )


def unanswered(index: int, calls: list[str] | tuple[str, ...]) -> Exception:
    """The refusal of a conversation in which the calls of message ``index`` lack results."""
    return invalid(
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
        f"after: {', '.join(calls)}. Each `tool_use` block must have a corresponding "
        "`tool_result` block in the next message."
    )

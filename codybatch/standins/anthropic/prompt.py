"""What stands before the messages: tools and system, checked and digested once for many."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from codybatch.standins.anthropic.api_errors import invalid, not_permitted, not_simulated
from codybatch.standins.anthropic.binding import Binder
from codybatch.standins.anthropic.cache_markers import Marker, marker_on
from codybatch.standins.anthropic.models import ModelCard
from codybatch.standins.anthropic.schema_rules import check_strict_limits, check_strict_schema
from codybatch.standins.anthropic.settings_rules import Settings, check_settings
from codybatch.standins.anthropic.wire import JsonObject, chain, count_tokens, to_bytes, unmarked

_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}\Z")
_TOOL_FIELDS = frozenset(
    {
        *("type", "name", "description", "input_schema", "strict", "cache_control"),
        *("input_examples", "eager_input_streaming"),
    }
)
_TOOL_FIELDS_NOT_SIMULATED = frozenset({"allowed_callers", "defer_loading"})


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and by which secret this service signs.

    Arguments:
        organisation: the owner of the API key; prompt cache and thinking belong to it.
        signing_key: the service's secret.
    """

    organisation: str
    signing_key: bytes


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything of a request but its messages.

    Arguments:
        key: equal for requests in which all this is the same.
        card: the model.
        settings: what changes the answer.
        tools: by name.
        binder: signs and checks thinking.
        digests, totals, markers: of the blocks, tools first, as the prompt cache wants them.
        messages_root: the digest that the first message's first block follows.
    """

    key: bytes
    card: ModelCard
    settings: Settings
    tools: dict[str, JsonObject]
    binder: Binder
    digests: tuple[bytes, ...]
    totals: tuple[int, ...]
    markers: tuple[Marker, ...]
    messages_root: bytes


def read_prompt(
    body: JsonObject,
    card: ModelCard,
    account: Account,
    betas: AbstractSet[str],
    *,
    counting: bool = False,
) -> Prompt:
    """Check and digest everything of a request but its messages.

    Arguments:
        body: the request; its messages are not looked at.
        card: the model it names.
        account: whose request it is.
        betas: the values of the ``anthropic-beta`` header.
        counting: whether it asks only for a token count.

    Raises:
        ApiError: 400 for the first rule broken.
    """
    settings = check_settings(body, card, betas, counting=counting)
    tools = _read_tools(body)
    system = _read_system(body.get("system"))
    root = chain(account.organisation.encode(), card.id.encode())
    blocks = [*((b"tool", tool, f"tools.{n}") for n, tool in enumerate(tools))]
    blocks += [(b"system", block, f"system.{n}") for n, block in enumerate(system)]
    digests, totals, markers = _digest(blocks, root)
    before = digests[-1] if digests else root
    # Other thinking or another tool choice makes the messages' part of the cache useless.
    kind = (body.get("thinking") or {}).get("type")
    varying = [kind, body.get("tool_choice"), body.get("output_config")]
    messages_root = chain(before, to_bytes(varying))
    return Prompt(
        key=chain(messages_root, to_bytes([settings.drops_thinking, account.organisation])),
        card=card,
        settings=settings,
        tools={str(tool["name"]): tool for tool in tools},
        binder=_binder(account, card, system, tools),
        digests=tuple(digests),
        totals=tuple(totals),
        markers=tuple(markers),
        messages_root=messages_root,
    )


def _binder(
    account: Account, card: ModelCard, system: list[JsonObject], tools: list[JsonObject]
) -> Binder:
    return Binder(
        key=account.signing_key,
        organisation=account.organisation,
        model=card.id,
        system=chain(b"system", *(to_bytes(unmarked(block)) for block in system)),
        tools=chain(b"tools", *(to_bytes(unmarked(tool)) for tool in tools)),
    )


def _digest(
    blocks: list[tuple[bytes, JsonObject, str]], root: bytes
) -> tuple[list[bytes], list[int], list[Marker]]:
    digests: list[bytes] = []
    totals: list[int] = []
    markers: list[Marker] = []
    for position, (kind, block, path) in enumerate(blocks):
        digests.append(chain(digests[-1] if digests else root, kind, to_bytes(unmarked(block))))
        totals.append((totals[-1] if totals else 0) + count_tokens(block))
        if marker := marker_on(block, position, path):
            markers.append(marker)
    return digests, totals, markers


def _read_system(system: Any) -> list[JsonObject]:
    if system is None:
        return []
    if isinstance(system, str):
        return [{"type": "text", "text": system}] if system else []
    if not isinstance(system, list):
        raise invalid("system: Input should be a valid string or list")
    for place, block in enumerate(system):
        if not isinstance(block, dict) or block.get("type") != "text":
            raise invalid(f"system.{place}.type: Input should be 'text'")
        if unknown := set(block) - {"type", "text", "cache_control", "citations"}:
            raise not_permitted(f"system.{place}.{min(unknown)}")
        if not isinstance(block.get("text"), str) or not block["text"]:
            raise invalid("system: text content blocks must be non-empty")
    return system


def _read_tools(body: JsonObject) -> list[JsonObject]:
    tools = body.get("tools")
    if tools is None:
        return []
    if not isinstance(tools, list):
        raise invalid("tools: Input should be a valid list")
    for place, tool in enumerate(tools):
        _check_tool(tool, f"tools.{place}")
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        raise invalid("tools: Tool names must be unique.")
    check_strict_limits(_strict_schemas(body, tools))
    return tools


def _check_tool(tool: Any, path: str) -> None:
    if not isinstance(tool, dict):
        raise invalid(f"{path}: Input should be an object")
    if tool.get("type") not in {None, "custom"}:
        raise invalid(
            f"{path}: Input tag '{tool['type']}' found using 'type' does not match any of the "
            "expected tags: 'custom' (this stand-in simulates no tool of the service's own)"
        )
    _check_tool_fields(tool, f"{path}.custom")


def _check_tool_fields(tool: JsonObject, path: str) -> None:
    for field in tool:
        if field in _TOOL_FIELDS_NOT_SIMULATED:
            raise not_simulated(f"{path}.{field}")
        if field not in _TOOL_FIELDS:
            raise not_permitted(f"{path}.{field}")
    name, schema = tool.get("name"), tool.get("input_schema")
    if not isinstance(name, str) or not _TOOL_NAME.match(name):
        raise invalid(f"{path}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
    if not isinstance(tool.get("description", ""), str):
        raise invalid(f"{path}.description: Input should be a valid string")
    if not isinstance(schema, dict):
        raise invalid(f"{path}.input_schema: Field required")
    if schema.get("type") != "object":
        raise invalid(f"{path}.input_schema.type: Input should be 'object'")
    if tool.get("strict") is True:
        check_strict_schema(schema, path)


def _strict_schemas(body: JsonObject, tools: list[JsonObject]) -> list[JsonObject]:
    schemas = [tool["input_schema"] for tool in tools if tool.get("strict") is True]
    wanted = (body.get("output_config") or {}).get("format")
    return [*schemas, wanted["schema"]] if wanted else schemas

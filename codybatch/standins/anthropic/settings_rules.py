"""The rules for everything beside the messages: what the 5.5 models refuse, and what all do.

Source: the 5.5 models' migration guides (sampling, ``budget_tokens``, disabled thinking and forced
tool choice are refused), API version 2026-10-21, ``types/message_create_params.py``.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from codybatch.standins.anthropic.api_errors import ApiError, invalid, not_permitted, not_simulated
from codybatch.standins.anthropic.binding import DROP_BETA
from codybatch.standins.anthropic.cache_markers import lifetime
from codybatch.standins.anthropic.models import ModelCard
from codybatch.standins.anthropic.schema_rules import check_strict_schema
from codybatch.standins.anthropic.wire import JsonObject

TASK_BUDGET_BETA = "task-budgets-2026-03-13"

_SAMPLING = ("temperature", "top_p", "top_k")
_SIMULATED = frozenset(
    {
        *("max_tokens", "messages", "model", "cache_control", "metadata", "output_config"),
        *("service_tier", "stream", "system", "thinking", "tool_choice", "tools"),
    }
)
_NOT_SIMULATED = frozenset(
    {
        *("compaction", "container", "context_management", "diagnostics", "fallbacks"),
        *("inference_geo", "mcp_servers", "speed", "stop_sequences", "thread", "user_profile_id"),
    }
)
_LONGEST_USER_ID = 256


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that change the answer.

    Arguments:
        max_tokens: the longest reply; None when tokens are only counted.
        streams: whether the reply is sent as events.
        shows_thinking: whether thinking comes with its text.
        drops_thinking: whether thinking that does not belong here is dropped, not refused.
        one_call: whether a reply may hold one tool call only.
        automatic_cache: the lifetime of the top-level cache marker.
    """

    max_tokens: int | None
    streams: bool
    shows_thinking: bool
    drops_thinking: bool
    one_call: bool
    automatic_cache: str | None


def check_settings(
    body: JsonObject, card: ModelCard, betas: AbstractSet[str], *, counting: bool
) -> Settings:
    """The checked settings of a request.

    Arguments:
        body: the request.
        card: the model it names.
        betas: the values of the ``anthropic-beta`` header.
        counting: whether it asks only for a token count.

    Raises:
        ApiError: 400, with the service's words, for the first rule broken.
    """
    _check_names(body, card)
    thinking = _check_thinking(body, card, betas)
    choice = _check_tool_choice(body)
    _check_output_config(body, card, betas)
    _check_metadata(body)
    if body.get("service_tier", "auto") not in {"auto", "standard_only"}:
        raise invalid("service_tier: Input should be 'auto' or 'standard_only'")
    streams = body.get("stream", False)
    if not isinstance(streams, bool):
        raise invalid("stream: Input should be a valid boolean")
    binding = thinking.get("block_binding") or {}
    return Settings(
        max_tokens=None if counting else _check_max_tokens(body, card),
        streams=streams,
        shows_thinking=thinking.get("display") == "summarized",
        drops_thinking=binding.get("prefix_mismatch_behavior") == "drop_block",
        one_call=choice.get("disable_parallel_tool_use") is True,
        automatic_cache=lifetime(body.get("cache_control"), "cache_control"),
    )


def _check_names(body: JsonObject, card: ModelCard) -> None:
    for name in body:
        if name in _SAMPLING:
            raise invalid(f"`{name}` is deprecated for this model.")
        if name in _NOT_SIMULATED:
            raise not_simulated(name)
        if name not in _SIMULATED:
            raise not_permitted(name)
    if "messages" not in body:
        raise invalid("messages: Field required")
    if not card.thinking and "thinking" in body:
        raise invalid("thinking: this model does not support it")


def _check_max_tokens(body: JsonObject, card: ModelCard) -> int:
    value = body.get("max_tokens")
    if "max_tokens" not in body:
        raise invalid("max_tokens: Field required")
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("max_tokens: Input should be a valid integer")
    if value < 0:
        raise invalid("max_tokens: Input should be greater than or equal to 0")
    if value > card.max_tokens:
        raise invalid(
            f"max_tokens: {value} > {card.max_tokens}, which is the maximum allowed number of "
            f"output tokens for {card.id}"
        )
    return value


def _check_thinking(body: JsonObject, card: ModelCard, betas: AbstractSet[str]) -> JsonObject:
    thinking = body.get("thinking")
    if thinking is None:
        return {}
    if not isinstance(thinking, dict):
        raise invalid("thinking: Input should be an object")
    kind = thinking.get("type")
    if kind in {"enabled", "disabled", "between_tools"} and kind not in card.thinking:
        raise invalid(
            f'"thinking.type.{kind}" is not supported for this model. Use '
            '"thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    if kind not in card.thinking:
        raise invalid(f"thinking: Input tag '{kind}' found using 'type' is not known")
    known = {"type", "display", "block_binding"} if kind == "adaptive" else {"type"}
    if unknown := set(thinking) - known:
        raise not_permitted(f"thinking.{kind}.{min(unknown)}")
    if thinking.get("display", "summarized") not in {None, "summarized", "omitted"}:
        raise invalid("thinking.adaptive.display: Input should be 'summarized' or 'omitted'")
    _check_binding(thinking.get("block_binding"), betas)
    return thinking


def _check_binding(binding: Any, betas: AbstractSet[str]) -> None:
    if binding is None:
        return
    if DROP_BETA not in betas:
        raise not_permitted("thinking.adaptive.block_binding")
    behaviours = {None, "error", "drop_block"}
    if not isinstance(binding, dict) or binding.get("prefix_mismatch_behavior") not in behaviours:
        raise invalid(
            "thinking.adaptive.block_binding.prefix_mismatch_behavior: Input should be 'error' "
            "or 'drop_block'"
        )


def _check_tool_choice(body: JsonObject) -> JsonObject:
    choice = body.get("tool_choice")
    if choice is None:
        return {}
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind in {"any", "tool"}:
        raise invalid('tool_choice: type "tool" and "any" are not supported for this model.')
    if kind not in {"auto", "none"} or not isinstance(choice, dict):
        raise invalid(f"tool_choice: Input tag '{kind}' found using 'type' is not known")
    if not body.get("tools"):
        raise invalid("tool_choice: may only be specified while providing tools")
    if unknown := set(choice) - {"type", "disable_parallel_tool_use"}:
        raise not_permitted(f"tool_choice.{kind}.{min(unknown)}")
    return choice


def _check_output_config(body: JsonObject, card: ModelCard, betas: AbstractSet[str]) -> None:
    config = body.get("output_config")
    if config is None:
        return
    if not isinstance(config, dict):
        raise invalid("output_config: Input should be an object")
    known = {"effort", "format"} | ({"task_budget"} if TASK_BUDGET_BETA in betas else set())
    if unknown := set(config) - known:
        raise not_permitted(f"output_config.{min(unknown)}")
    effort = config.get("effort")
    if effort is not None and effort not in card.efforts:
        expected = ", ".join(f"'{level}'" for level in card.efforts)
        raise invalid(f"output_config.effort: Input should be {expected}")
    kind = (body.get("thinking") or {}).get("type")
    if kind == "between_tools" and effort in {"xhigh", "max"}:
        raise invalid(f"output_config.effort: '{effort}' is not supported with thinking off")
    _check_format(config.get("format"))


def _check_format(wanted: Any) -> None:
    if wanted is None:
        return
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        raise invalid("output_config.format.type: Input should be 'json_schema'")
    check_strict_schema(wanted.get("schema"), "output_config.format.schema")


def _check_metadata(body: JsonObject) -> None:
    metadata = body.get("metadata")
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        raise invalid("metadata: Input should be an object")
    if unknown := set(metadata) - {"user_id"}:
        raise not_permitted(f"metadata.{min(unknown)}")
    user = metadata.get("user_id")
    if user is not None and (not isinstance(user, str) or len(user) > _LONGEST_USER_ID):
        raise invalid(f"metadata.user_id: String should have at most {_LONGEST_USER_ID} characters")


def check_version(version: str | None) -> None:
    """Refuse a request without a known ``anthropic-version``.

    Raises:
        ApiError: 400.
    """
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in {"2023-06-01", "2026-10-21"}:
        raise ApiError(400, f'anthropic-version: "{version}" is not a valid version')

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.unit.standins.anthropic.chat import Chat


def refusal(shared_chat: Chat, extra: dict[str, Any], beta: str = "") -> str:
    """What the service says to a request with these further fields."""
    headers = {"anthropic-beta": beta} if beta else {}
    with pytest.raises(anthropic.BadRequestError) as caught:
        shared_chat.ask(extra_body=extra, extra_headers=headers)
    assert caught.value.type == "invalid_request_error"
    return str(caught.value.api_message)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            '"thinking.type.enabled" is not supported for this model.',
        ),
        (
            {"thinking": {"type": "disabled"}},
            '"thinking.type.disabled" is not supported for this model.',
        ),
        (
            {"thinking": {"type": "adaptive", "budget_tokens": 2000}},
            "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
        ),
        ({"temperature": 1.0}, "`temperature` is deprecated for this model."),
        ({"top_p": 0.9}, "`top_p` is deprecated for this model."),
        ({"top_k": 5}, "`top_k` is deprecated for this model."),
        (
            {"tool_choice": {"type": "any"}},
            'tool_choice: type "tool" and "any" are not supported for this model.',
        ),
        (
            {"tool_choice": {"type": "tool", "name": "read_file"}},
            'tool_choice: type "tool" and "any" are not supported for this model.',
        ),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
            "This model does not support assistant message prefill. The conversation must end",
        ),
    ],
)
def test_the_five_settings_that_the_models_refuse(
    shared_chat: Chat, extra: dict[str, Any], message: str
) -> None:
    assert refusal(shared_chat, extra).startswith(message)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"max_tokens": 128_001}, "max_tokens: 128001 > 128000, which is the maximum allowed"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
        ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"stop_sequences": ["x"]}, "stop_sequences: this stand-in does not simulate it"),
        ({"metadata": {"email": "a"}}, "metadata.email: Extra inputs are not permitted"),
        ({"metadata": {"user_id": "u" * 257}}, "metadata.user_id: String should have at most 256"),
        ({"service_tier": "gold"}, "service_tier: Input should be"),
        ({"output_config": {"effort": "huge"}}, "output_config.effort: Input should be 'low'"),
        (
            {"output_config": {"task_budget": {"type": "tokens", "total": 1}}},
            "output_config.task_budget: Extra inputs are not permitted",
        ),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be",
        ),
        ({"thinking": {"type": "adaptive", "display": "all"}}, "thinking.adaptive.display: Input"),
        (
            {"thinking": {"type": "adaptive", "block_binding": {}}},
            "thinking.adaptive.block_binding: Extra inputs are not permitted",
        ),
        (
            {"thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}},
            "output_config.effort: 'max' is not supported with thinking off",
        ),
        ({"tool_choice": {"type": "auto"}, "tools": []}, "tool_choice: may only be specified"),
        ({"cache_control": {"type": "forever"}}, "cache_control.type: Input should"),
    ],
)
def test_what_no_request_may_hold(shared_chat: Chat, extra: dict[str, Any], message: str) -> None:
    assert refusal(shared_chat, extra).startswith(message)


@pytest.mark.parametrize(
    "extra",
    [
        {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        {"tool_choice": {"type": "none"}},
        {"thinking": {"type": "between_tools"}},
        {"output_config": {"effort": "xhigh"}},
        {"metadata": {"user_id": "job-1"}, "service_tier": "standard_only"},
        {"cache_control": {"type": "ephemeral", "ttl": "5m"}},
    ],
)
def test_what_a_request_may_hold(shared_chat: Chat, extra: dict[str, Any]) -> None:
    assert shared_chat.ask(extra_body=extra).stop_reason == "tool_use"


def test_what_is_in_beta_needs_its_header(shared_chat: Chat) -> None:
    extra = {"output_config": {"task_budget": {"type": "tokens", "total": 20_000}}}
    headers = {"anthropic-beta": "task-budgets-2026-03-13,other"}

    assert shared_chat.ask(extra_body=extra, extra_headers=headers).stop_reason == "tool_use"


def test_between_tools_is_for_the_model_that_has_it(shared_chat: Chat) -> None:
    extra = {"thinking": {"type": "between_tools"}, "model": "claude-haiku-4-5"}
    with pytest.raises(anthropic.NotFoundError):
        shared_chat.ask(extra_body=extra)

    assert "between_tools" in refusal(shared_chat, {**extra, "model": "claude-haiku-5-5"})


def test_counting_tokens_refuses_the_same(shared_chat: Chat) -> None:
    with pytest.raises(anthropic.BadRequestError, match="are not supported for this model"):
        shared_chat.client.messages.count_tokens(
            model="claude-sonnet-5-5",
            messages=[{"role": "user", "content": "a"}],
            tool_choice={"type": "any"},
        )

"""What the service says of a model."""

from __future__ import annotations

import pytest

from codybatch.claude.capabilities import capabilities_of
from codybatch.domain.errors import UnknownModel
from codybatch.domain.records import JsonObject
from codybatch.ports.model import ModelCapabilities
from codybatch.standins.anthropic.models import CATALOGUE


def test_limits_thinking_and_efforts_are_taken_over() -> None:
    card = CATALOGUE["claude-sonnet-5-5"].as_json()
    assert capabilities_of("claude-sonnet-5-5", card) == ModelCapabilities(
        model="claude-sonnet-5-5",
        max_input_tokens=1_000_000,
        max_output_tokens=128_000,
        adaptive_thinking=True,
        efforts=("low", "medium", "high", "xhigh", "max"),
    )


def test_only_what_is_supported_counts() -> None:
    info: JsonObject = {
        "max_input_tokens": 100,
        "max_tokens": 50,
        "capabilities": {
            "thinking": {"supported": True, "types": {"adaptive": {"supported": False}}},
            "effort": {"supported": True, "low": {"supported": True}, "max": {"supported": False}},
        },
    }
    found = capabilities_of("m", info)
    assert (found.max_input_tokens, found.max_output_tokens) == (100, 50)
    assert not found.adaptive_thinking
    assert found.efforts == ("low",)


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"capabilities": None, "max_input_tokens": None, "max_tokens": None},
        {"capabilities": {"thinking": None, "effort": {"low": None}}},
        {"capabilities": {"thinking": {"types": None}}},
        {"capabilities": "all"},
    ],
)
def test_a_service_that_says_nothing_gets_careful_limits(info: JsonObject) -> None:
    assert capabilities_of("m", info) == ModelCapabilities("m", 200_000, 8_192, False, ())


def test_the_name_stays_the_one_that_was_asked_for() -> None:
    assert capabilities_of("alias", {"id": "claude-sonnet-5-5-20260928"}).model == "alias"


def test_a_retired_model_is_refused() -> None:
    with pytest.raises(UnknownModel, match="'claude-2' is retired"):
        capabilities_of("claude-2", {"lifecycle": "retired"})


@pytest.mark.parametrize("lifecycle", ["active", "deprecated", None])
def test_any_other_model_may_be_used(lifecycle: str | None) -> None:
    assert capabilities_of("m", {"lifecycle": lifecycle}).model == "m"

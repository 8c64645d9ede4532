from __future__ import annotations

from dataclasses import replace

import pytest

from codybatch.agent.header import accepts_effort, first_header
from codybatch.agent.system_prompt import prompt_version
from codybatch.domain.prompts import Kind
from codybatch.domain.requests import Effort
from codybatch.domain.threads import ConversationHeader
from codybatch.ports.model import ModelCapabilities
from tests.agent_kit import JOB, MODEL, make_task

CAPABLE = ModelCapabilities(MODEL, 1_000_000, 128_000, True, ("low", "high"))


def header(capabilities: ModelCapabilities = CAPABLE, **task: object) -> ConversationHeader:
    return first_header(make_task(**task), (), capabilities, "0" * 64)


def test_only_what_the_model_accepts_is_sent() -> None:
    assert header(effort=Effort.HIGH).parameters == {
        "cache_control": {"type": "ephemeral"},
        "metadata": header().parameters["metadata"],
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "high"},
    }
    plain = replace(CAPABLE, adaptive_thinking=False, efforts=())
    assert set(header(plain, effort=Effort.HIGH).parameters) == {"cache_control", "metadata"}


def test_no_effort_is_sent_where_none_was_chosen() -> None:
    assert "output_config" not in header().parameters


@pytest.mark.parametrize(
    "forbidden", ["tool_choice", "temperature", "top_p", "top_k", "stop_sequences"]
)
def test_nothing_is_sent_that_current_models_refuse(forbidden: str) -> None:
    assert forbidden not in header(effort=Effort.LOW).parameters


def test_the_user_id_names_no_one() -> None:
    user = header().parameters["metadata"]["user_id"]

    assert len(user) == 64
    assert JOB not in user


def test_the_reply_is_never_longer_than_the_model_allows() -> None:
    assert header().max_tokens == 32_000
    assert header(replace(CAPABLE, max_output_tokens=8_192)).max_tokens == 8_192


def test_the_header_names_prompt_and_tree() -> None:
    assert header().prompt_version == prompt_version(Kind.CHANGE)
    assert header().base_tree == "0" * 64


def test_the_header_comes_back_from_its_bytes_as_it_was() -> None:
    stored = header().to_json()

    assert ConversationHeader.model_validate_json(stored).to_json() == stored


def test_an_effort_that_the_model_does_not_know_is_noticed() -> None:
    assert accepts_effort(None, CAPABLE)
    assert accepts_effort(Effort.LOW, CAPABLE)
    assert not accepts_effort(Effort.MAX, CAPABLE)

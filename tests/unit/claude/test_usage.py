"""What the service counted, in our words."""

from __future__ import annotations

import pytest

from codybatch.claude.usage import PaidPart, merged, paid_parts, total_usage
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject

COUNTED: JsonObject = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 700,
    "cache_read_input_tokens": 9_000,
    "cache_creation": {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 100},
    "output_tokens": 55,
    "service_tier": "standard",
}


def test_the_parts_of_the_prompt_stay_apart() -> None:
    assert total_usage(COUNTED) == Usage(
        input_tokens=3,
        cache_write_5m_tokens=600,
        cache_write_1h_tokens=100,
        cache_read_tokens=9_000,
        output_tokens=55,
    )


def test_without_the_split_all_cache_writes_are_for_five_minutes() -> None:
    usage = total_usage({**COUNTED, "cache_creation": None})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (700, 0)


def test_a_sum_that_has_grown_since_the_split_is_the_newer_one() -> None:
    usage = total_usage({**COUNTED, "cache_creation_input_tokens": 900})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (800, 100)


def test_a_split_without_a_sum_counts() -> None:
    usage = total_usage({**COUNTED, "cache_creation_input_tokens": None})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (600, 100)


@pytest.mark.parametrize("usage", [{}, {"input_tokens": None}, {"input_tokens": "7"}])
def test_what_is_not_counted_is_nothing(usage: JsonObject) -> None:
    assert total_usage(usage) == Usage()


def test_a_count_below_nothing_is_nothing() -> None:
    assert total_usage({"input_tokens": -5}) == Usage()


def test_a_compaction_comes_on_top_of_the_totals() -> None:
    compaction = {"type": "compaction", "input_tokens": 1_000, "output_tokens": 200}
    usage: JsonObject = {**COUNTED, "iterations": [compaction, {"type": "message", **COUNTED}]}
    assert total_usage(usage) == total_usage(COUNTED) + Usage(input_tokens=1_000, output_tokens=200)


def test_the_iterations_of_the_reply_itself_are_in_the_totals() -> None:
    kinds = ["message", "fallback_message"]
    usage: JsonObject = {**COUNTED, "iterations": [{**COUNTED, "type": kind} for kind in kinds]}
    assert total_usage(usage) == total_usage(COUNTED)


def test_another_model_that_advised_is_paid_for_by_its_own_name() -> None:
    advice = {"type": "advisor_message", "model": "claude-opus-5-5", "output_tokens": 9}
    assert paid_parts({**COUNTED, "iterations": [advice]})[1:] == (
        PaidPart(Usage(output_tokens=9), "claude-opus-5-5"),
    )


def test_iterations_in_an_unknown_form_are_left_out() -> None:
    assert total_usage({**COUNTED, "iterations": ["what", None]}) == total_usage(COUNTED)


def test_the_end_of_a_stream_wins_where_it_says_something() -> None:
    ending: JsonObject = {"input_tokens": None, "output_tokens": 88, "iterations": []}
    assert merged(COUNTED, ending) == {**COUNTED, "output_tokens": 88, "iterations": []}

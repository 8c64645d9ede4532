from __future__ import annotations

from typing import Any

import pytest

from codybatch.agent.conversation import Conversation, assistant_message, to_bytes
from codybatch.agent.outcome import Outcome, error_reply, outcome_of
from codybatch.domain.threads import ConversationHeader

CALL = {"type": "tool_use", "id": "toolu_1", "name": "grep", "input": {}}
TEXT = {"type": "text", "text": "Done."}


def conversation() -> Conversation:
    header = ConversationHeader(
        model="claude-x",
        system=[],
        tools=[],
        first_message={"role": "user", "content": []},
        parameters={},
        max_tokens=1000,
        prompt_version="1",
        base_tree="",
    )
    return Conversation(1, header, b"")


def outcome(stop_reason: str | None, *content: Any) -> Outcome:
    return outcome_of({"stop_reason": stop_reason, "content": list(content)}, conversation())


@pytest.mark.parametrize(
    ("stop_reason", "content", "expected"),
    [
        ("tool_use", [TEXT, CALL], Outcome.TOOLS),
        ("end_turn", [TEXT], Outcome.SILENT),
        ("end_turn", [CALL], Outcome.TOOLS),
        ("stop_sequence", [TEXT], Outcome.SILENT),
        ("a reason of the future", [CALL], Outcome.TOOLS),
        ("max_tokens", [TEXT, CALL], Outcome.CUT_OFF),
        ("refusal", [TEXT], Outcome.REFUSED),
        ("pause_turn", [TEXT], Outcome.PAUSED),
        ("model_context_window_exceeded", [CALL], Outcome.OVERFLOWED),
        ("end_turn", [], Outcome.UNUSABLE),
        ("end_turn", [{"type": "text", "text": "  "}], Outcome.UNUSABLE),
    ],
)
def test_stop_reason_and_blocks_decide(
    stop_reason: str, content: list[Any], expected: Outcome
) -> None:
    assert outcome(stop_reason, *content) is expected


@pytest.mark.parametrize(
    "block",
    [
        CALL | {"id": ""},
        CALL | {"id": 7},
        CALL | {"id": "not an id"},
        CALL | {"id": "x" * 300},
        CALL | {"name": ""},
        CALL | {"name": None},
        CALL | {"input": "path"},
        CALL | {"input": ["path"]},
        CALL | {"input": None},
        CALL | {"input": {"path": "a\ud800"}},
        CALL | {"input": {"a\udfff": 1}},
        {"type": ["tool_use"]},
        {"text": "no type"},
        "a string",
        None,
    ],
)
def test_what_the_service_would_refuse_to_get_back_is_unusable(block: Any) -> None:
    assert outcome("tool_use", TEXT, block) is Outcome.UNUSABLE


def test_two_calls_with_one_id_are_unusable() -> None:
    assert outcome("tool_use", CALL, CALL) is Outcome.UNUSABLE


def test_an_id_of_an_earlier_call_is_unusable() -> None:
    known = conversation()
    received = {"content": [CALL]}
    known.append_reply(assistant_message(received), to_bytes(received))

    again = {"stop_reason": "tool_use", "content": [CALL]}
    assert outcome_of(again, known) is Outcome.UNUSABLE


def test_a_refusal_of_the_service_is_no_reply() -> None:
    assert outcome_of(error_reply("throttled", "Later."), conversation()) is Outcome.ERROR


def test_only_whole_replies_become_part_of_the_conversation() -> None:
    appended = {outcome for outcome in Outcome if outcome.is_appended}

    assert appended == {Outcome.TOOLS, Outcome.SILENT, Outcome.PAUSED}

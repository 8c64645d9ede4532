from __future__ import annotations

import copy
from collections.abc import Callable

import anthropic
import pytest

from codybatch.standins.anthropic import DEMONSTRATION_KEY, AnthropicStandin
from codybatch.standins.anthropic.binding import DROP_BETA
from tests.unit.standins.anthropic.chat import READ_FILE, SYSTEM, Chat, sdk
from tests.unit.standins.anthropic.conftest import endless_reader


@pytest.fixture
def long_chat(chat: Chat) -> Chat:
    """Three turns, each with thinking and a result."""
    for _ in range(3):
        chat.turn()
    return chat


def rejection(chat: Chat) -> str:
    with pytest.raises(anthropic.BadRequestError) as caught:
        chat.ask()
    return str(caught.value.api_message)


BOUND = "Invalid `signature` in `thinking` block. The block is bound to a different conversation."


def test_an_unchanged_conversation_goes_on(long_chat: Chat) -> None:
    assert long_chat.ask().stop_reason == "tool_use"


def test_another_system_prompt_is_named(long_chat: Chat) -> None:
    long_chat.settings["system"] = [{"type": "text", "text": "You are somebody else."}]

    message = rejection(long_chat)

    assert message.startswith(f"messages.1.content.0: {BOUND}")
    assert message.endswith("The `system` prompt differs from the one this block was created with.")


def test_other_tools_are_named(long_chat: Chat) -> None:
    long_chat.settings["tools"] = [{**READ_FILE, "description": "Read one file."}]

    assert rejection(long_chat).endswith(
        "The `tools` differ from the one this block was created with."
    )


def change_task(chat: Chat) -> None:
    chat.messages[0]["content"] += "!"


def change_call(chat: Chat) -> None:
    chat.messages[1]["content"][1]["input"]["path"] = "b.py"


def change_result(chat: Chat) -> None:
    chat.messages[2]["content"][0]["content"] = "x = 2"


def add_a_message(chat: Chat) -> None:
    chat.messages.insert(3, {"role": "user", "content": "By the way."})


def change_thought(chat: Chat) -> None:
    chat.messages[1]["content"][0]["thinking"] += " "


def leave_out_a_thought_in_the_middle(chat: Chat) -> None:
    del chat.messages[3]["content"][0]


def swap_thoughts(chat: Chat) -> None:
    one, two = chat.messages[1]["content"], chat.messages[3]["content"]
    one[0], two[0] = two[0], one[0]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (change_task, "messages.1.content.0"),
        (change_call, "messages.3.content.0"),
        (change_result, "messages.3.content.0"),
        (add_a_message, "messages.4.content.0"),
        (change_thought, "messages.1.content.0"),
        (leave_out_a_thought_in_the_middle, "messages.5.content.0"),
        (swap_thoughts, "messages.1.content.0"),
    ],
)
def test_any_change_of_what_was_said_is_found(
    long_chat: Chat, change: Callable[[Chat], None], place: str
) -> None:
    long_chat.messages = copy.deepcopy(long_chat.messages)
    change(long_chat)

    assert rejection(long_chat).startswith(f"{place}: {BOUND}")


def test_a_made_up_signature_is_none(long_chat: Chat) -> None:
    long_chat.messages[1]["content"][0]["signature"] = "bm90aGluZw=="

    assert rejection(long_chat) == "messages.1.content.0: Invalid `signature` in `thinking` block"


def test_cache_markers_may_move(long_chat: Chat) -> None:
    marker = {"cache_control": {"type": "ephemeral"}}
    long_chat.messages[4]["content"][0].update(marker)
    long_chat.settings["system"] = [{"type": "text", "text": SYSTEM[0]["text"]}]
    long_chat.settings["tools"] = [{**READ_FILE, **marker}]

    assert long_chat.ask().content


def test_the_oldest_thoughts_may_be_left_out(long_chat: Chat) -> None:
    del long_chat.messages[1]["content"][0]
    del long_chat.messages[3]["content"][0]

    assert long_chat.ask().content


def test_other_limits_and_another_effort_are_no_change(long_chat: Chat) -> None:
    assert long_chat.ask(max_tokens=500, output_config={"effort": "low"}).content


def test_a_message_as_a_string_or_as_a_block_is_the_same(long_chat: Chat) -> None:
    words = long_chat.messages[0]["content"]
    long_chat.messages[0]["content"] = [{"text": words, "type": "text"}]

    assert long_chat.ask().content


def test_asked_to_the_service_drops_what_does_not_belong(long_chat: Chat) -> None:
    change_task(long_chat)
    binding = {"prefix_mismatch_behavior": "drop_block"}
    request = long_chat.request(thinking={"type": "adaptive", "block_binding": binding})
    reply = long_chat.client.beta.messages.create(**request, betas=[DROP_BETA])

    dropped = [entry.to_dict() for entry in reply.input_transformations or []]
    assert [entry["path"] for entry in dropped] == [
        "messages.1.content.0",
        "messages.3.content.0",
        "messages.5.content.0",
    ]
    assert {entry["reason"] for entry in dropped} == {"prefix_binding_mismatch"}


def test_another_models_thinking_is_dropped_without_a_word(long_chat: Chat) -> None:
    assert long_chat.ask(model="claude-opus-5-5").stop_reason == "tool_use"


def test_another_organisations_thinking_is_dropped_without_a_word() -> None:
    keys = {DEMONSTRATION_KEY: "one", "sk-ant-other": "two"}
    with (
        AnthropicStandin(endless_reader(), api_keys=keys) as standin,
        sdk(standin) as client,
        sdk(standin, key="sk-ant-other") as other,
    ):
        chat = Chat(client)
        chat.turn()
        chat.client = other

        assert chat.ask().stop_reason == "tool_use"
        assert standin.requests[1].organisation == "two"


def test_a_conversation_outlives_its_stand_in(long_chat: Chat) -> None:
    with AnthropicStandin(endless_reader()) as another, sdk(another) as client:
        long_chat.client = client

        assert long_chat.turn().stop_reason == "tool_use"
        assert long_chat.turn().stop_reason == "tool_use"


def test_thinking_that_is_not_shown_is_bound_all_the_same(chat: Chat) -> None:
    chat.settings["thinking"] = {"type": "adaptive"}
    reply = chat.turn()
    assert reply.content[0].thinking == ""  # type: ignore[union-attr]
    assert chat.turn().content

    change_result(chat)

    assert BOUND in rejection(chat)

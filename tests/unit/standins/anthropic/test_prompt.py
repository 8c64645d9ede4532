from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.unit.standins.anthropic.chat import READ_FILE, Chat


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ("read_file", "tools: Input should be a valid list"),
        (["read_file"], "tools.0: Input should be an object"),
        ([READ_FILE, READ_FILE], "tools: Tool names must be unique."),
        ([{**READ_FILE, "name": "read file"}], "tools.0.custom.name: String should match"),
        ([{**READ_FILE, "colour": 1}], "tools.0.custom.colour: Extra inputs are not permitted"),
        ([{**READ_FILE, "defer_loading": True}], "tools.0.custom.defer_loading: this stand-in"),
        ([{**READ_FILE, "input_schema": None}], "tools.0.custom.input_schema: Field required"),
        (
            [{**READ_FILE, "input_schema": {"type": "string"}}],
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        (
            [{"type": "bash_20250124", "name": "bash"}],
            "tools.0: Input tag 'bash_20250124' found using 'type' does not match",
        ),
    ],
)
def test_what_a_tool_may_not_be(shared_chat: Chat, tools: Any, message: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        shared_chat.ask(extra_body={"tools": tools})

    assert str(caught.value.api_message).startswith(message)


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (5, "system: Input should be a valid string or list"),
        ([{"type": "image"}], "system.0.type: Input should be 'text'"),
        ([{"type": "text", "text": ""}], "system: text content blocks must be non-empty"),
        ([{"type": "text", "text": "a", "id": 1}], "system.0.id: Extra inputs are not permitted"),
    ],
)
def test_what_a_system_prompt_may_not_be(shared_chat: Chat, system: Any, message: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        shared_chat.ask(extra_body={"system": system})

    assert str(caught.value.api_message).startswith(message)


def test_a_system_prompt_may_be_a_string_or_missing(shared_chat: Chat) -> None:
    assert shared_chat.ask(system="Short.").content
    del shared_chat.settings["system"]
    assert shared_chat.ask().content

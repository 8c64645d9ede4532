from __future__ import annotations

import anthropic
import pytest

from codybatch.standins.anthropic import AnthropicStandin, Reply, Script, text, tool_use, turn_of
from tests.unit.standins.anthropic.chat import Chat, sdk

READ = [tool_use("read_file", {"path": "a.py"})]


def test_turns_follow_each_other_and_a_repeated_request_gets_the_same_one() -> None:
    script = Script([READ, lambda request: Reply([text(f"turn {turn_of(request)}")])])
    with AnthropicStandin(script) as standin, sdk(standin) as client:
        chat = Chat(client)
        chat.ask()
        chat.turn()
        second, again = chat.ask(), chat.ask()

    assert second.content[0].text == again.content[0].text == "turn 1"  # type: ignore[union-attr]
    assert second.stop_reason == "end_turn"


def test_a_conversation_longer_than_the_script_is_told_so() -> None:
    with AnthropicStandin(Script([READ])) as standin, sdk(standin) as client:
        chat = Chat(client)
        chat.turn()
        with pytest.raises(anthropic.BadRequestError, match="the script has 1 turns, no more"):
            chat.ask()

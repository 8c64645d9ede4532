"""What one line of a thread says, block by block."""

from __future__ import annotations

from typing import Any

import pytest

from codybatch.domain.threads import StepKind, ThreadLine
from codybatch.services.thread_blocks import (
    Block,
    BlockKind,
    answered,
    blocks_of,
    edited_lines,
)
from tests.contracts.examples import NOON
from tests.conversation_kit import call, result, text, thinking


def blocks(message: Any, kind: StepKind = StepKind.REPLY) -> list[Block]:
    line = ThreadLine(conversation=1, sequence=1, kind=kind, turn=1, at=NOON, message=message)
    return list(blocks_of(line))


def test_a_reply_is_words_thoughts_and_calls_in_order() -> None:
    said = [thinking("Hm."), text("So."), call("read_file", 7, path="a.py")]

    found = blocks({"content": said})

    assert [(block.kind, block.name, block.id) for block in found] == [
        (BlockKind.THINKING, "", ""),
        (BlockKind.TEXT, "", ""),
        (BlockKind.CALL, "read_file", "toolu_7"),
    ]
    assert found[2].given == {"path": "a.py"}
    assert found[2].subject == "a.py"


def test_results_say_which_call_they_answer_and_whether_it_failed() -> None:
    found = blocks({"content": [result("no", 3, failed=True)]}, StepKind.RESULTS)

    assert found == [Block(BlockKind.RESULT, "no", id="toolu_3", is_error=True)]


def test_a_result_of_several_texts_is_all_of_them() -> None:
    given = {**result("", 1), "content": [text("a"), text("b")]}

    assert blocks({"content": [given]})[0].text == "a\nb"


def test_a_header_is_the_system_prompt_the_tools_and_what_was_asked() -> None:
    header = {
        "system": [text("Be careful.")],
        "tools": [{"name": "grep"}, {"name": "glob"}],
        "firstMessage": {"content": [text("Do it.")]},
    }

    found = blocks(header, StepKind.HEADER)

    assert [(block.kind, block.text) for block in found] == [
        (BlockKind.SYSTEM, "Be careful."),
        (BlockKind.TOOLS, "grep, glob"),
        (BlockKind.TEXT, "Do it."),
    ]


def test_the_services_error_in_a_replys_place_is_a_refusal() -> None:
    found = blocks({"type": "error", "error": {"type": "x", "message": "Too long."}})

    assert found == [Block(BlockKind.REFUSAL, "Too long.")]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("words", [(BlockKind.TEXT, "words")]),
        ([{"type": "redacted_thinking", "data": "x"}], [(BlockKind.OTHER, None)]),
        (["no block", 7, None], []),
        (None, []),
        ([{"type": "tool_use", "name": "grep", "input": "no object"}], [(BlockKind.CALL, None)]),
    ],
)
def test_content_of_any_shape_is_read(content: Any, shown: list[Any]) -> None:
    found = blocks({"content": content})

    assert [block.kind for block in found] == [kind for kind, _ in shown]
    both = zip(found, shown, strict=True)
    assert all(said is None or block.text == said for block, (_, said) in both)
    assert all(block.subject == "" for block in found)


def test_a_line_without_a_message_says_nothing() -> None:
    assert [block.text for block in blocks(None)] == [""]


def test_calls_come_with_their_results_and_a_stray_result_comes_alone() -> None:
    said = {"content": [text("So."), call("grep", 1, pattern="x"), call("glob", 2, pattern="*")]}
    gave = {"content": [result("one", 1), result("of nobody", 9), text("Go on.")]}
    lines = [
        ThreadLine(conversation=1, sequence=0, kind=kind, turn=1, at=NOON, message=message)
        for kind, message in ((StepKind.REPLY, said), (StepKind.RESULTS, gave))
    ]

    found = [
        (block.text or block.name, answer and answer.text) for _, block, answer in answered(lines)
    ]

    assert next(name for name, _ in found) == "So."
    assert [answer for _, answer in found] == [None, "one", None, None, None]
    assert [name for name, _ in found][3:] == ["of nobody", "Go on."]


def test_an_edit_is_told_by_its_lines_and_nothing_else_is() -> None:
    edit = Block(BlockKind.CALL, "", "edit_file", given={"old_string": "a\nb", "new_string": "c"})
    added = Block(BlockKind.CALL, "", "edit_file", given={"old_string": "", "new_string": "c"})
    other = Block(BlockKind.CALL, "", "grep", given={"old_string": "a", "new_string": "b"})

    assert edited_lines(edit, str.upper) == ["-A", "-B", "+C"]
    assert edited_lines(added, str.upper) == ["+C"]
    assert edited_lines(other, str.upper) == []

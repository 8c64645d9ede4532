from __future__ import annotations

import pytest

from codybatch.agent.phrases import phrase, phrases
from codybatch.agent.turn import Call
from codybatch.domain.records import JsonObject


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("edit_file", {"path": "src/app.py", "old_string": "a"}, "edit_file src/app.py"),
        ("move_file", {"from": "a.py", "to": "b.py"}, "move_file a.py"),
        ("grep", {"pattern": "TODO"}, "grep TODO"),
        ("list_files", {}, "list_files"),
        ("read_file", {"path": ["not", "a", "string"]}, "read_file"),
        ("grep", {"pattern": "a\nb\u202e"}, "grep a\\nb\\u202e"),
    ],
)
def test_a_call_in_a_few_words(name: str, given: JsonObject, expected: str) -> None:
    assert phrase(Call("toolu_1", name, given)) == expected


def test_a_giant_input_makes_a_short_phrase() -> None:
    assert len(phrase(Call("toolu_1", "grep", {"pattern": "x" * 1_000_000}))) < 130


def test_many_calls_are_counted() -> None:
    calls = [Call("toolu_1", "read_file", {"path": f"{number}.py"}) for number in range(1000)]

    assert phrases(calls[:2]) == "read_file 0.py, read_file 1.py"
    assert phrases(calls).endswith("read_file 3.py and 996 more")

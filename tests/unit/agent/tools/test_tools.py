"""All tools together: which kind has which, and that their definitions hold."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from codybatch.agent.tools import Tool, tools_for
from codybatch.agent.tools.tool import FileTool
from codybatch.domain.answer_schema import MAX_OPTIONAL
from codybatch.domain.errors import UnsupportedSchema
from codybatch.domain.prompts import Kind
from codybatch.standins.anthropic.schema_rules import check_strict_limits, check_strict_schema
from tests.tree_kit import Tools

READING = ["list_files", "glob", "grep", "read_file"]
CHANGING = ["edit_file", "write_file", "delete_file", "move_file"]
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {f"p{number}": {"type": "string"} for number in range(MAX_OPTIONAL)},
}


def tools_of(kind: Kind) -> tuple[Tool, ...]:
    return tools_for(kind, ANSWER if kind is Kind.ASK else None)


def test_only_a_change_has_tools_that_change_files() -> None:
    assert [tool.name for tool in tools_of(Kind.CHANGE)] == [*READING, *CHANGING, "finish"]
    for kind in (Kind.AUDIT, Kind.ASK):
        assert [tool.name for tool in tools_of(kind)] == [*READING, "finish"]
        assert not any(tool.changes_files for tool in tools_of(kind))
    assert [tool.name for tool in tools_of(Kind.CHANGE) if tool.changes_files] == CHANGING


@pytest.mark.parametrize("kind", Kind)
def test_the_service_takes_the_definitions_as_they_are(kind: Kind) -> None:
    definitions = [tool.definition for tool in tools_of(kind)]
    for definition in definitions:
        assert definition["strict"] is True
        assert definition["description"]
        check_strict_schema(definition["input_schema"], definition["name"])
    check_strict_limits([definition["input_schema"] for definition in definitions])


@pytest.mark.parametrize("kind", Kind)
def test_the_definitions_are_the_same_bytes_each_time(kind: Kind) -> None:
    one, other = (json.dumps([tool.definition for tool in tools_of(kind)]) for _ in range(2))
    assert one == other


def test_the_definitions_name_what_the_inputs_take() -> None:
    for tool in tools_of(Kind.CHANGE):
        if isinstance(tool, FileTool):
            fields = tool.input_model.model_fields
            names = {field.alias or name: field for name, field in fields.items()}
            assert set(tool.properties) == set(names)
            required = {name for name, field in names.items() if field.is_required()}
            assert set(tool.required) == required


def test_an_ask_needs_a_schema_that_can_be_held() -> None:
    with pytest.raises(UnsupportedSchema, match="needs the JSON Schema of its answer"):
        tools_for(Kind.ASK)
    with pytest.raises(UnsupportedSchema, match="must be an object at its root"):
        tools_for(Kind.ASK, {"type": "string"})


HOSTILE: list[Any] = [
    {},
    {"path": None},
    {"path": 7},
    {"path": ["a"]},
    {"path": {"path": "a"}},
    {"path": "\ud800"},
    {"path": "a" * 100_000},
    {"pattern": "\ud800"},
    {"pattern": "[[[[["},
    {"from": "a"},
    {"path": "a", "old_string": 1, "new_string": []},
    {"answer": "x"},
    {"x": {"y": [{"z": float("nan")}]}},
    {str(number): number for number in range(1_000)},
]


@pytest.mark.parametrize("given", HOSTILE, ids=lambda given: str(given)[:20])
def test_hostile_input_is_answered_with_a_short_printable_error(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    tools = Tools(tmp_path, {"src/a": "1"})
    for name in tools.tools:
        output = tools.tools[name].run(tools.tree, tools.redactor, given)
        assert output.is_error or name in {"list_files", "glob"}
        assert len(output.text) < 2_000
        output.text.encode()
    assert tools.tree.changed() == ()


def test_the_same_calls_on_the_same_tree_give_the_same_bytes(tmp_path: Path) -> None:
    files = {"a.py": 'password = "k8Jq2Lm4Np6"\n' * 3, "b/c.txt": "caf\u00e9\r\n"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("list_files", {}),
        ("grep", {"pattern": "pass|caf", "context": 1}),
        ("read_file", {"path": "a.py"}),
        ("edit_file", {"path": "b/c.txt", "old_string": "caf", "new_string": "th"}),
        ("edit_file", {"path": "b/c.txt", "old_string": "nothing", "new_string": "x"}),
        ("write_file", {"path": "new/d", "content": "1\n"}),
        ("move_file", {"from": "a.py", "to": "z.py"}),
        ("delete_file", {"path": "new/d"}),
        ("glob", {"pattern": "*"}),
    ]
    runs = []
    for number in range(2):
        tools = Tools(tmp_path / str(number), files)
        texts = [tools.call(name, **given).text for name, given in calls]
        runs.append((texts, tools.tree.digest()))
    assert runs[0] == runs[1]


def test_reading_tools_give_the_same_side_by_side_as_one_by_one(tmp_path: Path) -> None:
    files = {f"pkg{n % 7}/m{n}.py": f"value_{n} = {n}\n" * 50 for n in range(200)}
    tools = Tools(tmp_path, files)
    tools.fine("write_file", path="pkg0/new.py", content="value_x = 1\n")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("grep", {"pattern": "value_1.*7$", "limit": 50}),
        ("read_file", {"path": "pkg3/m3.py"}),
        ("list_files", {"depth": 3}),
        ("glob", {"pattern": "**/m1*.py"}),
    ] * 10
    alone = [tools.call(name, **given) for name, given in calls]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda call: tools.call(call[0], **call[1]), calls))
    assert together == alone

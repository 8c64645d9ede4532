from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from codybatch.agent.tools import Claim, Tool, ToolOutput
from codybatch.agent.turn import (
    FINISH_ALONE,
    INTERNAL_ERROR,
    MAX_CALLS,
    Call,
    CallResult,
    Toolbox,
    calls_in,
)
from codybatch.agent.turn_log import Interrupted
from codybatch.domain.errors import ToolRefused
from codybatch.domain.records import JsonObject
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree
from tests.agent_kit import make_tree, scanner

PLENTY = 1_000_000


@dataclass(frozen=True)
class SmallTool:
    """A tool that does what the test says."""

    name: str
    act: Callable[[JsonObject], str | ToolOutput]
    changes_files: bool = False

    @property
    def definition(self) -> JsonObject:
        return {"name": self.name}

    def run(self, tree: WorkTree, redactor: Redactor, input: JsonObject) -> ToolOutput:  # noqa: A002
        del tree, redactor
        output = self.act(input)
        return ToolOutput(output) if isinstance(output, str) else output


def toolbox(folder: Path, *tools: Tool, interrupted: threading.Event | None = None) -> Toolbox:
    redactor = Redactor(scanner(), "salt")
    return Toolbox(tools, make_tree(folder), redactor, interrupted or threading.Event())


def echo(given: JsonObject) -> str:
    return str(given.get("say", ""))


def call(name: str, number: int = 0, **given: object) -> Call:
    return Call(f"toolu_{number}", name, dict(given))


def test_calls_are_read_from_a_reply_in_order() -> None:
    block = {"type": "tool_use", "id": "toolu_1", "name": "grep", "input": {"pattern": "x"}}
    message = {"content": [{"type": "text", "text": "Hm."}, block, block | {"id": "toolu_2"}]}

    assert [found.id for found in calls_in(message)] == ["toolu_1", "toolu_2"]


def test_results_come_in_the_order_of_the_calls_although_the_first_ends_last(
    tmp_path: Path,
) -> None:
    last_ran = threading.Event()

    def act(given: JsonObject) -> str:
        if given["say"] == "0":
            assert last_ran.wait(10)
        else:
            last_ran.set()
        return str(given["say"])

    calls = [call("look", number, say=str(number)) for number in range(3)]
    results = toolbox(tmp_path, SmallTool("look", act)).run(calls, PLENTY)

    assert [result.text for result in results] == ["0", "1", "2"]
    assert [result.call.id for result in results] == ["toolu_0", "toolu_1", "toolu_2"]


def test_four_reading_calls_run_side_by_side(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def act(given: JsonObject) -> str:
        del given
        return str(together.wait(10))

    results = toolbox(tmp_path, SmallTool("look", act)).run(
        [call("look", number) for number in range(4)], PLENTY
    )

    assert sorted(result.text for result in results) == ["0", "1", "2", "3"]


def test_changing_calls_run_alone_and_in_order_between_the_reading_ones(tmp_path: Path) -> None:
    order: list[str] = []
    busy = threading.Lock()

    def note(given: JsonObject) -> str:
        order.append(str(given["say"]))
        return ""

    def change(given: JsonObject) -> str:
        with busy:
            return note(given)

    tools = SmallTool("look", note), SmallTool("change", change, changes_files=True)
    calls = [
        call("look", 1, say="a"),
        call("look", 2, say="a"),
        call("change", 3, say="b"),
        call("change", 4, say="c"),
        call("look", 5, say="d"),
        call("change", 6, say="e"),
    ]
    toolbox(tmp_path, *tools).run(calls, PLENTY)

    assert order == ["a", "a", "b", "c", "d", "e"]


def test_an_unknown_tool_is_answered_with_the_names_of_the_known_ones(tmp_path: Path) -> None:
    (result,) = toolbox(tmp_path, SmallTool("look", echo)).run([call("bash")], PLENTY)

    assert result.is_error
    assert "look" in result.text


def test_a_refusal_goes_to_the_model(tmp_path: Path) -> None:
    def refuse(given: JsonObject) -> str:
        raise ToolRefused(f"No {given['say']}.")

    (result,) = toolbox(tmp_path, SmallTool("look", refuse)).run([call("look", say="x")], PLENTY)

    assert (result.text, result.is_error) == ("No x.", True)


def test_our_own_failure_is_named_as_such_without_its_words(tmp_path: Path) -> None:
    def fail(_given: JsonObject) -> str:
        raise OSError(errno.EIO, "Input/output error", "/home/someone/private")

    (result,) = toolbox(tmp_path, SmallTool("look", fail)).run([call("look")], PLENTY)

    assert (result.text, result.is_error) == (INTERNAL_ERROR, True)


def test_a_full_disk_is_nothing_the_model_could_mend(tmp_path: Path) -> None:
    def fail(_given: JsonObject) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        toolbox(tmp_path, SmallTool("look", fail)).run([call("look")], PLENTY)


def test_thousands_of_calls_are_cut_and_each_is_answered(tmp_path: Path) -> None:
    ran: list[object] = []

    def act(given: JsonObject) -> str:
        ran.append(given)
        return "x"

    calls = [call("look", number) for number in range(5000)]
    results = toolbox(tmp_path, SmallTool("look", act)).run(calls, PLENTY)

    assert len(ran) == MAX_CALLS
    assert [result.call.id for result in results] == [asked.id for asked in calls]
    assert all(result.is_error for result in results[MAX_CALLS:])


def test_finish_is_refused_beside_other_calls_which_run_all_the_same(tmp_path: Path) -> None:
    claim = Claim(title="t", summary="s")
    tools = (
        SmallTool("look", echo),
        SmallTool("finish", lambda _given: ToolOutput("", claim=claim)),
    )
    both = toolbox(tmp_path, *tools).run([call("finish", 1), call("look", 2, say="x")], PLENTY)
    alone = toolbox(tmp_path, *tools).run([call("finish", 1)], PLENTY)

    assert [(result.text, result.claim) for result in both] == [(FINISH_ALONE, None), ("x", None)]
    assert alone[0].claim == claim


def test_results_that_are_too_large_together_are_left_out(tmp_path: Path) -> None:
    tool = SmallTool("look", lambda given: "x" * int(given["size"]))
    calls = [call("look", number, size=size) for number, size in enumerate([900, 900, 100, 900])]

    results = toolbox(tmp_path, tool).run(calls, 2000)

    assert [result.is_error for result in results] == [False, False, False, True]
    assert sum(len(result.text) for result in results) < 2200


def test_that_a_file_was_changed_is_said_however_large_the_results_are(tmp_path: Path) -> None:
    tool = SmallTool("change", lambda _given: "Changed. " + "x" * 5000, changes_files=True)

    results = toolbox(tmp_path, tool).run([call("change", 1), call("change", 2)], 1000)

    assert [result.is_error for result in results] == [False, False]
    assert all(result.text.startswith("Changed. ") for result in results)
    assert all(len(result.text) < 300 for result in results)


def test_one_giant_result_is_cut(tmp_path: Path) -> None:
    tool = SmallTool("look", lambda _given: "x" * 10_000_000)

    (result,) = toolbox(tmp_path, tool).run([call("look")], PLENTY)

    assert len(result.text) < 101_000
    assert not result.is_error


def test_what_utf8_cannot_carry_is_escaped(tmp_path: Path) -> None:
    (result,) = toolbox(tmp_path, SmallTool("look", echo)).run([call("look", say="\udcff")], PLENTY)

    assert result.text == "\\udcff"


def test_no_call_begins_once_the_worker_asks_to_stop(tmp_path: Path) -> None:
    interrupted = threading.Event()
    ran: list[str] = []

    def act(given: JsonObject) -> str:
        ran.append(str(given["say"]))
        interrupted.set()
        return ""

    tool = SmallTool("change", act, changes_files=True)
    box = toolbox(tmp_path, tool, interrupted=interrupted)
    with pytest.raises(Interrupted):
        box.run([call("change", 1, say="first"), call("change", 2, say="second")], PLENTY)

    assert ran == ["first"]


def test_replaying_runs_only_what_changes_files(tmp_path: Path) -> None:
    ran: list[str] = []

    def act(given: JsonObject) -> str:
        ran.append(str(given["say"]))
        return ""

    box = toolbox(tmp_path, SmallTool("look", act), SmallTool("change", act, changes_files=True))
    for name in ("look", "change", "gone in this release"):
        box.replay(call(name, say=name))

    assert ran == ["change"]


@pytest.mark.parametrize(
    ("result", "block"),
    [
        (
            CallResult(call("look"), "text"),
            {"type": "tool_result", "tool_use_id": "toolu_0", "content": "text"},
        ),
        (
            CallResult(call("look"), ""),
            {"type": "tool_result", "tool_use_id": "toolu_0", "content": "(no output)"},
        ),
        (
            CallResult(call("look"), "bad", is_error=True),
            {
                "type": "tool_result",
                "tool_use_id": "toolu_0",
                "content": "bad",
                "is_error": True,
            },
        ),
    ],
)
def test_a_result_is_sent_as_the_service_expects_it(result: CallResult, block: JsonObject) -> None:
    assert result.as_block() == block

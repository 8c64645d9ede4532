"""Running the tool calls of one reply: side by side where they read, in order where they change."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from itertools import groupby
from threading import Event as ThreadEvent
from types import TracebackType
from typing import TYPE_CHECKING, Self

from codybatch.agent.conversation import sendable
from codybatch.agent.tools import Claim, Tool
from codybatch.agent.turn_log import Interrupted
from codybatch.domain.errors import ToolRefused
from codybatch.domain.records import JsonObject
from codybatch.ports.tracing import UNTRACED, Tracing
from codybatch.workspace.failures import NO_ROOM

if TYPE_CHECKING:
    from codybatch.workspace.redaction import Redactor
    from codybatch.workspace.tree import WorkTree

MAX_CALLS = 64
"""Of one reply that are run; the others are answered with an error."""
MAX_THREADS = 4
MAX_RESULT_CHARACTERS = 100_000
"""Of one result: tools keep to less, so this only stops a faulty one."""
FINISH = "finish"
INTERNAL_ERROR = "Internal error: this call failed for a reason that is not yours. Try another way."
FINISH_ALONE = (
    "Not finished: call finish alone, in a reply of its own, once you have seen the results of "
    "the other calls."
)
_LEFT_OUT = (
    "Left out: the results of this reply are too large together. Ask again for this one alone, or "
    "for a smaller part."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One tool call of a reply."""

    id: str
    name: str
    input: JsonObject


@dataclass(frozen=True)
class CallResult:
    """What one call gave."""

    call: Call
    text: str
    is_error: bool = False
    claim: Claim | None = None

    def as_block(self) -> JsonObject:
        """The ``tool_result`` block that is sent."""
        block: JsonObject = {
            "type": "tool_result",
            "tool_use_id": self.call.id,
            "content": self.text or "(no output)",
        }
        return {**block, "is_error": True} if self.is_error else block


def calls_in(message: JsonObject) -> list[Call]:
    """The tool calls of an assistant message, in order."""
    return [
        Call(block["id"], block["name"], block["input"])
        for block in message["content"]
        if block["type"] == "tool_use"
    ]


def canonical(value: JsonObject) -> bytes:
    """The same bytes for the same input, in whatever order its keys came."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Toolbox:
    """The tools of a job, on its work tree.

    Args:
        tools: in the order in which they are sent.
        tree: the job's work tree.
        redactor: takes secrets out of results and puts them back into edits.
        interrupted: when set, no further call is begun.
        tracing: where a span for each call goes.
    """

    def __init__(
        self,
        tools: Sequence[Tool],
        tree: WorkTree,
        redactor: Redactor,
        interrupted: ThreadEvent,
        tracing: Tracing = UNTRACED,
    ) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self._tree = tree
        self._redactor = redactor
        self._interrupted = interrupted
        self._tracing = tracing
        self.changing = frozenset(tool.name for tool in tools if tool.changes_files)
        """Names of the tools that change files."""
        self._threads = ThreadPoolExecutor(MAX_THREADS, "tool")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def run(self, calls: Sequence[Call], max_characters: int) -> list[CallResult]:
        """Run the calls of one reply; the results come in the order of the calls.

        Args:
            calls: of one reply, in order.
            max_characters: of all results together; what reads more is left out.

        Raises:
            Interrupted: the worker asks the conversation to stop.
        """
        alone = len(calls) == 1
        results = [
            result
            for changes, group in groupby(calls[:MAX_CALLS], key=self._changes_files)
            for result in self._run_group(list(group), changes, alone)
        ]
        refusal = f"Not run: a reply may hold at most {MAX_CALLS} tool calls."
        results += [CallResult(call, refusal, is_error=True) for call in calls[MAX_CALLS:]]
        return list(self._bounded(results, max_characters))

    def replay(self, call: Call) -> None:
        """Run a recorded call again where it changes files; what it gives is known already."""
        if self._changes_files(call):
            self._run_one(call, alone=False)

    def _bounded(self, results: Sequence[CallResult], most: int) -> Iterator[CallResult]:
        """The results, without what no longer fits; that a file was changed is always said."""
        used = 0
        for result in results:
            if used + len(result.text) <= most or len(result.text) <= len(_LEFT_OUT):
                kept = result
            elif self._changes_files(result.call):
                kept = replace(result, text=f"{result.text[: len(_LEFT_OUT)]}\n[cut]")
            else:
                kept = replace(result, text=_LEFT_OUT, is_error=True)
            used += len(kept.text)
            yield kept

    def _changes_files(self, call: Call) -> bool:
        return call.name in self.changing

    def _run_group(self, calls: list[Call], changes: bool, alone: bool) -> list[CallResult]:
        if self._interrupted.is_set():
            raise Interrupted
        if changes or len(calls) == 1:
            return [self._run_one(call, alone) for call in calls]
        # A thread is given a copy of what surrounds this one: the span among it.
        surroundings = [copy_context() for _ in calls]
        return list(
            self._threads.map(
                lambda around, call: around.run(self._run_one, call, alone), surroundings, calls
            )
        )

    def _run_one(self, call: Call, alone: bool) -> CallResult:
        if self._interrupted.is_set():
            raise Interrupted
        tool = self.tools.get(call.name)
        name = tool.name if tool else "unknown"  # the model may call it anything
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.type": "function",
        }
        with self._tracing.span(f"execute_tool {name}", attributes) as span:
            result = self._result_of(tool, call, alone)
            if result.is_error:
                span.fail("tool_error")
        return result

    def _result_of(self, tool: Tool | None, call: Call, alone: bool) -> CallResult:
        if tool is None:
            names = ", ".join(self.tools)
            return CallResult(call, f"There is no such tool. The tools are: {names}.", True)
        if call.name == FINISH and not alone:
            return CallResult(call, FINISH_ALONE, is_error=True)
        try:
            output = tool.run(self._tree, self._redactor, call.input)
        except ToolRefused as refusal:
            return CallResult(call, _fitted(refusal.message), is_error=True)
        except OSError as error:
            if error.errno in NO_ROOM:  # the model cannot mend it: the job waits for room
                raise
            _log.exception("the tool %s failed", call.name)
            return CallResult(call, INTERNAL_ERROR, is_error=True)
        except Exception:  # noqa: BLE001  (whatever it is, the conversation goes on)
            _log.exception("the tool %s failed", call.name)
            return CallResult(call, INTERNAL_ERROR, is_error=True)
        return CallResult(call, _fitted(output.text), output.is_error, output.claim)


def _fitted(text: str) -> str:
    if len(text) > MAX_RESULT_CHARACTERS:
        text = f"{text[:MAX_RESULT_CHARACTERS]}\n[cut at {MAX_RESULT_CHARACTERS:,} characters]"
    return sendable(text)

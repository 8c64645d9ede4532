"""The loop with the real client over a stand-in that is as strict as the service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from codybatch.agent.loop import converse
from codybatch.agent.task import ConversationEnd
from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.domain.events import EventKind
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.domain.requests import Effort
from codybatch.domain.states import EndedBecause, WaitingReason
from codybatch.domain.threads import StepKind
from codybatch.standins.anthropic import (
    DEMONSTRATION_KEY,
    AnthropicStandin,
    Fault,
    Reply,
    Script,
    text,
    thinking,
    tool_use,
    turn_of,
)
from codybatch.workspace.redaction import Redactor
from tests.agent_kit import (
    NOON,
    Durable,
    Killed,
    MemoryTurnLog,
    SteppingClock,
    finish,
    make_task,
    make_tree,
    scanner,
)

SONNET = "claude-sonnet-5-5"
FILES = {
    f"src/module{number}.py": "".join(
        f"def function_{number}_{line}():\n    return {line}\n" for line in range(90)
    )
    for number in range(40)
}


def reading(turn: int, calls: int = 1) -> list[JsonObject]:
    """Think, say a word, read."""
    reads = [
        tool_use(
            "read_file", {"path": f"src/module{(turn + more) % 40}.py", "end_line": 120 + turn}
        )
        for more in range(calls)
    ]
    return [thinking("What next? " * 40), text("I read on. " * 20), *reads]


def finishing(changes: bool = False) -> list[JsonObject]:
    return [thinking("That is all."), tool_use(*finish(changes))]


def editing() -> list[JsonObject]:
    given = {"old_string": "return 7\n", "new_string": "return 77\n", "path": "src/module3.py"}
    return [thinking("Now the edit."), tool_use("edit_file", given)]


class Wire:
    """One job over the wire, in attempts."""

    def __init__(self, folder: Path, server: AnthropicStandin, **task: Any) -> None:
        self.folder = folder
        self.server = server
        self.task = make_task(model=SONNET, effort=Effort.HIGH, **task)
        self.durable = Durable()
        self.log = MemoryTurnLog(self.durable)
        self.clock = SteppingClock()
        self.attempts = 0

    def run(self, dies_at: int = 0, dies: str = "after") -> ConversationEnd:
        self.attempts += 1
        self.log = MemoryTurnLog(self.durable, self.attempts, dies_at, dies)
        self.tree = make_tree(self.folder / str(self.attempts), FILES)
        client = AnthropicClient(DEMONSTRATION_KEY, self.server.url, self.clock, PriceBook())
        redactor = Redactor(scanner(), "salt")
        try:
            return converse(self.task, client, self.tree, redactor, self.log, self.clock)
        finally:
            client.close()

    def usages(self) -> list[Usage]:
        return [r.step.usage for r in self.durable.steps if r.step.usage and r.step.appended]


@contextmanager
def serving(brain: Callable[[JsonObject], Any]) -> Iterator[AnthropicStandin]:
    with AnthropicStandin(brain, clock=lambda: 0.0) as server:
        yield server


def refusals(server: AnthropicStandin) -> list[str]:
    return [exchange.error for exchange in server.exchanges if exchange.error]


def test_forty_turns_are_accepted_and_cost_nearly_what_an_append_only_thread_must(
    tmp_path: Path,
) -> None:
    with serving(Script([*[reading(turn) for turn in range(39)], finishing()])) as server:
        job = Wire(tmp_path, server, cost_cap_usd=Decimal(5))
        end = job.run()

    assert end.ended_because is EndedBecause.FINISHED
    assert refusals(server) == []
    usages = job.usages()
    assert len(usages) == 40
    paid = sum(input_cost(usage) for usage in usages)
    best, uncached, before = Decimal(0), Decimal(0), 0
    for usage in usages:
        now = usage.prompt_tokens
        best += input_cost(
            Usage(cache_read_tokens=before, cache_write_5m_tokens=max(now - before, 0))
        )
        uncached += input_cost(Usage(input_tokens=now))
        before = now
    assert paid <= best * Decimal("1.10")
    assert paid * 5 <= uncached
    assert job.log.told(EventKind.CACHE_MISSED) == []


def input_cost(usage: Usage) -> Decimal:
    return PriceBook().price(SONNET, usage.model_copy(update={"output_tokens": 0}), NOON)


def test_turns_of_many_calls_still_find_their_cache(tmp_path: Path) -> None:
    turns = [reading(turn, calls=12) for turn in range(8)]
    with serving(Script([*turns, finishing()])) as server:
        job = Wire(tmp_path, server, context_tokens=10**9)
        end = job.run()

    assert end.ended_because is EndedBecause.FINISHED
    usages = job.usages()
    for before, now in pairwise(usages[1:]):
        assert now.cache_read_tokens >= before.prompt_tokens * 0.95
    assert refusals(server) == []


def test_odd_replies_leave_a_thread_that_the_service_accepts(tmp_path: Path) -> None:
    """Cut off twice, silent, blank, an unknown tool, finish beside another call."""
    seen: list[int] = []
    odd: list[Reply | list[JsonObject]] = [
        Reply([thinking("Hm."), text("half")], stop_reason="max_tokens"),
        Reply([thinking("Hm."), text("half")], stop_reason="max_tokens"),
        Reply([thinking("Hm."), text("I am done, I think.")]),
        Reply([], stop_reason="end_turn"),
        Reply([thinking("A shell."), tool_use("bash", {"command": "ls"})], breaks_schemas=True),
        [thinking("Both."), *editing()[1:], tool_use(*finish())],
        finishing(changes=True),
    ]

    def brain(request: JsonObject) -> Reply | list[JsonObject]:
        seen.append(turn_of(request))
        return odd[len(seen) - 1]

    with serving(brain) as server:
        job = Wire(tmp_path, server)
        end = job.run()

    assert refusals(server) == []
    assert end.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == ("src/module3.py",)


def test_a_job_that_went_on_after_a_crash_is_accepted_by_the_service(tmp_path: Path) -> None:
    script = Script([reading(1), editing(), reading(3), finishing(changes=True)])
    with serving(script) as server:
        job = Wire(tmp_path, server)
        with pytest.raises(Killed):
            job.run(dies_at=6, dies="between")
        end = job.run()

    assert end.ended_because is EndedBecause.FINISHED
    assert refusals(server) == []
    assert len(server.requests) == 4
    assert end.spending.uncertain_cost_usd == 0


def test_an_adopted_reply_costs_what_it_would_have_cost(tmp_path: Path) -> None:
    with serving(Script([reading(1), reading(2), finishing()])) as server:
        whole = Wire(tmp_path / "whole", server)
        expected = whole.run()
    with serving(Script([reading(1), reading(2), finishing()])) as server:
        job = Wire(tmp_path / "killed", server)
        with pytest.raises(Killed):
            job.run(dies_at=4, dies="between")
        end = job.run()

    assert end.spending.cost_usd == expected.spending.cost_usd
    assert end.spending.usage == expected.spending.usage


def test_a_stream_that_breaks_off_is_charged_and_asked_for_again(tmp_path: Path) -> None:
    with serving(Script([reading(1), finishing()])) as server:
        server.faults.add(Fault(kind="cut", turn=1, after_events=3))
        job = Wire(tmp_path, server, cost_cap_usd=Decimal(2))
        end = job.run()

    assert end.ended_because is EndedBecause.FINISHED
    assert len(job.log.told(EventKind.PAID_TWICE)) == 1
    assert end.spending.uncertain_cost_usd > 0
    assert job.durable.kinds() == [
        *("header", "request", "reply", "results", "request", "request", "reply"),
    ]


def test_a_revoked_key_makes_the_job_wait_for_its_credential(tmp_path: Path) -> None:
    with serving(Script([reading(1), finishing()])) as server:
        server.faults.add(
            Fault(kind="answer", turn=1, status=401, error_type="authentication_error")
        )
        job = Wire(tmp_path, server)
        waiting = job.run().waiting

    assert waiting
    assert waiting.reason is WaitingReason.CREDENTIAL
    assert waiting.credential
    assert DEMONSTRATION_KEY not in waiting.to_json()
    assert job.durable.kinds()[-1] == "reply"


def test_a_refusal_is_named_with_its_category(tmp_path: Path) -> None:
    with serving(Script([reading(1), reading(2)])) as server:
        server.faults.add(Fault(kind="stop", turn=1, stop_reason="refusal", category="cyber"))
        end = Wire(tmp_path, server).run()

    assert end.ended_because is EndedBecause.REFUSED
    assert "cyber" in end.detail


def test_a_thread_whose_signature_is_refused_goes_on_in_a_fresh_conversation(
    tmp_path: Path,
) -> None:
    """The recorded thread is altered between two attempts, as no code of ours may do."""
    turns = Script([reading(1), editing(), finishing(changes=True)])

    def brain(request: JsonObject) -> Any:
        is_fresh = "<earlier>" in json.dumps(request["messages"][0])
        return finishing(changes=True) if is_fresh else turns(request)

    with serving(brain) as server:
        job = Wire(tmp_path, server)
        with pytest.raises(Killed):
            job.run(dies_at=5, dies="after")
        header = job.durable.steps[0]
        altered = (header.content or b"").replace(b"Make the greeting", b"Make a greeting")
        job.durable.steps[0] = type(header)(header.step, altered)
        end = job.run()

    assert end.ended_because is EndedBecause.FINISHED
    assert end.spending.conversations == 2
    assert "thinking" in job.log.told(EventKind.HANDED_OFF)[0]
    assert len(job.durable.contents(StepKind.HEADER)) == 2

"""What conversations are tested with: a model that follows a script, a turn log in memory that
holds to the rules of committing, and small real work trees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from threading import Event as ThreadEvent
from typing import Any

from codybatch.agent.loop import converse
from codybatch.agent.task import ConversationEnd, Limits, Spending, Task
from codybatch.agent.turn_log import Interrupted, RecordedStep, StepEntry
from codybatch.domain.errors import ModelInterrupted
from codybatch.domain.events import Event, EventKind
from codybatch.domain.identifiers import JobId
from codybatch.domain.money import Usage
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject
from codybatch.domain.repositories import Profile, RepositoryRef
from codybatch.domain.threads import Step, StepKind
from codybatch.ports.model import ModelCapabilities, ModelReply, ModelRequest, RetryNotice
from codybatch.workspace.manifest import FILE, Manifest, ManifestEntry
from codybatch.workspace.redaction import Redactor, SecretScanner
from codybatch.workspace.tree import WorkTree

MODEL = "claude-test-5"
JOB = JobId("01h2xcejqtf2nbrexx3vqjhp41-1")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILES = {
    "README.md": "# Example\n",
    "src/app.py": "def greet(name):\n    return 'hello ' + name\n",
    "src/other.py": "VALUE = 1\n",
}


class Killed(BaseException):
    """The process died here."""


# --- time --------------------------------------------------------------------------------------


class SteppingClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float, until: ThreadEvent | None = None) -> None:
        del until
        self.seconds += seconds


# --- the model ---------------------------------------------------------------------------------

Call = tuple[str, JsonObject]


@dataclass(frozen=True)
class Answer:
    """What a script answers with."""

    calls: tuple[Call, ...] = ()
    text: str = ""
    stop_reason: str | None = None
    content: Any = None
    """In place of text and calls, as it is."""
    extra: JsonObject = field(default_factory=dict)
    retries: tuple[RetryNotice, ...] = ()
    usage: Usage | None = None
    seconds: float = 0.0


def does(*calls: Call, text: str = "") -> Answer:
    """A reply that calls tools."""
    return Answer(calls, text)


def says(text: str) -> Answer:
    """A reply without a call."""
    return Answer(text=text)


def at_length(answer: Answer, tokens: int) -> Answer:
    """The same reply, to a prompt of this many tokens."""
    return replace(answer, usage=Usage(cache_read_tokens=tokens, output_tokens=100))


def reads(path: str = "src/app.py") -> Call:
    return ("read_file", {"path": path})


def edits(old: str, new: str, path: str = "src/app.py") -> Call:
    return ("edit_file", {"path": path, "old_string": old, "new_string": new})


def writes(path: str, content: str, **more: Any) -> Call:
    return ("write_file", {"path": path, "content": content, **more})


def finish(changes: bool = True, **more: Any) -> Call:
    claim: JsonObject = {
        "title": "Greet politely",
        "summary": "Greets politely.",
        "verification": "Read it.",
    }
    claim |= {"confidence": "high", "followUps": []}
    return ("finish", {"wereChangesNecessary": changes, **claim, **more})


Script = Callable[[ModelRequest, int], Answer | Exception]
"""Of a request, and of how often the same messages were sent before."""


def in_order(*answers: Answer | Exception, handed_off: Sequence[Answer | Exception] = ()) -> Script:
    """Answer by the number of replies that the conversation holds, so that a job that goes on after
    a crash is answered in the same way. ``handed_off`` is for conversations after the first.
    """

    def answer(request: ModelRequest, asked: int) -> Answer | Exception:
        del asked
        mine = handed_off if is_handed_off(request) else answers
        return mine[min(replies_in(request), len(mine) - 1)]

    return answer


def one_by_one(*answers: Answer | Exception) -> Script:
    """Answer the first request with the first answer, and so on; the last one again and again."""
    left = list(answers)

    def answer(request: ModelRequest, asked: int) -> Answer | Exception:
        del request, asked
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def replies_in(request: ModelRequest) -> int:
    return sum(message["role"] == "assistant" for message in request.messages)


def is_handed_off(request: ModelRequest) -> bool:
    return any("<earlier>" in block["text"] for block in request.messages[0]["content"])


class ScriptedModel:
    """A model's service that answers at once, as its script says."""

    price_table = "test prices"
    credential = "test key 1a2b3c4d"

    def __init__(self, script: Script, **capabilities: Any) -> None:
        self.script = script
        self.requests: list[ModelRequest] = []
        self.sent: list[bytes] = []
        """System, tools and messages of each request, without cache markers in the messages."""
        self.clock: SteppingClock | None = None
        self.refused_capabilities: Exception | None = None
        usual = ModelCapabilities(MODEL, 1_000_000, 128_000, True, ("low", "medium", "high"))
        self._capabilities = replace(usual, **capabilities)

    def capabilities(self, model: str) -> ModelCapabilities:
        assert model == MODEL
        if self.refused_capabilities:
            raise self.refused_capabilities
        return self._capabilities

    def reply(
        self, request: ModelRequest, abort: ThreadEvent, on_retry: Callable[[RetryNotice], None]
    ) -> ModelReply:
        if abort.is_set():
            raise ModelInterrupted
        sent = wire_bytes(request)
        asked = self.sent.count(sent)
        self.requests.append(request)
        self.sent.append(sent)
        answer = self.script(request, asked)
        if isinstance(answer, Exception):
            raise answer
        for notice in answer.retries:
            on_retry(notice)
        if self.clock:
            self.clock.seconds += answer.seconds
        return self._reply(request, answer)

    def charge(self, model: str, message: JsonObject, at: datetime) -> tuple[Usage, Decimal]:
        counted = message["usage"]
        usage = Usage(
            input_tokens=counted["input_tokens"],
            cache_write_5m_tokens=counted["cache_creation_input_tokens"],
            cache_read_tokens=counted["cache_read_input_tokens"],
            output_tokens=counted["output_tokens"],
        )
        return usage, self.price(model, usage, at)

    def price(self, model: str, usage: Usage, at: datetime) -> Decimal:
        del model, at
        return (
            Decimal(usage.input_tokens) * 2
            + Decimal(usage.cache_write_5m_tokens) * Decimal("2.5")
            + Decimal(usage.cache_read_tokens) * Decimal("0.1")
            + Decimal(usage.output_tokens) * 10
        ) / 1_000_000

    def worst_case(self, model: str, prompt_tokens: int, max_tokens: int, at: datetime) -> Decimal:
        usage = Usage(cache_write_5m_tokens=prompt_tokens, output_tokens=max_tokens)
        return self.price(model, usage, at)

    def _reply(self, request: ModelRequest, answer: Answer) -> ModelReply:
        content = answer.content if answer.content is not None else _content(request, answer)
        usage = answer.usage or _usage(request, content)
        stop_reason = answer.stop_reason or ("tool_use" if answer.calls else "end_turn")
        message = {
            "id": f"msg_{len(request.messages)}",
            "type": "message",
            "role": "assistant",
            "model": MODEL,
            "content": content,
            "stop_reason": stop_reason,
            "usage": as_received(usage),
            **answer.extra,
        }
        charged, cost = self.charge(MODEL, message, NOON)
        return ModelReply(message, stop_reason, charged, cost)


def as_received(usage: Usage) -> JsonObject:
    """Usage as the service writes it."""
    return {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": usage.cache_write_5m_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m_tokens,
            "ephemeral_1h_input_tokens": 0,
        },
        "cache_read_input_tokens": usage.cache_read_tokens,
        "output_tokens": usage.output_tokens,
    }


def _content(request: ModelRequest, answer: Answer) -> list[JsonObject]:
    number = replies_in(request) + 1000 * is_handed_off(request)
    signature = hashlib.sha256(wire_bytes(request)).hexdigest()
    content: list[JsonObject] = [
        {"type": "thinking", "thinking": "Let me see.", "signature": signature}
    ]
    if answer.text:
        content.append({"type": "text", "text": answer.text})
    content += [
        {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": given}
        for index, (name, given) in enumerate(answer.calls)
    ]
    return content


def _usage(request: ModelRequest, content: Any) -> Usage:
    """Four bytes a token; everything but the last two messages was cached before."""
    older = len(json.dumps(request.messages[:-2])) // 4 if len(request.messages) > 2 else 0
    total = len(wire_bytes(request)) // 4
    return Usage(
        input_tokens=3,
        cache_write_5m_tokens=max(total - older, 0),
        cache_read_tokens=older,
        output_tokens=len(json.dumps(content)) // 4,
    )


def wire_bytes(request: ModelRequest) -> bytes:
    """System, tools and messages of a request; markers in messages are no content."""
    fixed = json.dumps([request.system, request.tools]).encode()
    return fixed + b"".join(json.dumps(unmarked(message)).encode() for message in request.messages)


def unmarked(message: JsonObject) -> JsonObject:
    blocks = [
        {key: value for key, value in block.items() if key != "cache_control"}
        for block in message["content"]
    ]
    return {**message, "content": blocks}


# --- the turn log ------------------------------------------------------------------------------


@dataclass
class Durable:
    """What survives a process: committed steps, and replies that were written and not committed."""

    steps: list[RecordedStep] = field(default_factory=list)
    spendings: list[Spending] = field(default_factory=list)
    unclaimed: dict[tuple[int, int, str], bytes] = field(default_factory=dict)

    def kinds(self, conversation: int = 1) -> list[str]:
        return [
            str(recorded.step.kind)
            for recorded in self.steps
            if recorded.step.conversation == conversation
        ]

    def contents(self, kind: StepKind) -> list[JsonObject]:
        return [
            json.loads(recorded.content or b"")
            for recorded in self.steps
            if recorded.step.kind is kind
        ]


class MemoryTurnLog:
    """A turn log in memory that refuses what breaks the rules, and can die at a commit.

    Args:
        durable: what earlier attempts committed.
        fence: of this attempt.
        dies_at: the commit (from 1, of this attempt) at which the process dies.
        dies: ``before`` anything is written, ``between`` the bytes and the record, or ``after``.
    """

    def __init__(
        self, durable: Durable | None = None, fence: int = 1, dies_at: int = 0, dies: str = "before"
    ) -> None:
        self.durable = durable or Durable()
        self.interrupted = ThreadEvent()
        self.events: list[Event] = []
        self.beats: list[Spending] = []
        self.commits: list[tuple[str, ...]] = []
        self.reserved: list[tuple[Decimal, Decimal]] = []
        self.interrupts_at = 0
        """The commit after which the worker asks to stop."""
        self._fence = fence
        self._dies_at, self._dies = dies_at, dies

    def recorded(self) -> Sequence[RecordedStep]:
        return tuple(self.durable.steps)

    def adopt(self, conversation: int, sequence: int, request_sha256: str) -> bytes | None:
        return self.durable.unclaimed.get((conversation, sequence, request_sha256))

    def commit(self, entries: Sequence[StepEntry], spending: Spending) -> None:
        assert entries, "an empty commit"
        if self.interrupted.is_set():
            raise Interrupted
        self.commits.append(tuple(str(entry.kind) for entry in entries))
        dies = len(self.commits) == self._dies_at
        if dies and self._dies == "before":
            raise Killed
        for entry in entries:
            if entry.kind is StepKind.REPLY and entry.content and entry.request_sha256:
                key = (entry.conversation, entry.sequence, entry.request_sha256)
                self.durable.unclaimed[key] = entry.content
        if dies and self._dies == "between":
            raise Killed
        for entry in entries:
            self._check(entry)
            self.durable.steps.append(self._recorded(entry))
        self.durable.spendings.append(spending)
        if len(self.commits) == self.interrupts_at:
            self.interrupted.set()
        if dies:
            raise Killed

    def reserve(self, amount: Decimal, spent: Decimal) -> None:
        if self.interrupted.is_set():
            raise Interrupted
        self.reserved.append((amount, spent))

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def heartbeat(self, spending: Spending) -> None:
        self.beats.append(spending)

    def told(self, kind: EventKind) -> list[str]:
        return [event.text for event in self.events if event.kind is kind]

    def _check(self, entry: StepEntry) -> None:
        """The order of steps: what the records would refuse, and what resuming relies on."""
        steps = self.durable.steps
        last = steps[-1].step if steps else None
        if entry.kind is StepKind.HEADER:
            assert entry.sequence == 0
            assert entry.conversation == (last.conversation if last else 0) + 1
            return
        assert last is not None
        assert (entry.conversation, entry.sequence) == (last.conversation, last.sequence + 1)
        if entry.kind is StepKind.REPLY:
            assert last.kind is StepKind.REQUEST
            assert last.request_sha256 == entry.request_sha256
            assert entry.content
        if entry.kind is StepKind.RESULTS:
            assert entry.tree is not None
        if entry.kind is StepKind.REQUEST:
            assert entry.content is None
            assert entry.request_sha256

    def _recorded(self, entry: StepEntry) -> RecordedStep:
        fields = {name: getattr(entry, name) for name in StepEntry.model_fields}
        content = fields.pop("content")
        return RecordedStep(Step(job=JOB, at=NOON, fence=self._fence, **fields), content)


# --- one job -----------------------------------------------------------------------------------


@cache
def scanner() -> SecretScanner:
    """One for all tests: its patterns take a moment to compile, and it keeps nothing."""
    return SecretScanner()


def make_tree(folder: Path, files: dict[str, str] | None = None) -> WorkTree:
    """A fresh checkout of a small commit."""
    entries = []
    for path, text in (FILES if files is None else files).items():
        data = text.encode()
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        entries.append(ManifestEntry(path, FILE, blob, len(data)))
    folder.mkdir(parents=True, exist_ok=True)
    return WorkTree(folder, Manifest.of(entries))


def make_task(**changes: Any) -> Task:
    """A task; fields of its limits may be given as well."""
    limits = {name: changes.pop(name) for name in Limits.model_fields if name in changes}
    fields: dict[str, Any] = {
        "job": JOB,
        "kind": Kind.CHANGE,
        "prompt_text": "Make the greeting polite.",
        "repository": RepositoryRef(owner="acme", name="app"),
        "commit": "1" * 40,
        "base_branch": "main",
        "model": MODEL,
        "limits": Limits(**limits),
        "profile": Profile(files=3, bytes=100, top_level=("README.md", "src/"), readme="# Example"),
    }
    return Task(**(fields | changes))


@dataclass
class Bench:
    """One job over one or more attempts, each on a fresh checkout."""

    folder: Path
    script: Script
    task: Task = field(default_factory=make_task)
    files: dict[str, str] | None = None
    capabilities: dict[str, Any] = field(default_factory=dict)
    durable: Durable = field(default_factory=Durable)
    attempts: int = 0

    def __post_init__(self) -> None:
        self.model = ScriptedModel(self.script, **self.capabilities)
        self.clock = SteppingClock()
        self.model.clock = self.clock
        self.log = MemoryTurnLog(self.durable)

    def attempt(self, dies_at: int = 0, dies: str = "before", task: Task | None = None) -> None:
        """Prepare the next attempt."""
        self.attempts += 1
        self.log = MemoryTurnLog(self.durable, self.attempts, dies_at, dies)
        self.tree = make_tree(self.folder / str(self.attempts), self.files)
        self.task = task or self.task

    def run(self) -> ConversationEnd:
        """Run the prepared attempt, or a first one."""
        if not self.attempts:
            log = self.log
            self.attempt()
            self.log = log
        redactor = Redactor(scanner(), "salt")
        return converse(self.task, self.model, self.tree, redactor, self.log, self.clock)

    def go_on(self) -> ConversationEnd:
        """Run a further attempt."""
        self.attempt()
        return self.run()

    def last_message(self) -> JsonObject:
        """The last user message that was sent."""
        return self.model.requests[-1].messages[-1]

    def last_texts(self) -> str:
        """All text of the last user message that was sent."""
        blocks = self.last_message()["content"]
        return "\n".join(str(block.get("text", block.get("content"))) for block in blocks)

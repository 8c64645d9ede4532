"""Jobs with conversations, for whoever looks at them: written as a worker writes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.identifiers import job_id_of
from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import ConversationHeader, Step, StepKind, charges_of, step_key
from codybatch.services.threads import assemble
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import ALICE, NOON, a_key, a_request, an_owner, jobs_of, lease_of

USED = Usage(input_tokens=40, cache_write_5m_tokens=160, cache_read_tokens=800, output_tokens=60)
SECONDS = 5
"""Between two lines of a thread."""


def text(said: str) -> JsonObject:
    return {"type": "text", "text": said}


def thinking(said: str) -> JsonObject:
    return {"type": "thinking", "thinking": said, "signature": "x"}


def call(name: str, number: int = 1, **given: Any) -> JsonObject:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": given}


def result(content: str, number: int = 1, *, failed: bool = False) -> JsonObject:
    block = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": content}
    return {**block, "is_error": True} if failed else block


@dataclass
class Talk:
    """A running job whose conversation grows as it is told to.

    Args:
        store: where to.
        began: when its first line was written.
        request: fields of the request and its options.
    """

    store: EmbeddedStore
    began: datetime = NOON
    request: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Submit the request, and let a worker take its job."""
        records = self.store.records
        repositories = self.request.pop("repositories", "acme/app")
        asked = a_request(at=self.began, repositories=repositories, **self.request)
        records.create_request(asked, jobs_of(asked), a_key())
        self.id = job_id_of(asked.id, 1)
        until = self.began + timedelta(days=9_999)
        self.job = records.claim(self.id, an_owner(engine_job="e-1"), self.began, until)
        self.steps: list[Step] = []
        self.conversation, self._sequence, self._turn = 0, 0, 0

    @property
    def now(self) -> datetime:
        """When the next line is written."""
        return self.began + timedelta(seconds=SECONDS * len(self.steps))

    def begin(self, asked: str = "Update what is old.") -> Talk:
        """Begin a conversation: the first, or a fresh one after a handoff."""
        self.conversation, self._sequence = self.conversation + 1, 0
        header = ConversationHeader(
            model=self.job.model,
            system=[text("You are careful.")],
            tools=[{"name": "read_file"}, {"name": "edit_file"}],
            first_message={"role": "user", "content": [text(asked), text("<limits>few</limits>")]},
            parameters={},
            max_tokens=1000,
            prompt_version="change-1",
            base_tree="0",
        )
        return self._add(StepKind.HEADER, 0, header.to_json())

    def turn(self, reply: Sequence[JsonObject], results: Sequence[JsonObject] = ()) -> Talk:
        """A reply, and what its calls gave."""
        message = {"role": "assistant", "content": list(reply), "stop_reason": "tool_use"}
        return self._turned(message, results)

    def left_out(self, said: str) -> Talk:
        """A reply that was cut off: paid for, and not part of the conversation."""
        message = {"role": "assistant", "content": [text(said)], "stop_reason": "max_tokens"}
        return self._turned(message, (), appended=False)

    def refused(self, said: str) -> Talk:
        """The service's error in the place of a reply."""
        message = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
        return self._turned(message, (), appended=False, usage=Usage(), cost_usd=Decimal(0))

    def lost(self) -> Talk:
        """A request whose reply did not come."""
        return self._add(StepKind.REQUEST, self._turn + 1, reserved_usd=Decimal("0.5"))

    def tell(
        self, kind: EventKind, said: str, level: EventLevel = EventLevel.INFO, **more: Any
    ) -> Talk:
        """Add an event to the job's life."""
        event = Event(at=more.pop("at", self.now), kind=kind, text=said, level=level, **more)
        self.store.records.add_events(self.id, [event])
        return self

    def commit(self) -> Job:
        """Commit what was said since the last time."""
        records = self.store.records
        before = {(step.conversation, step.sequence) for step in records.steps(self.id)}
        new = [one for one in self.steps if (one.conversation, one.sequence) not in before]
        charges = charges_of(self.steps)
        told = {"cost_usd": charges.total, "uncertain_cost_usd": charges.uncertain}
        self.job = self.job.with_(started_at=self.began, conversations=self.conversation, **told)
        records.commit(lease_of(self.job), self.job, new)
        return records.job(self.id)

    def settle(
        self,
        because: EndedBecause = EndedBecause.FINISHED,
        state: JobState = JobState.SUCCEEDED,
        **changes: Any,
    ) -> Job:
        """End the job; its thread becomes one file."""
        self.commit()
        fence = lease_of(self.job).fence
        thread = assemble(self.id, fence, self.steps, self.store.blobs) if self.steps else None
        ended = {"state": state, "ended_because": because, "ended_at": self.now, "thread": thread}
        settled = self.job.with_(**{**ended, **changes})
        self.store.records.settle(lease_of(self.job), settled)
        return self.store.records.job(self.id)

    def _turned(self, message: JsonObject, results: Sequence[JsonObject], **more: Any) -> Talk:
        self._turn += 1
        paid = {"usage": USED, "cost_usd": Decimal("0.0125"), **more}
        self._add(StepKind.REQUEST, self._turn, reserved_usd=Decimal("0.5"))
        self._add(StepKind.REPLY, self._turn, json.dumps(message), **paid)
        if results:
            answer = {"role": "user", "content": list(results)}
            self._add(StepKind.RESULTS, self._turn, json.dumps(answer))
        return self

    def _add(self, kind: StepKind, turn: int, content: str = "", **more: Any) -> Talk:
        fence = lease_of(self.job).fence
        answers = hashlib.sha256(str(turn).encode()).hexdigest()
        if kind in {StepKind.REQUEST, StepKind.REPLY}:
            more["request_sha256"] = answers
        named = answers if kind is StepKind.REPLY else None
        key = step_key(self.id, fence, self.conversation, self._sequence, kind, named)
        blob = self.store.blobs.put(key, content.encode()) if content else None
        at, place = self.now, (self.conversation, self._sequence)
        self.steps.append(
            Step(
                job=self.id, conversation=place[0], sequence=place[1], kind=kind, at=at,
                fence=fence, turn=turn, blob=blob, **more,
            )
        )  # fmt: skip
        self._sequence += 1
        return self


def everyday(talk: Talk) -> Talk:
    """A conversation of eight turns: words, tools, an error, a cut-off reply and a handoff."""
    return (
        talk.begin()
        .turn(
            [thinking("I look."), text("I look for `utcnow`."), call("grep", 1, pattern="utcnow")],
            [result("src/app.py:3: now = datetime.utcnow()", 1)],
        )
        .turn([call("read_file", 2, path="src/app.py")], [result("1\timport datetime", 2)])
        .turn(
            [call("edit_file", 3, path="src/app.py", old_string="nope", new_string="x")],
            [result("The text was not found.", 3, failed=True)],
        )
        .left_out("Half a thou")
        .turn(
            [call("edit_file", 4, path="src/app.py", old_string="utcnow()", new_string="now(UTC)")],
            [result("Edited src/app.py: 1 replacement.", 4)],
        )
        .turn([text("All done, I think.")], [text("You did not call a tool.")])
        .begin("Go on from these notes.")
        .turn([call("read_file", 5, path="README.md")], [result("# Example", 5)])
        .turn([call("finish", 6, title="Use aware datetimes")])
    )  # fmt: skip


def of_length(talk: Talk, turns: int) -> Talk:
    """A conversation of many turns alike; every 400th changes a file, every 700th fails."""
    talk.begin()
    for number in range(1, turns + 1):
        path = f"src/module_{number}.py"
        failed = number % 700 == 0
        name = "edit_file" if number % 400 == 0 else "read_file"
        given = {"old_string": "a", "new_string": "b"} if name == "edit_file" else {}
        lines = "".join(f"{line:6}\tvalue_{line} = {number}\n" for line in range(40))
        talk.turn(
            [text(f"I look at **module** {number}."), call(name, number, path=path, **given)],
            [result(lines, number, failed=failed)],
        )
    return talk


__all__ = ["ALICE", "NOON", "Talk", "call", "everyday", "of_length", "result", "text", "thinking"]

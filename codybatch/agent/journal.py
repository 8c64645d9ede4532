"""A job's steps: committed one after the other, and what they add up to.

The one way in which a conversation changes. While the job runs, each step is taken over and then
committed; when it goes on after a crash, the same steps are taken over as they were recorded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from codybatch.agent.conversation import Conversation, assistant_message, to_bytes
from codybatch.agent.outcome import Outcome, is_block, outcome_of
from codybatch.agent.standing import Standing
from codybatch.agent.task import Spending
from codybatch.agent.turn import Call, calls_in
from codybatch.agent.turn_log import StepEntry, TurnLog
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.domain.threads import ConversationHeader, StepKind
from codybatch.ports.clock import Clock

CONTEXT_OVERFLOW = "context_overflow"
THREAD_REJECTED = "thread_rejected"
LOSES_THREAD = frozenset({CONTEXT_OVERFLOW, THREAD_REJECTED})


class DamagedThread(CodyBatchError):
    """The recorded steps of this job do not follow from each other."""


@dataclass(frozen=True)
class Reply:
    """The last reply, while it waits to be acted on."""

    message: JsonObject
    """As received."""
    outcome: Outcome
    output_tokens: int = 0

    @property
    def calls(self) -> list[Call]:
        """The tool calls to run."""
        return calls_in(self.message) if self.outcome is Outcome.TOOLS else []

    @property
    def text(self) -> str:
        """Its words for people, without its thinking."""
        blocks = self.message.get("content") or ()
        texts = [str(block.get("text", "")) for block in blocks if is_block(block, "text")]
        return "\n\n".join(text.strip() for text in texts if text.strip())


class Journal:
    """Takes over steps, keeps count, and commits.

    Args:
        log: where steps are committed.
        clock: for the time of events.
    """

    def __init__(self, log: TurnLog, clock: Clock) -> None:
        self.log = log
        self.standing = Standing()
        self.spending = Spending()
        self.conversations: list[Conversation] = []
        self.reply: Reply | None = None
        """Not acted on yet."""
        self.last_text = ""
        """The model's last words."""
        self.outstanding: StepEntry | None = None
        """The request without a reply."""
        self.lost_thread: JsonObject | None = None
        """The recorded error after which only a fresh conversation can go on."""
        self._clock = clock
        self._sequence = 0
        self._uncommitted: list[StepEntry] = []

    @property
    def conversation(self) -> Conversation:
        """The one that goes on."""
        return self.conversations[-1]

    @property
    def turn(self) -> int:
        """The last turn: how many replies there were."""
        return self.spending.turn

    @property
    def notes(self) -> str:
        """What the model wrote to begin a fresh conversation with; empty where it did not."""
        reply = self.reply
        is_answer = reply is not None and self.standing.notes_asked
        return reply.text if reply and is_answer and reply.outcome.is_appended else ""

    # making steps
    def begin(self, header: ConversationHeader) -> None:
        """Begin a conversation."""
        content = header.to_json().encode()
        number = len(self.conversations) + 1
        self._make(
            StepEntry(conversation=number, sequence=0, kind=StepKind.HEADER, content=content)
        )

    def count_results(self, blocks: Sequence[JsonObject], tree: str) -> None:
        """Take over what the reply's calls gave, before the message that holds it is complete."""
        if self.reply:
            results = [block for block in blocks if block["type"] == "tool_result"]
            self.standing.count_calls(self.reply.calls, results, tree)
            self.reply = None

    def add_results(self, blocks: Sequence[JsonObject], tree: str) -> None:
        """Add the user message that answers the reply, with the work tree's digest after it."""
        content = to_bytes({"role": "user", "content": list(blocks)})
        self._make(self._entry(StepKind.RESULTS, turn=self.turn, content=content, tree=tree))

    def add_request(self, max_tokens: int, reserved: Decimal) -> None:
        """Add the intent to send; a request that is still without a reply is thereby lost."""
        entry = self._entry(
            StepKind.REQUEST,
            turn=self.turn + 1,
            request_sha256=self.conversation.request_sha256(max_tokens),
            reserved_usd=reserved,
        )
        self._make(entry)

    def add_reply(self, message: JsonObject, usage: Usage, cost: Decimal) -> None:
        """Add the reply to the outstanding request, as received."""
        outcome = outcome_of(message, self.conversation)
        entry = self._entry(
            StepKind.REPLY,
            turn=self.turn + 1,
            content=_recorded_bytes(message, outcome),
            request_sha256=self.outstanding.request_sha256 if self.outstanding else None,
            usage=usage,
            cost_usd=cost,
            appended=outcome.is_appended,
        )
        self._make(entry)

    def commit(self) -> None:
        """Commit what was added since the last time, in one transaction.

        Raises:
            Interrupted: the worker asks the conversation to stop.
        """
        entries, self._uncommitted = self._uncommitted, []
        if entries:
            self.log.commit(entries, self.spending)

    def lose_request(self) -> None:
        """Charge the outstanding request: its reply may have been paid for and will not come."""
        if self.outstanding:
            lost = self.outstanding.reserved_usd
            self.outstanding = None
            self._spend(
                cost_usd=self.spending.cost_usd + lost,
                uncertain_cost_usd=self.spending.uncertain_cost_usd + lost,
            )

    # telling people
    def tell(self, kind: EventKind, text: str, level: EventLevel = EventLevel.INFO) -> None:
        """Add an event; ``text`` is one sentence."""
        line = " ".join(text.split())
        shown = line if len(line) <= 300 else f"{line[:299]}…"
        self.log.tell(
            Event(at=self._clock.now(), kind=kind, text=shown, level=level, turn=self.turn or None)
        )

    def show_tool(self, phrase: str) -> None:
        """Show in the heartbeat what runs now."""
        self._spend(last_tool=phrase)
        self.log.heartbeat(self.spending)

    # taking steps over
    def take(self, entry: StepEntry) -> None:
        """Take over a step, which must be the next one.

        Raises:
            DamagedThread: it is not, or its bytes are missing.
        """
        self._check_next(entry)
        self._sequence = entry.sequence + 1
        content = entry.content or b""
        if entry.kind is StepKind.HEADER:
            self._take_header(entry, content)
        elif entry.kind is StepKind.REQUEST:
            self._take_request(entry)
        elif entry.kind is StepKind.REPLY:
            self._take_reply(entry, content)
        else:
            self._take_results(entry, content)

    def _check_next(self, entry: StepEntry) -> None:
        begins = entry.kind is StepKind.HEADER
        expected = (len(self.conversations) + begins, 0 if begins else self._sequence)
        where = f"step {entry.sequence} of conversation {entry.conversation}"
        if (entry.conversation, entry.sequence) != expected or expected[0] == 0:
            raise DamagedThread(f"The recorded {where} does not follow the one before it.")
        if entry.content is None and entry.kind is not StepKind.REQUEST:
            raise DamagedThread(f"The recorded {where} has lost its bytes.")

    def _make(self, entry: StepEntry) -> None:
        self.take(entry)
        self._uncommitted.append(entry)

    def _entry(self, kind: StepKind, **fields: object) -> StepEntry:
        number = len(self.conversations)
        return StepEntry.model_validate(
            {"conversation": number, "sequence": self._sequence, "kind": kind, **fields}
        )

    def _take_header(self, entry: StepEntry, content: bytes) -> None:
        self.lose_request()
        self.conversations.append(Conversation.from_bytes(entry.conversation, content))
        self.reply = self.lost_thread = None
        self.standing.begin_conversation()
        self._spend(conversations=entry.conversation)

    def _take_request(self, entry: StepEntry) -> None:
        self.lose_request()
        self.outstanding, self.reply = entry, None
        self._spend(context_tokens=self.conversation.context_tokens)

    def _take_reply(self, entry: StepEntry, content: bytes) -> None:
        message = json.loads(content)
        outcome = outcome_of(message, self.conversation)
        self.outstanding = None
        self.standing.take_reply(outcome)
        if outcome is Outcome.ERROR:
            error = message["error"]
            self.lost_thread = error if error["type"] in LOSES_THREAD else None
            return
        usage = entry.usage or Usage()
        if outcome.is_appended:
            self.conversation.append_reply(assistant_message(message), content)
        self.conversation.count(usage, outcome.is_appended)
        self.reply = Reply(message, outcome, usage.output_tokens)
        self.last_text = self.reply.text or self.last_text
        self._spend(
            turn=entry.turn,
            usage=self.spending.usage + usage,
            cost_usd=self.spending.cost_usd + entry.cost_usd,
            context_tokens=self.conversation.context_tokens,
        )

    def _take_results(self, entry: StepEntry, content: bytes) -> None:
        message = json.loads(content)
        self.count_results(message["content"], entry.tree or "")
        self.standing.take_notices(message)
        self.conversation.append_results(message, content)

    def _spend(self, **changes: object) -> None:
        self.spending = self.spending.model_copy(update=changes)


def _recorded_bytes(message: JsonObject, outcome: Outcome) -> bytes:
    """The reply as received; one that is never sent back may hold what UTF-8 cannot carry."""
    return to_bytes(message) if outcome.is_appended else json.dumps(message).encode()

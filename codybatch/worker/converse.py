"""The conversation's process: the child that talks to the model and edits the work tree.

It holds the model's key and nothing of the code host's or the store's: steps go over the pipe to
the worker, which commits them. When the worker dies the pipe ends, and so does this process.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from threading import Event as ThreadEvent
from threading import Lock, Thread
from typing import BinaryIO

from codybatch.agent.loop import converse
from codybatch.agent.task import ConversationEnd, Spending
from codybatch.agent.turn_log import Interrupted, MustWait, RecordedStep, StepEntry
from codybatch.domain.events import Event
from codybatch.domain.records import Record
from codybatch.ports import Clock, ModelClient
from codybatch.ports.tracing import Attribute, Relay
from codybatch.worker.failures import is_full_disk
from codybatch.worker.pipe import (
    Adopt,
    Adopted,
    Beat,
    Begin,
    Commit,
    Crashed,
    Ended,
    FrameWriter,
    Reserve,
    Stop,
    Tell,
    ToConversation,
    Traced,
    Wait,
    read_frame,
    to_conversation,
)
from codybatch.workspace.manifest import Manifest
from codybatch.workspace.redaction import Redactor, SecretScanner
from codybatch.workspace.tree import WorkTree


class PipedTurnLog:
    """The turn log whose other end is the worker."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        """Read answers from ``source`` in a thread of its own, write to ``target``."""
        self._writer = FrameWriter(target)
        self._answers: SimpleQueue[ToConversation] = SimpleQueue()
        self._asking = Lock()
        self._interrupted = ThreadEvent()
        self._recorded: tuple[RecordedStep, ...] = ()
        Thread(target=self._listen, args=(source,), daemon=True, name="pipe").start()

    def begin(self) -> Begin:
        """Wait for what to work on.

        Raises:
            Interrupted: the worker asks to stop before it has begun.
        """
        message = self._answers.get()
        if not isinstance(message, Begin):
            raise Interrupted
        self._recorded = tuple(RecordedStep(kept.step, kept.content) for kept in message.recorded)
        return message

    @property
    def interrupted(self) -> ThreadEvent:
        """Set when the worker asks to stop."""
        return self._interrupted

    def recorded(self) -> Sequence[RecordedStep]:
        """All steps that were committed before this process began."""
        return self._recorded

    def adopt(self, conversation: int, sequence: int, request_sha256: str) -> bytes | None:
        """The reply to exactly this request that an earlier attempt received, if any."""
        answer = self._ask(
            Adopt(conversation=conversation, sequence=sequence, request_sha256=request_sha256)
        )
        return answer.content if isinstance(answer, Adopted) else None

    def commit(self, entries: Sequence[StepEntry], spending: Spending) -> None:
        """Commit steps.

        Raises:
            Interrupted: the worker asks to stop.
        """
        self._ask(Commit(entries=tuple(entries), spending=spending))

    def reserve(self, amount: Decimal, spent: Decimal) -> None:
        """Set money aside.

        Raises:
            MustWait: a cap leaves no room.
            Interrupted: the worker asks to stop.
        """
        answer = self._ask(Reserve(amount=amount, spent=spent))
        if isinstance(answer, Wait):
            raise MustWait(answer.waiting)

    def tell(self, event: Event) -> None:
        """Pass an event on."""
        self._writer.send(Tell(event=event))

    def heartbeat(self, spending: Spending) -> None:
        """Pass progress on."""
        self._writer.send(Beat(spending=spending))

    def send(self, message: Record) -> None:
        """Send a last word."""
        self._writer.send(message)

    def _ask(self, question: Record) -> ToConversation:
        with self._asking:
            if self._interrupted.is_set():
                raise Interrupted
            self._writer.send(question)
            answer = self._answers.get()
        if isinstance(answer, Stop):
            raise Interrupted
        return answer

    def _listen(self, source: BinaryIO) -> None:
        while frame := read_frame(source):
            message = to_conversation.validate_json(frame)
            if isinstance(message, Stop):
                self._interrupted.set()
            self._answers.put(message)
        os._exit(0)  # the worker is gone: nothing this process does could count


def run_conversation(
    source: BinaryIO,
    target: BinaryIO,
    model: Callable[[], ModelClient],
    clock: Clock,
    tracing: Relay,
) -> None:
    """Hold one conversation over a pipe, and say how it ended.

    Args:
        source: where the worker's messages come from.
        target: where ours go.
        model: makes the client; called at once, while the worker still clones.
        clock: the time.
        tracing: where spans go.
    """
    log = PipedTurnLog(source, target)
    client = _without_collections(model)
    try:
        log.send(Ended(end=_hold(log, client, clock, tracing)))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        log.send(Crashed(error=text, is_disk_full=is_full_disk(error)))
        raise


def _without_collections(model: Callable[[], ModelClient]) -> ModelClient:
    """Make the client. What is imported for it stays, so that no collection needs to look through
    it, neither now (a sixth of the time) nor ever again.
    """
    gc.disable()
    try:
        return model()
    finally:
        gc.freeze()
        gc.enable()


def _hold(log: PipedTurnLog, model: ModelClient, clock: Clock, tracing: Relay) -> ConversationEnd:
    try:
        begin = log.begin()
    except Interrupted:
        return ConversationEnd(interrupted=True)
    tree = WorkTree(Path(begin.tree), Manifest.load(Path(begin.manifest)))
    redactor = Redactor(SecretScanner(), begin.salt)
    task = begin.task
    tracing.begin(begin.parent, task.job, lambda span: log.send(Traced(span=span)))
    attributes: dict[str, Attribute] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "codybatch",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": task.model,
    }
    with tracing.span("invoke_agent codybatch", attributes):
        return converse(task, model, tree, redactor, log, clock, tracing=tracing)

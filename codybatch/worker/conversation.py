"""The worker's side of a conversation: starts its process, commits its steps, ends it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from threading import Timer
from types import TracebackType
from typing import Any, Self

from codybatch.agent.task import ConversationEnd, Spending, Task
from codybatch.agent.turn_log import StepEntry
from codybatch.domain.errors import CodyBatchError, StoreFull
from codybatch.domain.events import Event
from codybatch.domain.jobs import Progress
from codybatch.domain.records import Record
from codybatch.domain.threads import Step, StepKind, step_key
from codybatch.worker.attempt import Attempt, Stopped
from codybatch.worker.budget import BudgetSlices
from codybatch.worker.pipe import (
    Adopt,
    Adopted,
    Beat,
    Begin,
    Commit,
    Crashed,
    Done,
    Ended,
    FrameWriter,
    RecordedContent,
    Reserve,
    Stop,
    Tell,
    ToWorker,
    Traced,
    Wait,
    read_frame,
    to_worker,
)
from codybatch.worker.surroundings import Surroundings
from codybatch.workspace.checkout import Workspace

SECONDS_TO_STOP = 10.0
"""How long a conversation that was asked to stop may take before its process is ended."""


class ConversationDied(CodyBatchError):
    """The conversation's process died; another attempt goes on where it stopped."""


class ConversationCrashed(CodyBatchError):
    """The conversation ended with an error of ours."""


class Conversation:
    """A conversation in a process of its own, for one attempt."""

    def __init__(self, attempt: Attempt, around: Surroundings) -> None:
        """Hold the conversation of ``attempt``."""
        self._attempt = attempt
        self._around = around
        # The same few words come several times in a turn, and each look at them takes its time.
        self._clean = lru_cache(maxsize=16)(around.net.clean)
        self._budget = BudgetSlices(attempt, around.records, around.clock, around.daily_cap_usd)

    def __enter__(self) -> Self:
        """Start the process, so that it loads what it needs while the worker clones."""
        command = self._around.conversation
        self._process = subprocess.Popen(
            command.arguments,
            env=dict(command.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            start_new_session=True,  # signals are for the worker, which tells its child
        )
        assert self._process.stdin is not None  # noqa: S101 - given PIPE, it is there
        self._writer = FrameWriter(self._process.stdin)
        self._attempt.on_stop = self._ask_to_stop
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process, if it has not ended."""
        self._attempt.on_stop = None
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):  # what a dead process did not read cannot be flushed
                    stream.close()

    def hold(self, task: Task, workspace: Workspace, salt: str) -> ConversationEnd:
        """Hold the conversation to its end.

        Raises:
            Stopped: the attempt must stop.
            ConversationDied: its process died.
            ConversationCrashed: it ended with an error of ours.
            StoreFull: there is no room for the work tree.
        """
        self._send(self._begin(task, workspace, salt))
        assert self._process.stdout is not None  # noqa: S101 - given PIPE, it is there
        while frame := read_frame(self._process.stdout):
            message = to_worker.validate_json(frame)
            if isinstance(message, Ended):
                return self._end(message.end)
            if isinstance(message, Crashed):
                kind = StoreFull if message.is_disk_full else ConversationCrashed
                raise kind(self._around.net.clean(message.error))
            self._serve(message)
        self._attempt.check()
        raise ConversationDied(f"{ConversationDied().message} (status {self._process.wait()})")

    def _begin(self, task: Task, workspace: Workspace, salt: str) -> Begin:
        steps = self._around.records.steps(self._attempt.job.id)
        return Begin(
            task=task,
            tree=str(workspace.tree_path),
            manifest=str(workspace.root / "manifest.json"),
            salt=salt,
            parent=self._around.tracing.parent(),
            recorded=tuple(
                RecordedContent(
                    step=step, content=self._around.blobs.get(step.blob) if step.blob else None
                )
                for step in steps
            ),
        )

    def _end(self, end: ConversationEnd) -> ConversationEnd:
        if end.interrupted:
            self._attempt.check()
            raise ConversationDied("The conversation stopped, and nobody had asked it to.")
        self._note(end.spending)
        return end

    def _serve(self, message: ToWorker) -> None:
        """Do what the conversation asks, and answer where it waits for one."""
        if isinstance(message, Tell):
            self._tell(message.event)
        elif isinstance(message, Beat):
            self._note(message.spending)
        elif isinstance(message, Traced):
            self._around.tracing.take(message.span)
        else:
            self._send(self._answer(message))

    def _answer(self, message: ToWorker) -> Record:
        try:
            if isinstance(message, Commit):
                self._commit(message.entries, message.spending)
            elif isinstance(message, Adopt):
                return Adopted(content=self._find_reply(message))
            elif isinstance(message, Reserve):
                waiting = self._budget.cover(message.amount, message.spent)
                return Wait(waiting=waiting) if waiting else Done()
        except Stopped:
            return Stop()
        return Done()

    def _commit(self, entries: tuple[StepEntry, ...], spending: Spending) -> None:
        steps = [self._stored(entry) for entry in entries]
        self._attempt.commit(steps, **self._what_changed(spending))

    def _stored(self, entry: StepEntry) -> Step:
        """Write the entry's bytes under this attempt's key; make the record that points to them."""
        job, fence = self._attempt.job.id, self._attempt.lease.fence
        answers = entry.request_sha256 if entry.kind is StepKind.REPLY else None
        key = step_key(job, fence, entry.conversation, entry.sequence, entry.kind, answers)
        blob = None if entry.content is None else self._around.blobs.put(key, entry.content)
        fields = {
            name: getattr(entry, name) for name in StepEntry.model_fields if name != "content"
        }
        return Step(job=job, fence=fence, blob=blob, at=self._around.clock.now(), **fields)

    def _find_reply(self, asked: Adopt) -> bytes | None:
        """What an earlier attempt received for exactly this request and did not live to commit."""
        for fence in range(self._attempt.lease.fence - 1, 0, -1):
            key = step_key(
                self._attempt.job.id,
                fence,
                asked.conversation,
                asked.sequence,
                StepKind.REPLY,
                asked.request_sha256,
            )
            found = self._around.blobs.find(key)
            if found is not None:
                return self._around.blobs.get(found)
        return None

    def _note(self, spending: Spending) -> None:
        self._attempt.note(**self._what_changed(spending))

    def _what_changed(self, spending: Spending) -> dict[str, Any]:
        """What a spending says of the job."""
        progress = Progress(
            turn=spending.turn,
            cost_usd=spending.cost_usd,
            context_tokens=spending.context_tokens,
            last_tool=spending.last_tool and self._clean(spending.last_tool),
            at=self._around.clock.now(),
        )
        return {
            "progress": progress,
            "usage": spending.usage,
            "cost_usd": spending.cost_usd,
            "uncertain_cost_usd": spending.uncertain_cost_usd,
            "conversations": spending.conversations,
            "price_table": self._around.price_table,
        }

    def _tell(self, event: Event) -> None:
        self._attempt.tell_event(event.with_(text=self._clean(event.text)))

    def _send(self, message: Record) -> None:
        try:
            self._writer.send(message)
        except OSError:
            return  # its process died; the read that follows says so

    def _ask_to_stop(self) -> None:
        # First: a process that hangs does not read, and the pipe to it may be full.
        timer = Timer(SECONDS_TO_STOP, self._process.kill)
        timer.daemon = True
        timer.start()
        self._send(Stop())

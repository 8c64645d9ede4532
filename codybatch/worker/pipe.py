"""The pipe between the worker and its conversation: framed messages, one JSON object each.

A frame is four bytes of length (big-endian) and that many bytes of JSON. The worker is the only
one that reaches the store; the conversation is the only one that reaches the model. Either may die
at any byte: a cut frame reads as the end.
"""

from __future__ import annotations

import struct
from threading import Lock
from typing import IO, Annotated, Literal

from pydantic import Field, TypeAdapter

from codybatch.agent.task import ConversationEnd, Spending, Task
from codybatch.agent.turn_log import StepEntry
from codybatch.domain.events import Event
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import Usd
from codybatch.domain.records import Record
from codybatch.domain.threads import Step
from codybatch.ports.tracing import FinishedSpan

MAX_FRAME_BYTES = 1 << 30
_LENGTH = struct.Struct(">I")


class RecordedContent(Record):
    """A committed step with its bytes, as it travels."""

    step: Step
    content: bytes | None


class Begin(Record):
    """To the conversation: what to work on, and what was recorded so far."""

    type: Literal["begin"] = "begin"
    task: Task
    tree: str
    """Path of the work tree."""
    manifest: str
    """Path of its manifest."""
    salt: str
    """Of the placeholders that stand for secrets: the same over all attempts."""
    recorded: tuple[RecordedContent, ...]
    parent: str = ""
    """The worker's span; empty where nobody collects spans."""


class Done(Record):
    """To the conversation: what it asked for is done."""

    type: Literal["done"] = "done"


class Wait(Record):
    """To the conversation: the job must wait."""

    type: Literal["wait"] = "wait"
    waiting: Waiting


class Adopted(Record):
    """To the conversation: the bytes of a reply that was paid for and not committed, if any."""

    type: Literal["adopted"] = "adopted"
    content: bytes | None


class Stop(Record):
    """To the conversation: stop soon. Also the answer to whatever it asks after that."""

    type: Literal["stop"] = "stop"


class Adopt(Record):
    """To the worker: is there such a reply?"""

    type: Literal["adopt"] = "adopt"
    conversation: int
    sequence: int
    request_sha256: str


class Commit(Record):
    """To the worker: commit these steps."""

    type: Literal["commit"] = "commit"
    entries: tuple[StepEntry, ...]
    spending: Spending


class Reserve(Record):
    """To the worker: set this much aside (US dollars)."""

    type: Literal["reserve"] = "reserve"
    amount: Usd
    spent: Usd


class Tell(Record):
    """To the worker: an event. It has no answer."""

    type: Literal["tell"] = "tell"
    event: Event


class Beat(Record):
    """To the worker: progress. It has no answer."""

    type: Literal["beat"] = "beat"
    spending: Spending


class Traced(Record):
    """To the worker: a span that has ended. It has no answer."""

    type: Literal["traced"] = "traced"
    span: FinishedSpan


class Ended(Record):
    """To the worker: the conversation is over."""

    type: Literal["ended"] = "ended"
    end: ConversationEnd


class Crashed(Record):
    """To the worker: an error of ours ended the conversation."""

    type: Literal["crashed"] = "crashed"
    error: str
    is_disk_full: bool = False


ToConversation = Annotated[Begin | Done | Wait | Adopted | Stop, Field(discriminator="type")]
ToWorker = Annotated[
    Adopt | Commit | Reserve | Tell | Beat | Traced | Ended | Crashed, Field(discriminator="type")
]
to_conversation: TypeAdapter[ToConversation] = TypeAdapter(ToConversation)
to_worker: TypeAdapter[ToWorker] = TypeAdapter(ToWorker)


class FrameWriter:
    """Writes whole frames, from any thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Write to ``stream``, which must be unbuffered or is flushed after each frame."""
        self._stream = stream
        self._lock = Lock()

    def send(self, message: Record) -> None:
        """Send one message.

        Raises:
            OSError: the other side is gone.
        """
        content = message.to_json().encode()
        with self._lock:
            self._stream.write(_LENGTH.pack(len(content)) + content)
            self._stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame's JSON; None at the end, also where the end cuts a frame."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        return None
    content = stream.read(length)
    return content if len(content) == length else None

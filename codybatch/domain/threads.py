"""Threads: the append-only record of a conversation, as blobs that records point to.

A conversation begins with a header (system prompt, tools, model, first message) and goes on in
numbered steps. A worker writes a step's bytes under its attempt's key, then a fenced record points
to them; what no record points to does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from pydantic import Field

from codybatch.domain.identifiers import JobId
from codybatch.domain.money import NOTHING, Usage, Usd
from codybatch.domain.records import JsonObject, Moment, Record


class BlobRef(Record):
    """Names an immutable object and the bytes it must hold."""

    key: str
    size: int
    """Bytes."""
    sha256: str
    """Hex digest of all of them."""


class StepKind(StrEnum):
    """What a step records."""

    HEADER = "header"
    """The conversation's beginning: a ConversationHeader."""
    REQUEST = "request"
    """The intent to send: no bytes, but a digest and a reservation. A reply may be on its way."""
    REPLY = "reply"
    """The model's reply as received."""
    RESULTS = "results"
    """The user message that answers it: tool results, then an optional nudge."""


class Step(Record):
    """One committed step of a conversation."""

    job: JobId
    conversation: int = Field(ge=1)
    """From 1; a handoff begins the next one."""
    sequence: int = Field(ge=0)
    """From 0, without gaps, inside the conversation."""
    kind: StepKind
    at: Moment
    fence: int
    """The fencing number of the attempt that made it."""
    blob: BlobRef | None = None
    turn: int = 0
    """The job's turn (from 1) this step belongs to; 0 for a header."""
    request_sha256: str | None = None
    """Of a request and its reply: the digest of the exact request."""
    reserved_usd: Usd = NOTHING
    """Of a request: the most its reply can cost."""
    usage: Usage | None = None
    """Of a reply."""
    cost_usd: Usd = NOTHING
    """Of a reply, by the price table named in the job's record."""
    appended: bool = True
    """Of a reply: whether it became part of the conversation (cut off and refused ones do not)."""
    tree: str | None = None
    """Of results: the digest of the work tree after them."""


class Charges(NamedTuple):
    """What a thread's requests cost (US dollars)."""

    total: Decimal
    uncertain: Decimal
    """Of the total: set aside for requests whose reply did not come and may have been paid for."""


def charges_of(steps: Sequence[Step]) -> Charges:
    """What a thread's requests cost; one without a reply right after it costs what was set aside.

    Args:
        steps: all of a job's committed steps, in order.
    """
    replies = sum((step.cost_usd for step in steps if step.kind is StepKind.REPLY), NOTHING)
    followed = zip_longest(steps, steps[1:])
    lost = sum(
        (
            step.reserved_usd
            for step, after in followed
            if step.kind is StepKind.REQUEST and (not after or after.kind is not StepKind.REPLY)
        ),
        NOTHING,
    )
    return Charges(replies + lost, lost)


def step_key(
    job: JobId,
    fence: int,
    conversation: int,
    sequence: int,
    kind: StepKind,
    request_sha256: str | None = None,
) -> str:
    """The blob key of a step, which an attempt's successors can work out.

    A reply's key names the request it answers, so that a reply that was paid for and not committed
    is adopted only where it answers the very same bytes.
    """
    answers = f".{request_sha256[:32]}" if request_sha256 else ""
    return f"jobs/{job}/a{fence:04d}/c{conversation:02d}/{sequence:06d}.{kind}{answers}.json"


class ConversationHeader(Record):
    """What never changes inside a conversation; stored once, sent again byte for byte."""

    model: str
    system: list[JsonObject]
    tools: list[JsonObject]
    first_message: JsonObject
    parameters: JsonObject
    """The rest of the request but max_tokens: thinking, output_config, cache_control, metadata."""
    max_tokens: int
    prompt_version: str
    """The version of our system prompt."""
    base_tree: str
    """The digest of the work tree that the conversation begins with."""


class ThreadRef(Record):
    """A job's whole thread, put together at settlement: JSON Lines and where each line begins."""

    lines: BlobRef
    offsets: BlobRef
    """A JSON list of byte offsets, one a line, and the total size last."""
    count: int


class ThreadLine(Record):
    """One line of a thread file, for readers and exports."""

    conversation: int
    sequence: int
    kind: StepKind
    turn: int
    at: Moment
    message: JsonObject | None = None
    """The header's, reply's or results' content as it was sent or received."""
    usage: Usage | None = None
    cost_usd: Usd = NOTHING
    appended: bool = True

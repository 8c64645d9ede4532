"""Threads as people and programs read them: lines put together from steps and their blobs.

While a job runs its thread is read from its steps; at settlement the steps become one file of JSON
Lines with the offset of each line, so that a reader fetches just the lines it shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from codybatch.domain.identifiers import JobId
from codybatch.domain.threads import (
    ConversationHeader,
    Step,
    StepKind,
    ThreadLine,
    ThreadRef,
)
from codybatch.ports import Blobs

LINES_AT_ONCE = 16
"""That are in memory while a thread is read: one may hold hundreds of kilobytes."""


def lines_of(steps: Sequence[Step], blobs: Blobs) -> Iterator[ThreadLine]:
    """The lines of a thread, in order; a bare intent to send is not one.

    Raises:
        BlobMissing, BlobDamaged: a step's bytes are not what was stored.
    """
    for step in steps:
        if step.blob is not None:
            yield _line(step, blobs.get(step.blob))


def assemble(job: JobId, fence: int, steps: Sequence[Step], blobs: Blobs) -> ThreadRef | None:
    """Store a job's thread as one file with its offsets; None where it has no lines.

    Args:
        job: whose thread it is.
        fence: of the attempt that settles the job; part of the objects' keys.
        steps: all committed steps.
        blobs: where their bytes are, and where the file goes.
    """
    offsets = [0]

    def written() -> Iterator[bytes]:
        for line in lines_of(steps, blobs):
            content = line.to_json().encode() + b"\n"
            offsets.append(offsets[-1] + len(content))
            yield content

    if not any(step.blob for step in steps):
        return None
    lines = blobs.put(f"jobs/{job}/a{fence:04d}/thread.jsonl", written())
    index = blobs.put(f"jobs/{job}/a{fence:04d}/thread.offsets", json.dumps(offsets).encode())
    return ThreadRef(lines=lines, offsets=index, count=len(offsets) - 1)


def read_lines(thread: ThreadRef, blobs: Blobs, start: int, stop: int) -> Iterator[ThreadLine]:
    """The lines from ``start`` (from 0) up to ``stop`` of an assembled thread, a few at a time.

    Raises:
        BlobMissing, BlobDamaged: the thread's bytes are not what was stored.
    """
    offsets: list[int] = json.loads(blobs.get(thread.offsets))
    for first in range(max(0, start), min(stop, thread.count), LINES_AT_ONCE):
        last = min(first + LINES_AT_ONCE, stop, thread.count)
        content = blobs.get(thread.lines, offsets[first], offsets[last])
        for line in content.split(b"\n"):
            if line:
                yield ThreadLine.model_validate_json(line)


def _line(step: Step, content: bytes) -> ThreadLine:
    if step.kind is StepKind.HEADER:
        message = ConversationHeader.model_validate_json(content).model_dump(by_alias=True)
    else:
        message = json.loads(content)
        if b"\\ud" in content.lower():
            message = _writable(message)
    return ThreadLine(
        conversation=step.conversation,
        sequence=step.sequence,
        kind=step.kind,
        turn=step.turn,
        at=step.at,
        message=message,
        usage=step.usage,
        cost_usd=step.cost_usd,
        appended=step.appended,
    )


def _writable(value: Any) -> Any:
    """A value of JSON types with halves of surrogate pairs as their escapes.

    A model may write one, and no UTF-8 can hold it; such a reply is never sent back, only shown.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_writable(name): _writable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_writable(inner) for inner in value]
    return value

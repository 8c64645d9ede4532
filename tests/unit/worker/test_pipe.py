"""Frames: whole messages or nothing, bytes kept."""

import io
import os
from datetime import UTC, datetime
from decimal import Decimal
from threading import Thread

import pytest

from codybatch.agent.task import ConversationEnd, Spending
from codybatch.agent.turn_log import StepEntry
from codybatch.domain.events import Event, EventKind
from codybatch.domain.states import EndedBecause
from codybatch.domain.threads import StepKind
from codybatch.worker.pipe import (
    Adopted,
    Commit,
    Ended,
    FrameWriter,
    Stop,
    Tell,
    read_frame,
    to_conversation,
    to_worker,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ODD_BYTES = bytes(range(256)) + "\u2028 é \U0001f980".encode()


def test_bytes_of_a_step_travel_unchanged() -> None:
    entry = StepEntry(
        conversation=1,
        sequence=2,
        kind=StepKind.REPLY,
        turn=1,
        content=ODD_BYTES,
        cost_usd=Decimal("0.0123450"),
    )
    sent = Commit(entries=(entry,), spending=Spending(turn=1))
    stream = io.BytesIO()

    FrameWriter(stream).send(sent)
    stream.seek(0)
    received = to_worker.validate_json(read_frame(stream) or b"")

    assert received == sent
    assert isinstance(received, Commit)
    assert received.entries[0].content == ODD_BYTES


@pytest.mark.parametrize(
    "message",
    [
        Tell(event=Event(at=NOW, kind=EventKind.TOOL, text="edit_file a.py")),
        Ended(end=ConversationEnd(ended_because=EndedBecause.FINISHED, title="T")),
    ],
)
def test_every_message_comes_back_as_what_it_was(message: Tell | Ended) -> None:
    assert to_worker.validate_json(message.to_json()) == message


def test_answers_come_back_as_what_they_were() -> None:
    for message in (Adopted(content=ODD_BYTES), Adopted(content=None), Stop()):
        assert to_conversation.validate_json(message.to_json()) == message


@pytest.mark.parametrize("kept", [0, 1, 3, 4, 7])
def test_a_frame_cut_at_any_byte_reads_as_the_end(kept: int) -> None:
    stream = io.BytesIO()
    FrameWriter(stream).send(Stop())

    assert read_frame(io.BytesIO(stream.getvalue()[:kept])) is None


def test_a_length_beyond_all_reason_reads_as_the_end() -> None:
    assert read_frame(io.BytesIO(b"\xff\xff\xff\xff rest")) is None


def test_frames_of_many_threads_do_not_mix() -> None:
    source, target = os.pipe()
    with os.fdopen(source, "rb") as reading, os.fdopen(target, "wb", buffering=0) as writing:
        writer = FrameWriter(writing)
        texts = [f"{number} " + "x" * 5000 for number in range(40)]
        threads = [
            Thread(
                target=writer.send, args=(Tell(event=Event(at=NOW, kind=EventKind.TOOL, text=t)),)
            )
            for t in texts
        ]
        for thread in threads:
            thread.start()
        received = [to_worker.validate_json(read_frame(reading) or b"") for _ in texts]
        for thread in threads:
            thread.join()

    assert sorted(m.event.text for m in received if isinstance(m, Tell)) == sorted(texts)

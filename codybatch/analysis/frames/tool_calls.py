"""The frame of tool calls: what the model did, what about, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from codybatch.analysis.frames.column import (
    MOMENT,
    TEXT,
    WHOLE,
    WHOLE_IF_ANY,
    YES_OR_NO,
    YES_OR_NO_IF_ANY,
    Column,
    Frame,
)
from codybatch.analysis.frames.identity import job_columns
from codybatch.analysis.frames.threads import Problems, conversation_of
from codybatch.domain.jobs import Job
from codybatch.domain.threads import ThreadLine
from codybatch.services.conversations import CHANGING_TOOLS, Turn
from codybatch.services.jobs import Jobs
from codybatch.services.thread_blocks import Block, BlockKind, answered

MOST_OF_ERROR = 500
"""Characters of what a failed call answered."""


@dataclass(frozen=True)
class CallRow:
    """A tool call of a turn."""

    job: Job
    turn: Turn
    call: Block
    result: Block | None

    @property
    def error(self) -> str:
        """What a failed call answered; it is cut after secrets were taken out."""
        return self.result.text if self.result and self.result.is_error else ""


def rows_of_calls(jobs: Jobs, of: Iterable[Job], problems: Problems) -> Iterator[CallRow]:
    """The tool calls of some jobs, in their order; whole conversations are read for them.

    Args:
        jobs: the service that reads them.
        of: whose.
        problems: where damage is noted.
    """
    for job in of:
        with problems.noted(job):
            conversation = conversation_of(jobs, job)
            for turn, lines in conversation.lines(0, len(conversation.turns)):
                yield from _calls(job, turn, lines)


def _calls(job: Job, turn: Turn, lines: Sequence[ThreadLine]) -> Iterator[CallRow]:
    for _, block, result in answered(lines):
        if block.kind is BlockKind.CALL:
            yield CallRow(job, turn, block, result)


TOOL_CALLS: Frame[CallRow] = Frame(
    name="tool_calls",
    row="A row is a tool call of the model, in the order of the conversation.",
    columns=(
        *job_columns("job."),
        Column("conversation", WHOLE, "From 1.", attrgetter("turn.conversation")),
        Column("turn", WHOLE, "The job's turn: joins with `turns()`.", attrgetter("turn.number")),
        Column("at", MOMENT, "When the reply that made it had come.", attrgetter("turn.at")),
        Column("call", TEXT, "Id of the call.", attrgetter("call.id"), is_foreign=True),
        Column("tool", TEXT, "Name of the tool.", attrgetter("call.name"), is_foreign=True),
        Column(
            "subject",
            TEXT,
            "The path, pattern or title that it is about.",
            attrgetter("call.subject"),
            is_foreign=True,
        ),
        Column(
            "is_change",
            YES_OR_NO,
            "Whether the tool changes files.",
            lambda row: row.call.name in CHANGING_TOOLS,
        ),
        Column(
            "is_error",
            YES_OR_NO_IF_ANY,
            "Whether it failed; missing where nothing answered it.",
            lambda row: None if row.result is None else row.result.is_error,
        ),
        Column(
            "error",
            TEXT,
            f"What a failed call answered: its first {MOST_OF_ERROR} characters.",
            attrgetter("error"),
            is_foreign=True,
            longest=MOST_OF_ERROR,
        ),
        Column(
            "input_characters",
            WHOLE,
            "Characters of its input, as JSON.",
            lambda row: len(row.call.text),
        ),
        Column(
            "result_characters",
            WHOLE_IF_ANY,
            "Characters of its answer.",
            lambda row: None if row.result is None else len(row.result.text),
        ),
    ),
)

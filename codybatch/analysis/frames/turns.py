"""The frame of turns: replies of the model with what they used and how long they took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from codybatch.analysis.frames.column import (
    MOMENT,
    NUMBER,
    WHOLE,
    YES_OR_NO,
    Column,
    Frame,
)
from codybatch.analysis.frames.identity import job_columns
from codybatch.analysis.frames.threads import Problems
from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.threads import Step, StepKind
from codybatch.services.conversations import Turn, turns_of
from codybatch.services.jobs import Jobs


@dataclass(frozen=True)
class TurnRow:
    """A turn of a job."""

    job: Job
    turn: Turn
    asked_at: datetime | None
    """When its request was about to be sent."""

    @property
    def usage(self) -> Usage:
        """What its reply used."""
        return self.turn.usage or Usage()

    @property
    def model_seconds(self) -> float | None:
        """From the request to the whole reply."""
        return None if self.asked_at is None else (self.turn.at - self.asked_at).total_seconds()

    @property
    def tools_seconds(self) -> float | None:
        """From the reply to the results of its calls."""
        results = [step.at for step in self.turn.steps if step.kind is StepKind.RESULTS]
        return (results[-1] - self.turn.at).total_seconds() if results else None


def rows_of_turns(jobs: Jobs, of: Iterable[Job], problems: Problems) -> Iterator[TurnRow]:
    """The turns of some jobs, in their order; none of their texts is read.

    Args:
        jobs: the service that reads them.
        of: whose.
        problems: where damage is noted.
    """
    for job in of:
        with problems.noted(job):
            steps = jobs.steps(job.id)
            asked = _asked(steps)
            for turn in turns_of(steps):
                if turn.number:
                    yield TurnRow(job, turn, asked.get((turn.conversation, turn.number)))


def _asked(steps: tuple[Step, ...]) -> dict[tuple[int, int], datetime]:
    """When each turn's request was sent, the last time where it was sent again."""
    requests = (step for step in steps if step.kind is StepKind.REQUEST)
    return {(step.conversation, step.turn): step.at for step in requests}


def _written_to_cache(row: TurnRow) -> int:
    return row.usage.cache_write_5m_tokens + row.usage.cache_write_1h_tokens


TURNS: Frame[TurnRow] = Frame(
    name="turns",
    row="A row is a reply of the model that came, with the results of its tool calls.",
    columns=(
        *job_columns("job."),
        Column(
            "conversation",
            WHOLE,
            "From 1; more where it began afresh to save context.",
            attrgetter("turn.conversation"),
        ),
        Column("turn", WHOLE, "The job's turn, from 1.", attrgetter("turn.number")),
        Column("at", MOMENT, "When the reply had come.", attrgetter("turn.at")),
        Column(
            "model_seconds",
            NUMBER,
            "Seconds from the request to the whole reply.",
            attrgetter("model_seconds"),
        ),
        Column(
            "tools_seconds",
            NUMBER,
            "Seconds from the reply to the results of its calls; missing where there are none.",
            attrgetter("tools_seconds"),
        ),
        Column(
            "is_appended",
            YES_OR_NO,
            "Whether it became part of the conversation; cut-off and refused replies do not.",
            attrgetter("turn.is_appended"),
        ),
        Column("input_tokens", WHOLE, "Tokens read fresh.", attrgetter("usage.input_tokens")),
        Column("cache_write_tokens", WHOLE, "Tokens written to the cache.", _written_to_cache),
        Column(
            "cache_read_tokens",
            WHOLE,
            "Tokens read from the cache.",
            attrgetter("usage.cache_read_tokens"),
        ),
        Column(
            "prompt_tokens",
            WHOLE,
            "All three together: how long the conversation was.",
            attrgetter("usage.prompt_tokens"),
        ),
        Column(
            "output_tokens",
            WHOLE,
            "Tokens that the model wrote.",
            attrgetter("usage.output_tokens"),
        ),
        Column(
            "cost_usd", NUMBER, "US dollars of the reply.", lambda row: float(row.turn.cost_usd)
        ),
        Column("bytes", WHOLE, "Size of reply and results as stored.", attrgetter("turn.size")),
    ),
)

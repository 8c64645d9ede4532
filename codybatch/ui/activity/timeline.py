"""A job's events as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from codybatch.domain.events import EventKind, EventLevel, StoredEvent
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState, Phase
from codybatch.services.wording import PHASES
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import duration

ROWS = 100
"""Rows of one page."""
STEPS: dict[Phase, str] = {
    Phase.CLONING: "Clone",
    Phase.PROFILING: "Read",
    Phase.CONVERSING: "Edit",
    Phase.CHECKING: "Check",
    Phase.PUBLISHING: "Publish",
}
_PHASES = {f"{told}.": phase for phase, told in PHASES.items()}
_LEAVES = frozenset(
    {
        EventKind.SUBMITTED,
        EventKind.CONTINUED,
        EventKind.WAITING,
        EventKind.RELEASED,
        EventKind.ENDED,
    }
)
_LONGEST = 600


class Standing(StrEnum):
    """How a step of a job stands."""

    TO_COME = "to come"
    AT_WORK = "at work"
    DONE = "done"
    STOPPED = "stopped here"


@dataclass(frozen=True)
class PhaseStep:
    """A step of the newest attempt."""

    name: str
    standing: Standing
    took: str
    """In words; empty for one that did not begin."""


@dataclass(frozen=True)
class Row:
    """A line of the timeline."""

    sequence: int
    """Of its event."""
    time: str
    day: str
    """Where it is another day than the line's before; else empty."""
    text: str
    """Fit to be shown as it is."""
    detail: str
    level: EventLevel
    is_heading: bool = False
    """Whether an attempt begins here."""


@dataclass(frozen=True)
class Timeline:
    """What happened to a job; rows in the order in which they are shown."""

    rows: tuple[Row, ...]
    steps: tuple[PhaseStep, ...]
    """None before the first attempt."""
    attempts: int
    problems: int
    """Warnings and errors."""
    is_newest_first: bool


def timeline(
    job: Job,
    events: Sequence[StoredEvent],
    clean: Clean,
    now: datetime,
    zone: tzinfo,
    *,
    only_problems: bool = False,
) -> Timeline:
    """What happened to a job, the newest first while more may come.

    Args:
        job: as it stands now.
        events: all of its events, oldest first.
        clean: takes secrets out.
        now: what time it is.
        zone: in which times are told.
        only_problems: whether to leave out what went well.
    """
    rows = list(_rows(events, clean, zone))
    wanted = [row for row in rows if not only_problems or row.level is not EventLevel.INFO]
    newest_first = not job.state.is_terminal
    return Timeline(
        rows=tuple(reversed(wanted) if newest_first else wanted),
        steps=tuple(_steps(job, events, now)),
        attempts=sum(1 for event in events if event.kind is EventKind.CLAIMED),
        problems=sum(1 for row in rows if row.level is not EventLevel.INFO),
        is_newest_first=newest_first,
    )


def _rows(events: Sequence[StoredEvent], clean: Clean, zone: tzinfo) -> Iterator[Row]:
    attempt, turn, is_at_work = 0, None, False
    day = ""
    for event in events:
        if event.kind is EventKind.TURN:
            turn = event
            continue
        at = event.at.astimezone(zone)
        today = f"{at:%d %b %Y}"
        new_day, day = ("" if today == day else today), today
        if event.kind is EventKind.CLAIMED:
            attempt += 1
            if is_at_work:
                yield _crash(event, attempt - 1, f"{at:%H:%M:%S}", new_day)
                new_day = ""
        is_at_work = event.kind is EventKind.CLAIMED or (is_at_work and not _leaves(event))
        said = _said(event, turn)
        if turn is not None and said.detail == "":
            yield _row(turn, _Said(turn.text), clean, f"{at:%H:%M:%S}", new_day)
            new_day = ""
        turn = None
        yield _row(event, said, clean, f"{at:%H:%M:%S}", new_day)
    if turn is not None:
        yield _row(turn, _Said(turn.text), clean, f"{turn.at.astimezone(zone):%H:%M:%S}", "")


def _leaves(event: StoredEvent) -> bool:
    """Whether after it no attempt is at work, so that the next one follows no crash.

    A worker tries again by leaving; a conversation that asks the model again goes on in its turn.
    """
    is_worker_again = event.kind is EventKind.RETRIED and event.turn is None
    return event.kind in _LEAVES or is_worker_again


@dataclass(frozen=True)
class _Said:
    text: str
    detail: str = ""


def _said(event: StoredEvent, turn: StoredEvent | None) -> _Said:
    """An event's words; a turn and what it called are one line."""
    if event.kind is EventKind.TOOL and turn is not None and turn.turn == event.turn:
        about = turn.text.partition(": ")[2]
        return _Said(f"Turn {event.turn} · {event.text}", about[:1].upper() + about[1:])
    return _Said(event.text)


def _row(event: StoredEvent, said: _Said, clean: Clean, time: str, day: str) -> Row:
    return Row(
        sequence=event.sequence,
        time=time,
        day=day,
        text=shown_on_one_line(said.text, clean, _LONGEST),
        detail=shown_on_one_line(said.detail, clean),
        level=event.level,
        is_heading=event.kind is EventKind.CLAIMED,
    )


def _crash(event: StoredEvent, attempt: int, time: str, day: str) -> Row:
    text = (
        f"Attempt {attempt} ended without a word: its process died, or was cut off. "
        "What it had committed is kept, and the next attempt goes on from there."
    )
    return Row(-event.sequence, time, day, text, "", EventLevel.WARNING)


# --- the steps of the newest attempt -----------------------------------------------------------


def _steps(job: Job, events: Sequence[StoredEvent], now: datetime) -> Iterator[PhaseStep]:
    began = _phases_of_newest_attempt(events)
    if not began:
        return
    ended = job.ended_at or (events[-1].at if job.state is not JobState.RUNNING else now)
    newest = max(began, key=lambda phase: began[phase])
    well = job.state is JobState.SUCCEEDED
    for phase, name in STEPS.items():
        start = began.get(phase)
        if start is None:
            yield PhaseStep(name, Standing.TO_COME, "")
            continue
        later = [at for other, at in began.items() if at > start and other is not phase]
        stop = min(later, default=ended)
        standing = Standing.DONE
        if phase is newest and not well:
            running = job.state is JobState.RUNNING
            standing = Standing.AT_WORK if running else Standing.STOPPED
        yield PhaseStep(name, standing, duration(max(timedelta(), stop - start).total_seconds()))


def _phases_of_newest_attempt(events: Sequence[StoredEvent]) -> dict[Phase, datetime]:
    began: dict[Phase, datetime] = {}
    for event in events:
        if event.kind is EventKind.CLAIMED:
            began = {}
        elif event.kind is EventKind.PHASE and (phase := _PHASES.get(event.text)):
            began.setdefault(phase, event.at)
    return {phase: at for phase, at in began.items() if phase in STEPS}

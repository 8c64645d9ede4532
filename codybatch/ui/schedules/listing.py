"""The list of schedules in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import RunOutcome, Schedule, ScheduledRun
from codybatch.domain.states import JobState
from codybatch.services.calendar_words import in_words
from codybatch.services.schedule_words import next_in_words, outcome_in_words
from codybatch.services.schedules import Schedules
from codybatch.ui.pace import BUSY_SECONDS, WAITING_SECONDS
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.requests.standing import badge_of
from codybatch.ui.words import STATE_BADGES, Badge

NEVER_RAN = Badge("Never ran", ":material/event:", "gray")
TROUBLE = Badge("Tries again", ":material/sync_problem:", "yellow")
OUTCOME_BADGES: dict[RunOutcome, Badge] = {
    RunOutcome.STARTED: Badge("Started", ":material/play_circle:", "blue"),
    RunOutcome.SKIPPED: Badge("Skipped", ":material/skip_next:", "gray"),
    RunOutcome.MISSED: Badge("Missed", ":material/event_busy:", "yellow"),
    RunOutcome.REFUSED: Badge(outcome_in_words(RunOutcome.REFUSED), ":material/error:", "red"),
}


@dataclass(frozen=True)
class ScheduleRow:
    """One schedule in the list."""

    id: ScheduleId
    name: str
    rule: str
    next_run: str
    last: Badge
    paused: bool


@dataclass(frozen=True)
class ScheduleList:
    """All schedules, the next one due first."""

    rows: tuple[ScheduleRow, ...]
    refresh_seconds: float | None


def schedule_list(service: Schedules, clean: Clean, now: datetime, zone: tzinfo) -> ScheduleList:
    """The list as it stands at this moment.

    Args:
        service: whose schedules.
        clean: takes secrets out of names.
        now: the time.
        zone: of whoever looks.
    """
    found = service.list()
    badges = [last_badge(service, one) for one in found]
    rows = tuple(
        _row(one, badge, clean, now, zone) for one, badge in zip(found, badges, strict=True)
    )
    return ScheduleList(rows, pace(found, badges))


def pace(schedules: tuple[Schedule, ...], badges: list[Badge]) -> float | None:
    """How soon a page that shows these should look again; None where nothing is awaited."""
    working = {STATE_BADGES[JobState.RUNNING], STATE_BADGES[JobState.QUEUED]}
    if working & set(badges):
        return BUSY_SECONDS
    is_awaited = any(one.wakes_at for one in schedules)
    return WAITING_SECONDS if is_awaited or STATE_BADGES[JobState.WAITING] in badges else None


def last_badge(service: Schedules, schedule: Schedule) -> Badge:
    """What became of the last run: of its request where it was started, else why it was not."""
    if schedule.trouble:
        return TROUBLE
    return run_badge(service, schedule.runs[0]) if schedule.runs else NEVER_RAN


def run_badge(service: Schedules, run: ScheduledRun) -> Badge:
    """What became of a run."""
    if run.request is None:
        return OUTCOME_BADGES[run.outcome]
    return badge_of(service.requests.find(run.request).counts)


def _row(schedule: Schedule, last: Badge, clean: Clean, now: datetime, zone: tzinfo) -> ScheduleRow:
    template = schedule.template
    over = ", ".join(template.repositories)
    return ScheduleRow(
        id=schedule.id,
        name=shown_on_one_line(schedule.name, clean),
        rule=shown_on_one_line(f"{in_words(schedule.rule)} · {template.prompt} over {over}", clean),
        next_run=next_in_words(schedule, zone, now),
        last=last,
        paused=schedule.paused,
    )

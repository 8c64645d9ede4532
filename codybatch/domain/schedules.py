"""Schedules: a request template with a calendar rule, and what became of its runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, field_validator

from codybatch.domain.calendar_rules import CalendarRule
from codybatch.domain.errors import InvalidSchedule
from codybatch.domain.identifiers import Person, RequestId, ScheduleId
from codybatch.domain.money import Usd
from codybatch.domain.records import Moment, Record
from codybatch.domain.requests import RequestOptions

ON_TIME = timedelta(minutes=15)
"""How late a run may begin and still count as on time; later, the rule for missed runs decides."""
MAX_RUNS_KEPT = 10
MAX_NAME = 100


class MissedRuns(StrEnum):
    """What to do about runs that were due while nothing looked at the schedules."""

    SKIP = "skip"
    """Leave them out; the next one begins at its time."""
    RUN_ONCE = "run-once"
    """Make up for all of them by one run, as soon as somebody looks."""


class Overlap(StrEnum):
    """What to do where a run is due while the schedule's last request has not ended."""

    SKIP = "skip"
    """Leave the new run out."""
    ALLOW = "allow"
    """Let both run."""
    REPLACE = "replace"
    """Cancel the earlier request, and begin once it has ended."""


class RunOutcome(StrEnum):
    """What became of a run that was due."""

    STARTED = "started"
    SKIPPED = "skipped"
    """By the schedule's own rules: an earlier request still runs, or there is nothing to do."""
    MISSED = "missed"
    """Nothing looked at the schedules in time."""
    REFUSED = "refused"
    """It could not be submitted: by policy or budget, or because a service could not be asked."""


class ScheduledRun(Record):
    """One run of a schedule, and what became of it."""

    due_at: Moment
    noted_at: Moment
    outcome: RunOutcome
    request: RequestId | None = None
    """Of a run that was started."""
    reason: str = ""
    """A sentence: why it was not started."""
    by: Person | None = None
    """Who asked for it by hand; None where the calendar did."""


class RequestTemplate(Record):
    """What a schedule submits each time."""

    prompt: str
    """``name`` for the version that is the latest then, or ``name@3``."""
    title: str = ""
    """Empty: the prompt's first line."""
    variables: dict[str, str] = Field(default_factory=dict)
    repositories: tuple[str, ...]
    """As written: ``owner/name``, ``owner/name@ref``."""
    options: RequestOptions
    request_cost_cap_usd: Usd | None = None


class Schedule(Record):
    """A request template with a calendar rule."""

    id: ScheduleId
    name: str
    template: RequestTemplate
    rule: CalendarRule
    missed: MissedRuns = MissedRuns.SKIP
    overlap: Overlap = Overlap.SKIP
    paused: bool = False
    created_by: Person
    """In whose name the requests are submitted."""
    created_at: Moment
    due_at: Moment | None
    """The next run that nothing became of yet; None while paused, or where there is none."""
    try_again_at: Moment | None = None
    """Where a service could not be asked for the run that is due: when to ask again."""
    trouble: str = ""
    """Why it could not be asked."""
    runs: tuple[ScheduledRun, ...] = Field(default=(), max_length=MAX_RUNS_KEPT)
    """The last ones, newest first."""
    version: int = 0
    """Rises with every change; a writer names the one it read, and 0 for a new one."""

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        shown = " ".join(name.split())
        if not shown or len(shown) > MAX_NAME or not shown.isprintable():
            raise InvalidSchedule(
                f"A schedule's name has 1 to {MAX_NAME} printable characters, not {name!r}."
            )
        return shown

    @property
    def wakes_at(self) -> datetime | None:
        """When somebody must look at it next; None for never."""
        return self.try_again_at or self.due_at

    @property
    def last_started(self) -> ScheduledRun | None:
        """The last run that became a request, of those that are kept."""
        return next((run for run in self.runs if run.request is not None), None)

    def run_of(self, due_at: datetime) -> ScheduledRun | None:
        """What became of the run that the calendar had at this moment, of those that are kept."""
        return next((run for run in self.runs if run.due_at == due_at and run.by is None), None)

    def with_run(self, run: ScheduledRun) -> Self:
        """The same with a run noted; one of the calendar's moves on to the next that is due."""
        noted = self.with_(runs=(run, *self.runs)[:MAX_RUNS_KEPT])
        if run.by is not None or run.due_at != self.due_at:
            return noted
        return noted.moved_on(max(run.noted_at, run.due_at))

    def moved_on(self, moment: datetime) -> Self:
        """The same, waiting for the first due moment after ``moment``; none while it is paused."""
        due_at = None if self.paused else self.rule.next_after(moment)
        return self.with_(due_at=due_at, try_again_at=None, trouble="")

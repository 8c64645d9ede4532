"""A world in which nothing runs by itself, with a clock that a test moves, and schedules in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from codybatch.domain.prompts import PromptDraft
from codybatch.domain.requests import Request
from codybatch.domain.schedules import RequestTemplate, RunOutcome, Schedule, ScheduledRun
from codybatch.services.scheduled_runs import ScheduledRuns, Ticked
from codybatch.services.schedules import ScheduleForm, Schedules
from tests.attempt_kit import SteeredClock
from tests.unit.services.still import Still

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class Timetable:
    """Schedules of a still world."""

    still: Still
    clock: SteeredClock = field(default_factory=lambda: SteeredClock(MONDAY))
    _names: int = 0

    def __post_init__(self) -> None:
        """Save the prompt that is scheduled where a test names no other."""
        app = self.still.world.app
        app.prompts.save(PromptDraft(name="utcnow", template="Replace utcnow."), app.person)

    @property
    def service(self) -> Schedules:
        app = self.still.world.app
        runs = ScheduledRuns(self.still.records, app.requests, self.clock, app.net.clean)
        return Schedules(self.still.records, app.requests, runs, self.clock)

    def form(self, *repositories: str, **given: Any) -> ScheduleForm:
        """A form for a rule of every day at 09:00 UTC; options by their own names."""
        app = self.still.world.app
        self._names += 1
        template = {
            name: given.pop(name) for name in list(given) if name in RequestTemplate.model_fields
        }
        own = {name: given.pop(name) for name in list(given) if name in ScheduleForm.model_fields}
        return ScheduleForm(
            template=RequestTemplate(
                **{
                    "prompt": "utcnow",
                    "repositories": repositories or (self.still.repository(),),
                    "options": app.default_options().with_(**given),
                    **template,
                }
            ),
            **{"name": f"Schedule {self._names}", "rule": "0 9 * * *", **own},
        )

    def add(self, *repositories: str, **given: Any) -> Schedule:
        """Keep a new schedule."""
        return self.service.add(self.form(*repositories, **given), self.still.world.app.person)

    def tick_at(self, hour: int, minute: int = 0, day: int = 2) -> tuple[Ticked, ...]:
        """Let the tick look at a time of March 2026."""
        self.clock.time = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
        return self.service.runs.tick()

    def now(self, schedule: Schedule) -> Schedule:
        """The schedule as it is stored."""
        return self.still.records.schedule(schedule.id)

    def last(self, schedule: Schedule) -> ScheduledRun:
        """What became of its last run."""
        return self.now(schedule).runs[0]

    def outcomes(self, schedule: Schedule) -> list[RunOutcome]:
        """What became of its runs, the newest first."""
        return [run.outcome for run in self.now(schedule).runs]

    def request(self, schedule: Schedule) -> Request:
        """The last request that it submitted."""
        found = self.service.last_request(self.now(schedule))
        assert found is not None
        return found

    def requests(self, schedule: Schedule) -> list[Request]:
        """All requests that it submitted, newest first."""
        listed = self.still.records.list_requests().items
        return [one for one in listed if one.origin.schedule == schedule.id]

    def end(self, request: Request) -> None:
        """Have workers end all jobs of a request."""
        for job in self.still.world.app.requests.jobs_of(request.id):
            self.still.end(job)

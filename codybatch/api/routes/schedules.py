"""Schedules: list, show, add, change, pause, resume, run, remove."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, strictly
from codybatch.api.call import Administering, Call, Reading
from codybatch.api.forms import Submission
from codybatch.api.routing import WITH_BODY, problems, router
from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import request_id
from codybatch.domain.schedules import MissedRuns, Overlap, RequestTemplate, Schedule
from codybatch.services.schedules import ScheduleForm
from codybatch.services.wire.others import ScheduleInFull, ScheduleShown
from codybatch.services.wire.requests import RequestInFull

routes = router("schedules")

SchedulePath = Annotated[str, Path(description="The schedule's id or name.", max_length=200)]
Rule = Annotated[str, Field(max_length=200)]
"""Five fields as in cron, such as ``30 9 * * MON-FRI``, or ``every 6 hours``."""
Zone = Annotated[str, Field(max_length=100)]
Name = Annotated[str, Field(max_length=100)]


class NewSchedule(Asked):
    """A schedule as a program asks for it: a submission, or an earlier request to do again."""

    rule: Rule
    time_zone: Zone = "UTC"
    name: Name = ""
    """Empty: the prompt's."""
    missed: MissedRuns = MissedRuns.SKIP
    overlap: Overlap = Overlap.SKIP
    paused: bool = False
    submission: Submission | None = None
    """What to submit each time."""
    like: Annotated[str, Field(max_length=100)] | None = None
    """The id of an earlier request, in place of a submission."""
    pin: bool = False
    """With ``like``: stay with the version of its prompt."""

    def form(self, call: Call) -> ScheduleForm:
        """The form that is kept.

        Raises:
            UsageError: it names not exactly one thing to submit.
            NotFound: there is no such request.
        """
        return ScheduleForm(
            name=self.name,
            template=self._template(call),
            rule=self.rule,
            time_zone=self.time_zone,
            missed=self.missed,
            overlap=self.overlap,
            paused=self.paused,
        )

    def _template(self, call: Call) -> RequestTemplate:
        app = call.app
        if (self.submission is None) == (self.like is None):
            raise UsageError("Give a submission, or the id of a request with like; one of the two.")
        if self.submission is None:
            request = app.requests.find(request_id(str(self.like)))
            return app.schedules.template_of(request, pinned=self.pin)
        if self.pin:
            raise UsageError("pin goes with like; otherwise write name@3 for a version.")
        return app.schedules.template_from(self.submission.form(app, call.person, None))


class ScheduleChanges(Asked):
    """What is to be otherwise; what is null stays."""

    rule: Rule | None = None
    time_zone: Zone | None = None
    name: Name | None = None
    missed: MissedRuns | None = None
    overlap: Overlap | None = None
    submission: Submission | None = None


@routes.get("/schedules", response_model=list[ScheduleShown])
def list_schedules(call: Reading) -> Response:
    """List all schedules, the next one due first."""
    return call.list(ScheduleShown.of(one) for one in call.app.schedules.list())


@routes.post(
    "/schedules",
    status_code=201,
    response_model=ScheduleInFull,
    responses=problems(*WITH_BODY, 404, 409, 502),
)
def add_schedule(
    call: Administering, new: Annotated[NewSchedule, strictly(NewSchedule)]
) -> Response:
    """Submit a request again by the calendar; it is checked now as if it were submitted."""
    schedules = call.app.schedules
    schedules.rule(new.rule, new.time_zone)  # before a prompt's text is saved
    added = schedules.add(new.form(call), call.person)
    return _in_full(call, added, 201)


@routes.get("/schedules/{schedule}", response_model=ScheduleInFull, responses=problems(404))
def show_schedule(call: Reading, schedule: SchedulePath) -> Response:
    """Show a schedule: what it submits, its next five runs and its last ones."""
    return _in_full(call, call.app.schedules.find(schedule))


@routes.patch(
    "/schedules/{schedule}",
    response_model=ScheduleInFull,
    responses=problems(*WITH_BODY, 404, 409, 502),
)
def change_schedule(
    call: Administering,
    schedule: SchedulePath,
    changes: Annotated[ScheduleChanges, strictly(ScheduleChanges)],
) -> Response:
    """Change when a schedule runs, its name, its choices, or what it submits; its runs stay."""
    schedules = call.app.schedules
    found = schedules.find(schedule)
    named = changes.model_dump(exclude_none=True, exclude={"submission"})
    form = ScheduleForm.of(found).with_(**named)
    if changes.submission is not None:
        submission = changes.submission.form(call.app, found.created_by, None)
        form = form.with_(template=schedules.template_from(submission))
    return _in_full(call, schedules.change(found, form))


@routes.post("/schedules/{schedule}/pause", response_model=ScheduleInFull, responses=problems(404))
def pause(call: Administering, schedule: SchedulePath) -> Response:
    """Start nothing more until the schedule is resumed; what runs goes on."""
    schedules = call.app.schedules
    return _in_full(call, schedules.pause(schedules.find(schedule).id))


@routes.post("/schedules/{schedule}/resume", response_model=ScheduleInFull, responses=problems(404))
def resume(call: Administering, schedule: SchedulePath) -> Response:
    """Start requests again, from the next due moment on."""
    schedules = call.app.schedules
    return _in_full(call, schedules.resume(schedules.find(schedule).id))


@routes.post(
    "/schedules/{schedule}/run-now",
    status_code=201,
    response_model=RequestInFull,
    responses=problems(404, 409, 502),
)
def run_now(call: Administering, schedule: SchedulePath) -> Response:
    """Submit a schedule's request now, beside its calendar."""
    app = call.app
    request = app.schedules.run_now(app.schedules.find(schedule).id, call.person)
    return call.answer(RequestInFull.with_jobs(request, app.requests.jobs_of(request.id)), 201)


@routes.delete("/schedules/{schedule}", status_code=204, responses=problems(404))
def remove(call: Administering, schedule: SchedulePath) -> None:
    """Remove a schedule; the requests that it submitted stay."""
    schedules = call.app.schedules
    schedules.remove(schedules.find(schedule).id)


def _in_full(call: Call, schedule: Schedule, status: int = 200) -> Response:
    next_runs = () if schedule.paused else call.app.schedules.next_runs(schedule.rule)
    return call.answer(ScheduleInFull.with_runs(schedule, next_runs), status)

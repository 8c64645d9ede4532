"""Schedules: keep request templates with calendar rules, and submit what is due.

What is due is submitted under an idempotency key made of the schedule and the due moment, and noted
on the schedule after: a tick that dies between the two, or two ticks at once, make one request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from codybatch.domain.calendar_rules import CalendarRule
from codybatch.domain.errors import (
    InvalidSchedule,
    ScheduleBusy,
    StaleWrite,
    UnknownSchedule,
    UsageError,
)
from codybatch.domain.identifiers import Person, ScheduleId
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.records import Record
from codybatch.domain.requests import ExistingPullRequest, Request
from codybatch.domain.schedules import (
    MissedRuns,
    Overlap,
    RequestTemplate,
    Schedule,
)
from codybatch.ports import Clock, PageRequest, Records
from codybatch.services.identities import new_schedule_id
from codybatch.services.proposed import PROPOSING, NothingToSubmit
from codybatch.services.requests import Requests
from codybatch.services.scheduled_runs import ScheduledRuns, form_of
from codybatch.services.submission_form import SubmissionForm

MAX_SCHEDULES = 200
"""So that a list has them all on one page."""
_ALL = PageRequest(limit=MAX_SCHEDULES + 50)
"""People who add at the same moment may pass the limit by a few."""


class ScheduleForm(Record):
    """A schedule as a person asks for it."""

    name: str = ""
    """Empty: the prompt's."""
    template: RequestTemplate
    rule: str
    """As written: ``30 9 * * MON-FRI`` or ``every 6 hours``."""
    time_zone: str = "UTC"
    missed: MissedRuns = MissedRuns.SKIP
    overlap: Overlap = Overlap.SKIP
    paused: bool = False

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """The form that a schedule has now, to be changed in part."""
        return cls(
            name=schedule.name,
            template=schedule.template,
            rule=schedule.rule.text,
            time_zone=schedule.rule.time_zone,
            missed=schedule.missed,
            overlap=schedule.overlap,
            paused=schedule.paused,
        )


@dataclass(frozen=True)
class Schedules:
    """Use cases of schedules."""

    records: Records
    requests: Requests
    runs: ScheduledRuns
    clock: Clock

    def rule(self, written: str, time_zone: str) -> CalendarRule:
        """The rule that a person wrote, counted from now.

        Raises:
            InvalidSchedule: it cannot be understood.
        """
        return CalendarRule.parse(written, time_zone, self.clock.now())

    def next_runs(self, rule: CalendarRule, number: int = 5) -> tuple[datetime, ...]:
        """The next moments (UTC) at which a rule is due."""
        return rule.next_ones(self.clock.now(), number)

    def list(self) -> tuple[Schedule, ...]:
        """All schedules: the next one due first, then those that wait for nothing, by name."""
        found = self.records.schedules(_ALL).items
        waiting = [one for one in found if one.due_at is not None]
        rest = [one for one in found if one.due_at is None]
        by_time = sorted(waiting, key=lambda one: (one.due_at or one.created_at, one.name))
        return (*by_time, *sorted(rest, key=lambda one: one.name.casefold()))

    def find(self, written: str) -> Schedule:
        """The schedule with this id or name (without regard to case).

        Raises:
            UnknownSchedule: there is none.
        """
        found = [one for one in self.list() if _is_named(one, written)]
        if not found:
            raise UnknownSchedule(
                f"There is no schedule {written!r}. `codybatch schedules list` shows them."
            )
        return found[0]

    def add(self, form: ScheduleForm, by: Person) -> Schedule:
        """Keep a new schedule; everything is checked as if the request were submitted now.

        Raises:
            InvalidSchedule: the rule, the time zone or the name cannot be used.
            UsageError, PolicyError: the request would be refused.
            CodeHostError, ModelError: a service could not be asked.
        """
        now = self.clock.now()
        rule = CalendarRule.parse(form.rule, form.time_zone, now)
        name = form.name.strip() or form.template.prompt.partition("@")[0]
        kept = Schedule(
            id=new_schedule_id(now),
            name=name,
            template=self._decided(form.template),
            rule=rule,
            missed=form.missed,
            overlap=form.overlap,
            paused=form.paused,
            created_by=by,
            created_at=now,
            due_at=None,
        ).moved_on(now)
        self._check_name(kept)
        self.requests.check(form_of(kept, now, by))
        return self.records.put_schedule(kept)

    def change(self, schedule: Schedule, form: ScheduleForm) -> Schedule:
        """Give a schedule another form; its runs, its owner and whether it is paused stay.

        Args:
            schedule: as it was read.
            form: all of the new form.

        Raises:
            StaleWrite: somebody else changed it since it was read.
            InvalidSchedule, UsageError, PolicyError, CodeHostError, ModelError: as ``add``.
        """
        now = self.clock.now()
        rule = CalendarRule.parse(form.rule, form.time_zone, now)
        same = (rule.text, rule.time_zone) == (schedule.rule.text, schedule.rule.time_zone)
        changed = schedule.with_(
            name=form.name,
            template=self._decided(form.template),
            rule=schedule.rule if same else rule,
            missed=form.missed,
            overlap=form.overlap,
        )
        self._check_name(changed)
        if changed.template != schedule.template:
            self.requests.check(form_of(changed, now, schedule.created_by))
        return self.records.put_schedule(changed if same else changed.moved_on(now))

    def pause(self, schedule: ScheduleId) -> Schedule:
        """Let a schedule start nothing until it is resumed; what runs goes on.

        Raises:
            UnknownSchedule: there is none.
        """
        return self._changed(schedule, lambda one: one.with_(paused=True))

    def resume(self, schedule: ScheduleId) -> Schedule:
        """Let a schedule start requests again, from its next due moment on.

        Raises:
            UnknownSchedule: there is none.
        """
        return self._changed(schedule, lambda one: one.with_(paused=False))

    def remove(self, schedule: ScheduleId) -> None:
        """Remove a schedule; the requests that it submitted stay.

        Raises:
            UnknownSchedule: there is none.
        """
        if not self.records.remove_schedule(schedule):
            raise UnknownSchedule

    def run_now(self, schedule: ScheduleId, by: Person) -> Request:
        """Submit a schedule's request now, beside its calendar.

        Raises:
            UnknownSchedule: there is none.
            ScheduleBusy: its last request still runs, and it is not to overlap.
            UsageError, PolicyError, CodeHostError, ModelError: as ``Requests.submit``; also where
                every repository is left out.
        """
        found = self.records.schedule(schedule)
        hindrance = self.runs.hindrance(found)
        if hindrance:
            raise ScheduleBusy(hindrance)
        try:
            return self.runs.submit_by_hand(found, by)
        except NothingToSubmit as nothing:
            raise UsageError(nothing.message) from None

    def last_request(self, schedule: Schedule) -> Request | None:
        """The last request that the schedule submitted."""
        run = schedule.last_started
        return self.records.request(run.request) if run and run.request else None

    def template_of(self, request: Request, *, pinned: bool) -> RequestTemplate:
        """What to submit again like an earlier request.

        Args:
            request: the earlier one.
            pinned: whether to stay with the version of the prompt that it ran.
        """
        again = (*request.repositories, *(one.repository for one in request.skipped))
        return RequestTemplate(
            prompt=str(request.prompt) if pinned else request.prompt.name,
            title=request.title,
            variables=request.variables,
            repositories=tuple(dict.fromkeys(map(str, again))),
            options=request.options.with_(rehearse=False),
            request_cost_cap_usd=request.budget.cap_usd,
        )

    def template_from(self, form: SubmissionForm) -> RequestTemplate:
        """What to submit again as a form asks for it; a prompt's text is saved first.

        Raises:
            InvalidPrompt, UnsupportedSchema: as ``Prompts.save``.
        """
        prompt = form.prompt
        if isinstance(prompt, PromptDraft):
            prompt = str(self.requests.prompts.save(prompt, form.requester).ref)
        return RequestTemplate(
            prompt=prompt,
            title=form.title,
            variables=form.variables,
            repositories=form.repositories,
            options=form.options,
            request_cost_cap_usd=form.request_cost_cap_usd,
        )

    def _decided(self, template: RequestTemplate) -> RequestTemplate:
        """The template with everything decided that a person would be asked otherwise."""
        options = template.options
        if options.rehearse:
            raise InvalidSchedule(
                "A schedule cannot rehearse: nobody is there to release the held jobs. "
                "Rehearse once by a request of its own, then schedule it."
            )
        changes = self.requests.prompts.find(template.prompt).kind is Kind.CHANGE
        if changes and options.publish in PROPOSING and options.existing_pull_request is None:
            decided = options.with_(existing_pull_request=ExistingPullRequest.SKIP)
            return template.with_(options=decided)
        return template

    def _check_name(self, schedule: Schedule) -> None:
        others = [one for one in self.records.schedules(_ALL).items if one.id != schedule.id]
        if any(one.name.casefold() == schedule.name.casefold() for one in others):
            raise InvalidSchedule(
                f"There is a schedule {schedule.name!r} already: give this one another name."
            )
        if schedule.version == 0 and len(others) >= MAX_SCHEDULES:
            raise InvalidSchedule(
                f"There are {len(others)} schedules, and at most {MAX_SCHEDULES} are kept. "
                "Remove one first: codybatch schedules remove NAME"
            )

    def _changed(self, schedule: ScheduleId, change: Callable[[Schedule], Schedule]) -> Schedule:
        """Change it, again where a run was noted meanwhile."""
        while True:
            found = self.records.schedule(schedule)
            changed = change(found)
            if changed == found:
                return found
            try:
                return self.records.put_schedule(changed.moved_on(self.clock.now()))
            except StaleWrite:
                continue


def _is_named(schedule: Schedule, written: str) -> bool:
    named = " ".join(written.split()).casefold()
    return named in {schedule.id, schedule.name.casefold()}

"""The runs of schedules: whether one may begin, submitting it, and noting what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from codybatch.domain.errors import (
    CodeHostThrottled,
    CodyBatchError,
    EngineError,
    ModelThrottled,
    StaleWrite,
    UnknownSchedule,
)
from codybatch.domain.identifiers import Person
from codybatch.domain.requests import Origin, OriginKind, Request
from codybatch.domain.schedules import (
    ON_TIME,
    MissedRuns,
    Overlap,
    RunOutcome,
    Schedule,
    ScheduledRun,
)
from codybatch.ports import Clock, Records
from codybatch.services.proposed import NothingToSubmit
from codybatch.services.requests import Requests
from codybatch.services.submission_form import SubmissionForm

log = logging.getLogger(__name__)

SOONEST_AGAIN = timedelta(minutes=1)
LATEST_AGAIN = timedelta(hours=1)
UNTIL_CANCELLED = timedelta(seconds=10)
"""How long to wait before looking whether a cancelled request has ended."""
NOBODY_LOOKED = (
    "Nothing looked at the schedules in time: they run while codybatch up or "
    "codybatch api does, or codybatch schedules tick --watch."
)


class TryLater(Exception):
    """The run cannot be decided on yet."""

    def __init__(self, reason: str, again_at: datetime) -> None:
        """Keep a sentence for people, and when to try again."""
        super().__init__(reason)
        self.reason = reason
        self.again_at = again_at


@dataclass(frozen=True)
class Ticked:
    """What a tick did about one schedule."""

    schedule: Schedule
    run: ScheduledRun | None
    """None where it is to be tried again later; the schedule says why and when."""


@dataclass(frozen=True)
class ScheduledRuns:
    """Starts what is due."""

    records: Records
    requests: Requests
    clock: Clock
    clean: Callable[[str], str]
    """Takes secrets out of the reasons that are kept."""

    def tick(self) -> tuple[Ticked, ...]:
        """Look at every schedule whose time has come; what goes wrong with one stops no other.

        Raises:
            StoreError: the schedules cannot be read.
        """
        done = []
        for schedule in self.records.due_schedules(self.clock.now()):
            try:
                done += self._look(schedule)
            except CodyBatchError:
                log.exception("the schedule %s could not be looked at", schedule.id)
        return tuple(done)

    def hindrance(self, schedule: Schedule) -> str:
        """Why a new run may not begin beside the last one; empty where it may. A request that is to
        be replaced is cancelled first.
        """
        last = schedule.last_started
        if last is None or last.request is None or schedule.overlap is Overlap.ALLOW:
            return ""
        request = self.records.request(last.request)
        if _has_ended(request):
            return ""
        if schedule.overlap is Overlap.SKIP:
            return f"The request {request.id} of the run before has not ended."
        self.requests.cancel(request.id, schedule.created_by)
        if _has_ended(self.records.request(request.id)):
            return ""
        return f"The request {request.id} of the run before is being cancelled."

    def submit_by_hand(self, schedule: Schedule, by: Person) -> Request:
        """Submit a schedule's request beside its calendar, and note it.

        Raises:
            UsageError, PolicyError, CodeHostError, ModelError, NothingToSubmit: as
                ``Requests.submit``.
        """
        now = self.clock.now()
        form = form_of(schedule, now, by)
        try:
            request = self.requests.submit(form).request
        except EngineError:
            stored = self._submitted(form)
            if stored is not None:
                self._note(schedule, self._started(stored, now, by))
            raise
        self._note(schedule, self._started(request, now, by))
        return request

    def _look(self, schedule: Schedule) -> list[Ticked]:
        """Decide on what is due of one schedule: nothing, one run, or a missed one and another."""
        due = schedule.due_at
        if due is None:
            return []
        stored = self._submitted(form_of(schedule, due, schedule.created_by))
        if stored is not None:  # a tick died before it could note this
            self._hand_over(stored)
            return self._noted(schedule, self._started(stored, due))
        latest = schedule.rule.latest(due, self.clock.now())
        if latest is not None and latest > due:
            reason = schedule.trouble or NOBODY_LOOKED
            passed = self._noted(schedule, self._run(due, RunOutcome.MISSED, reason), then=latest)
            return [*passed, *(more for one in passed for more in self._look(one.schedule))]
        try:
            return self._noted(schedule, self._decided(schedule, due))
        except TryLater as later:
            return self._put_off(schedule, later)

    def _decided(self, schedule: Schedule, due: datetime) -> ScheduledRun:
        """What becomes of the run that is due.

        Raises:
            TryLater: that is not known yet.
        """
        is_late = self.clock.now() - due > ON_TIME and schedule.missed is MissedRuns.SKIP
        if is_late and schedule.trouble:
            return self._run(due, RunOutcome.REFUSED, schedule.trouble)
        if is_late:
            return self._run(due, RunOutcome.MISSED, NOBODY_LOOKED)
        try:
            hindrance = self.hindrance(schedule)
        except CodyBatchError as error:
            raise TryLater(self._why(error), self._again_at(due, error)) from error
        if hindrance and schedule.overlap is Overlap.REPLACE:
            raise TryLater(hindrance, self.clock.now() + UNTIL_CANCELLED)
        if hindrance:
            return self._run(due, RunOutcome.SKIPPED, hindrance)
        return self._submit(schedule, due)

    def _submit(self, schedule: Schedule, due: datetime) -> ScheduledRun:
        form = form_of(schedule, due, schedule.created_by)
        try:
            return self._started(self.requests.submit(form).request, due)
        except NothingToSubmit as nothing:
            return self._run(due, RunOutcome.SKIPPED, nothing.message)
        except CodyBatchError as error:
            stored = self._submitted(form)
            if stored is not None:  # it is kept, and the engine takes it later; or by another tick
                return self._started(stored, due)
            if error.exit_status == 1:  # a service could not be asked: neither wrong nor refused
                raise TryLater(self._why(error), self._again_at(due, error)) from error
            return self._run(due, RunOutcome.REFUSED, self._why(error))
        except Exception as error:  # one schedule's fault must not keep the others from running
            log.exception("the schedule %s could not be submitted", schedule.id)
            reason = f"Something went wrong inside Cody Batch ({type(error).__name__}: {error})."
            return self._run(due, RunOutcome.REFUSED, reason)

    def _why(self, error: CodyBatchError) -> str:
        """What is noted of an error, for everybody who may look at schedules."""
        if error.quoted:
            log.warning("a due request could not be submitted: %s", error)
        return self.clean(error.discreet)

    def _again_at(self, due: datetime, error: CodyBatchError) -> datetime:
        """The longer it has been due, the longer until it is tried again."""
        now = self.clock.now()
        again = now + min(max((now - due) / 2, SOONEST_AGAIN), LATEST_AGAIN)
        if isinstance(error, CodeHostThrottled | ModelThrottled):
            return max(again, error.until)
        return again

    def _submitted(self, form: SubmissionForm) -> Request | None:
        return self.records.submitted(form.requester, form.idempotency_key or "")

    def _hand_over(self, request: Request) -> None:
        try:
            self.requests.intake.hand_over(request.id)
        except EngineError:
            log.exception("the jobs of %s stay queued", request.id)

    def _started(self, request: Request, due: datetime, by: Person | None = None) -> ScheduledRun:
        run = self._run(due, RunOutcome.STARTED)
        return run.with_(request=request.id, by=by)

    def _run(self, due: datetime, outcome: RunOutcome, reason: str = "") -> ScheduledRun:
        now = self.clock.now()
        return ScheduledRun(due_at=due, noted_at=now, outcome=outcome, reason=self.clean(reason))

    def _noted(
        self, schedule: Schedule, run: ScheduledRun, then: datetime | None = None
    ) -> list[Ticked]:
        stored = self._note(schedule, run, then)
        return [Ticked(stored, run)] if stored else []

    def _note(
        self, schedule: Schedule, run: ScheduledRun, then: datetime | None = None
    ) -> Schedule | None:
        """Keep what became of a run; None where another tick has kept it, or the schedule is gone.

        Args:
            schedule: as it was read.
            run: what became of it.
            then: the moment to look at next, in place of the one after now.
        """
        while True:
            noted = schedule.with_run(run)
            if then is not None and schedule.due_at == run.due_at and not schedule.paused:
                noted = noted.with_(due_at=then)
            try:
                return self.records.put_schedule(noted)
            except StaleWrite:
                try:
                    schedule = self.records.schedule(schedule.id)
                except UnknownSchedule:
                    return None
                known = None if run.by else schedule.run_of(run.due_at)
                if known and (known.request or run.request is None):
                    return None

    def _put_off(self, schedule: Schedule, later: TryLater) -> list[Ticked]:
        kept = schedule.with_(try_again_at=later.again_at, trouble=later.reason)
        try:
            return [Ticked(self.records.put_schedule(kept), None)]
        except StaleWrite:  # somebody changed it: the next tick looks at it as it is now
            return []


def form_of(schedule: Schedule, due: datetime, requester: Person) -> SubmissionForm:
    """The request of one run; the same for the same schedule and due moment."""
    template = schedule.template
    return SubmissionForm(
        prompt=template.prompt,
        variables=template.variables,
        repositories=template.repositories,
        options=template.options,
        request_cost_cap_usd=template.request_cost_cap_usd,
        requester=requester,
        title=template.title,
        idempotency_key=f"schedule:{schedule.id}:{due:%Y-%m-%dT%H:%M:%S.%fZ}",
        origin=Origin(kind=OriginKind.SCHEDULE, schedule=schedule.id, due_at=due),
    )


def _has_ended(request: Request) -> bool:
    return request.counts.ended == request.counts.total

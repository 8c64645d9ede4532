"""The progress of experiments: what has ended is counted, what is next is planned and submitted.

A plan is noted on the experiment, with what is set aside for it, before anything is submitted: of
ticks at once one plans, and a tick that dies leaves the next one what it had planned. So no cell is
paid for twice, and what was spent and set aside together never passes the budget.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from codybatch.domain.errors import (
    BudgetRefused,
    CodeHostThrottled,
    CodyBatchError,
    ModelThrottled,
    StaleWrite,
    StoreError,
    UnknownExperiment,
)
from codybatch.domain.experiments import (
    Experiment,
    ExperimentState,
    PlannedRequest,
    UnavailableRepository,
)
from codybatch.domain.identifiers import RequestId
from codybatch.domain.requests import Request
from codybatch.domain.states import WaitingReason
from codybatch.ports import Clock, Records
from codybatch.services.allotments import Allotments
from codybatch.services.cell_requests import CellRequests
from codybatch.services.estimates import Estimates
from codybatch.services.experiment_cells import ExperimentCells
from codybatch.services.experiment_plans import Plan
from codybatch.services.identities import new_request_id
from codybatch.services.requests import Requests

log = logging.getLogger(__name__)

SERVICE_AGAIN = timedelta(minutes=2)
"""After a service could not be asked."""
REFUSED_AGAIN = timedelta(minutes=15)
"""After something was refused that a person has to mend."""
OTHERS_AGAIN = timedelta(seconds=30)
"""Where all that is missing is made for another experiment: every cell is read to see how far."""
MOST_AT_A_TICK = 1000

Stored = Mapping[RequestId, Request | None]
"""The requests of an experiment that were under way, as they were read; None: not submitted."""


@dataclass(frozen=True)
class Advanced:
    """What a tick did about one experiment."""

    before: Experiment
    after: Experiment

    @property
    def submitted(self) -> int:
        """How many requests it planned and submitted."""
        known = {one.request for one in self.before.under_way}
        return sum(one.request not in known for one in self.after.under_way)


@dataclass
class _Noted:
    """What came up while requests were submitted, to be noted on the experiment."""

    unavailable: list[UnavailableRepository] = field(default_factory=list)
    dropped: list[PlannedRequest] = field(default_factory=list)
    """Planned, and nothing of them can be submitted."""
    trouble: Exception | None = None


@dataclass(frozen=True)
class ExperimentRuns:
    """Moves experiments on."""

    records: Records
    cells: ExperimentCells
    requests: Requests
    submissions: CellRequests
    estimates: Estimates
    clock: Clock
    clean: Callable[[str], str]
    """Takes secrets out of the reasons that are kept."""

    def tick(self) -> tuple[Advanced, ...]:
        """Look at every active experiment; what goes wrong with one stops no other. Gives back
        those about which something changed.

        Raises:
            StoreError: the experiments cannot be read.
        """
        done = []
        for before in self.records.active_experiments(MOST_AT_A_TICK):
            try:
                after = self.advance(before)
            except CodyBatchError:
                log.exception("the experiment %s could not be looked at", before.id)
                continue
            if after.version != before.version:
                done.append(Advanced(before, after))
        return tuple(done)

    def advance(self, experiment: Experiment) -> Experiment:
        """Count what has ended, plan what is next and submit it; gives back the experiment as it is
        then. What a service or a rule refuses makes it wait, with the reason.

        Args:
            experiment: as it was read.

        Raises:
            StoreError: the records cannot be read or written.
        """
        again = experiment.try_again_at
        if not experiment.is_active or (again is not None and again > self.clock.now()):
            return experiment
        try:
            requests = {one.request: self.submissions.stored(one) for one in experiment.under_way}
            planned = self._planned(experiment, requests)
            if planned != experiment:
                planned = self.records.put_experiment(planned)
        except StaleWrite:
            # Another tick plans, or a person changed it: the next tick looks at that.
            return self._as_stored(experiment)
        except StoreError:
            raise
        except CodyBatchError as error:
            return self._note(experiment, _Noted(trouble=error))
        except Exception as error:  # one experiment's fault must not keep the others from it
            log.exception("the experiment %s could not be planned", experiment.id)
            return self._note(experiment, _Noted(trouble=error))
        return self._submit(planned, requests)

    # what has ended, and what is next

    def _planned(self, experiment: Experiment, requests: Stored) -> Experiment:
        """The experiment with what has ended counted, and its next requests planned."""
        counted = _counted(experiment, [one for one in requests.values() if one is not None])
        counted = self._holding(counted, requests)
        if counted.state is ExperimentState.WAITING:  # for its budget, and nothing has ended
            return counted
        allotments, policy = self.allotments(counted), self.submissions.intake.policy
        plan = Plan(counted, allotments, self._new_id, policy.request_cap_usd)
        stuck = [one for one in counted.under_way if self._waits_for_cap(one, requests)]
        raised = plan.raise_caps(stuck)
        if raised.all_planned or len(raised.under_way) >= raised.requests_at_once:
            return raised
        filled = plan.fill(self.cells.of(raised), self.size(allotments))
        if filled.is_active and not filled.under_way and not filled.all_planned:
            return filled.with_(try_again_at=self.clock.now() + OTHERS_AGAIN)
        return filled

    def _holding(self, one: Experiment, requests: Stored) -> Experiment:
        """With as much of its budget set aside as its requests may cost."""
        if one.budget_usd is None:
            return one
        allotments, most = self.allotments(one), self.submissions.intake.policy.request_cap_usd
        held = (allotments.held_for(each, requests[each.request], most) for each in one.under_way)
        return one.with_(under_way=tuple(held))

    def within_budget(self, one: Experiment) -> Experiment:
        """An experiment that gets a budget, with what its requests that had begun without one are
        expected to cost set aside; ``cap_requests`` then gives them these caps.
        """
        allotments, most = self.allotments(one), self.submissions.intake.policy.request_cap_usd
        held = (
            allotments.held_for(each, _without_cap(self.submissions.stored(each)), most)
            if each.cap_usd is None
            else each
            for each in one.under_way
        )
        return one.with_(under_way=tuple(held))

    def cap_requests(self, one: Experiment, chosen: Collection[RequestId]) -> None:
        """Give requests the caps that are set aside for them.

        Args:
            one: their experiment.
            chosen: which of them.
        """
        for planned in one.under_way:
            if planned.request in chosen and self.submissions.stored(planned) is not None:
                self._cap(planned)

    def _cap(self, planned: PlannedRequest) -> bool:
        try:
            self.requests.raise_budget(planned.request, planned.cap_usd)
        except (StaleWrite, BudgetRefused):  # it moved on meanwhile: the next tick looks at that
            return False
        return True

    def size(self, allotments: Allotments) -> int:
        """How many repositories a request of an experiment has at most."""
        policy = self.submissions.intake.policy
        return allotments.size(policy.max_repositories, policy.request_cap_usd)

    def allotments(self, experiment: Experiment) -> Allotments:
        """What is set aside for its cells."""
        return Allotments(experiment, self.records, self.estimates)

    def _new_id(self) -> RequestId:
        return new_request_id(self.clock.now())

    def _waits_for_cap(self, planned: PlannedRequest, requests: Stored) -> bool:
        request = requests[planned.request]
        if request is None or planned.cap_usd is None or not request.counts.waiting:
            return False
        cap = request.budget.cap_usd
        if cap is not None and cap < planned.cap_usd:  # more is set aside already
            return False
        return any(
            job.waiting is not None and job.waiting.reason is WaitingReason.REQUEST_BUDGET
            for job in self.requests.jobs_of(request.id)
        )

    # submitting

    def _submit(self, experiment: Experiment, requests: Stored) -> Experiment:
        """Submit what is planned and not submitted yet, and look after the rest."""
        noted = _Noted()
        allotments = self.allotments(experiment)
        for planned in experiment.under_way:
            try:
                request = requests.get(planned.request)
                if request is not None:
                    self._look_after(planned, request)
                else:
                    self._submit_one(experiment, planned, allotments, noted)
            except StoreError:
                raise
            except CodyBatchError as error:
                noted.trouble = error
                break
            except Exception as error:  # one experiment's fault must not keep the others from it
                log.exception("the experiment %s could not go on", experiment.id)
                noted.trouble = error
                break
        return self._note(experiment, noted) if noted != _Noted() else experiment

    def _submit_one(
        self,
        experiment: Experiment,
        planned: PlannedRequest,
        allotments: Allotments,
        noted: _Noted,
    ) -> None:
        if self._is_stopped(experiment):
            return
        estimate = allotments.estimate_of(planned)
        noted.unavailable += self.submissions.submit(experiment, planned, estimate)
        if self.submissions.stored(planned) is None:
            noted.dropped.append(planned)
            return
        by = self._as_stored(experiment).cancelled_by
        if by is not None:  # a person cancelled it meanwhile, and did not see this request
            self.requests.cancel(planned.request, by)

    def _look_after(self, planned: PlannedRequest, request: Request) -> None:
        """Hand over what a tick that died did not, and raise a cap for which more is set aside."""
        cap = request.budget.cap_usd
        held = planned.cap_usd
        if held is not None and (cap is None or cap < held) and not self._cap(planned):
            return
        if request.counts.queued:
            self.submissions.hand_over(request)

    # noting

    def _note(self, experiment: Experiment, noted: _Noted) -> Experiment:
        """Keep what came up, whatever else was changed meanwhile."""
        while True:
            try:
                return self.records.put_experiment(self._with(experiment, noted))
            except StaleWrite:
                try:
                    experiment = self.records.experiment(experiment.id)
                except UnknownExperiment:
                    return experiment

    def _with(self, experiment: Experiment, noted: _Noted) -> Experiment:
        gone = {one.request for one in noted.dropped}
        kept = tuple(one for one in experiment.under_way if one.request not in gone)
        known = {one.repository_id: one for one in experiment.unavailable}
        known |= {one.repository_id: one for one in noted.unavailable}
        changed = experiment.with_(under_way=kept, unavailable=tuple(known.values()))
        if len(kept) < len(experiment.under_way):
            changed = changed.with_(all_planned=False)
        if noted.trouble is None or not experiment.is_active:
            return changed
        return changed.with_(
            state=ExperimentState.WAITING,
            trouble=self._why(noted.trouble),
            try_again_at=self._again_at(noted.trouble),
        )

    def _why(self, error: Exception) -> str:
        if not isinstance(error, CodyBatchError):
            return f"Something went wrong inside Cody Batch ({type(error).__name__}: {error})."
        if error.quoted:
            log.warning("an experiment could not go on: %s", error)
        return self.clean(error.discreet)

    def _again_at(self, error: Exception) -> datetime:
        is_refused = isinstance(error, CodyBatchError) and error.exit_status != 1
        again = self.clock.now() + (REFUSED_AGAIN if is_refused else SERVICE_AGAIN)
        if isinstance(error, CodeHostThrottled | ModelThrottled):
            return max(again, error.until)
        return again

    def _is_stopped(self, experiment: Experiment) -> bool:
        """Whether a person paused or removed it just now."""
        try:
            return not self.records.experiment(experiment.id).is_active
        except UnknownExperiment:
            return True

    def _as_stored(self, experiment: Experiment) -> Experiment:
        try:
            return self.records.experiment(experiment.id)
        except UnknownExperiment:
            return experiment


def _without_cap(request: Request | None) -> Request | None:
    return request and request.with_(budget=request.budget.with_(cap_usd=None))


def _counted(experiment: Experiment, requests: Sequence[Request]) -> Experiment:
    """The same, going on where its time has come, with what its requests cost that have ended."""
    ended = {one.id: one for one in requests if one.counts.ended == one.counts.total}
    is_short = experiment.state is ExperimentState.WAITING and experiment.try_again_at is None
    if is_short and not ended:
        return experiment
    going_on = experiment.with_(state=ExperimentState.RUNNING, trouble="", try_again_at=None)
    if not ended:
        return going_on
    spent = sum((one.budget.spent_usd for one in ended.values()), start=experiment.spent_usd)
    left = tuple(one for one in experiment.under_way if one.request not in ended)
    return going_on.with_(under_way=left, spent_usd=spent, all_planned=False)

"""Submitting cells: a planned request of an experiment, on the commits that the experiment pinned.

What stands in one repository's way keeps no other from being worked on: it is given back, for the
experiment to note.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from codybatch.domain.errors import (
    CodyBatchError,
    EngineError,
    IdempotencyConflict,
    NoAllowList,
    NotFound,
    RepositoryNotAllowed,
)
from codybatch.domain.estimates import Estimate
from codybatch.domain.experiments import (
    Arm,
    Experiment,
    ExperimentRepository,
    PlannedRequest,
    UnavailableRepository,
)
from codybatch.domain.money import Budget
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.requests import ExperimentCell, JobCounts, Origin, OriginKind, Request
from codybatch.ports import Clock, PageRequest, Partition, PartitionKind, Records, Unusable
from codybatch.services.intake import Intake, needs_submission, new_job

log = logging.getLogger(__name__)


class _Usable(NamedTuple):
    pinned: ExperimentRepository
    facts: RepositoryFacts


@dataclass(frozen=True)
class CellRequests:
    """Submits planned requests."""

    records: Records
    intake: Intake
    clock: Clock
    clean: Callable[[str], str]
    """Takes secrets out of the reasons that are kept."""

    def stored(self, planned: PlannedRequest) -> Request | None:
        """The request, once it was submitted."""
        try:
            return self.records.request(planned.request)
        except NotFound:
            return None

    def cap_of(self, planned: PlannedRequest) -> Decimal | None:
        """What a planned request may cost (US dollars): what is set aside for it, or where the
        experiment has no budget what any request may; None for no cap.
        """
        return self.intake.policy.request_cap_usd if planned.cap_usd is None else planned.cap_usd

    def submit(
        self, experiment: Experiment, planned: PlannedRequest, estimate: Estimate | None
    ) -> tuple[UnavailableRepository, ...]:
        """Submit a planned request, and say which of its repositories it has to leave out; where
        that is all of them, nothing is stored. Of calls at once, and after a death at any point,
        one request comes.

        Args:
            experiment: that planned it.
            planned: what to submit.
            estimate: what its jobs are expected to cost.

        Raises:
            UsageError, PolicyError: the prompt, the model or its price stand in the way.
            CodeHostError, ModelError: a service could not be asked.
        """
        arm = experiment.arm_of(planned)
        if self.records.submitted(experiment.created_by, _key(experiment, planned)) is not None:
            return ()
        self.intake.check_model(arm.options, self.cap_of(planned))
        wanted = [
            one for one in experiment.repositories if one.repository_id in planned.repositories
        ]
        usable, unavailable = self._looked_up(wanted)
        if usable:
            request = self._request(experiment, planned, arm, usable, estimate)
            self._take(request, usable, _key(experiment, planned))
        return tuple(unavailable)

    def hand_over(self, request: Request) -> None:
        """Hand jobs over that whoever submitted them did not come to hand over."""
        partition = Partition(PartitionKind.REQUEST, request.id)
        jobs = self.records.list_jobs(partition, PageRequest(limit=1000)).items
        if not any(map(needs_submission, jobs)):
            return
        try:
            self.intake.hand_over(request.id)
        except EngineError:
            log.exception("the jobs of %s stay queued", request.id)

    def _looked_up(
        self, wanted: Sequence[ExperimentRepository]
    ) -> tuple[list[_Usable], list[UnavailableRepository]]:
        if not self.intake.policy.allowed.patterns:
            raise NoAllowList
        allowed = [one for one in wanted if not self._forbidden(one)]
        unavailable = [self._noted(one, why) for one in wanted if (why := self._forbidden(one))]
        names = [one.repository.with_(ref=None) for one in allowed]
        usable = []
        answers = self.intake.code_host().look_up(names) if names else ()
        for one, answer in zip(allowed, answers, strict=True):
            reason = self._why_not(one, answer)
            if reason:
                unavailable.append(self._noted(one, reason))
            elif isinstance(answer, RepositoryFacts):
                usable.append(_Usable(one, answer))
        return usable, unavailable

    def _forbidden(self, one: ExperimentRepository) -> str:
        try:
            self.intake.policy.allowed.check(one.repository)
        except RepositoryNotAllowed as error:
            return error.message
        return ""

    def _why_not(self, one: ExperimentRepository, answer: RepositoryFacts | Unusable) -> str:
        """Why a repository cannot be worked on; empty where it can."""
        if isinstance(answer, Unusable):
            error = answer.error
            return error.discreet if isinstance(error, CodyBatchError) else str(error)
        if answer.id != one.repository_id:
            return (
                f"{one.repository.full_name} is another repository than the one that was pinned: "
                "that was deleted, or renamed and its name taken."
            )
        try:
            self.intake.policy.allowed.check(answer.repository)
        except RepositoryNotAllowed as error:  # a renamed one answers under its new name
            return f"{one.repository.full_name} was renamed. {error.message}"
        return ""

    def _noted(self, one: ExperimentRepository, reason: str) -> UnavailableRepository:
        return UnavailableRepository(
            repository_id=one.repository_id, reason=self.clean(reason), noted_at=self.clock.now()
        )

    def _request(
        self,
        experiment: Experiment,
        planned: PlannedRequest,
        arm: Arm,
        usable: Sequence[_Usable],
        estimate: Estimate | None,
    ) -> Request:
        prompt = self.records.prompt(arm.prompt.name, arm.prompt.version)
        cell = experiment.cell(arm, planned.repetition, planned.attempt)
        return Request(
            id=planned.request,
            title=_title(experiment, arm, cell),
            prompt=prompt.ref,
            kind=prompt.kind,
            prompt_text=prompt.render(arm.variables),
            variables=arm.variables,
            repositories=tuple(_shown(one).repository for one in usable),
            options=arm.options,
            budget=Budget(cap_usd=self.cap_of(planned)),
            estimate=estimate,
            requester=experiment.created_by,
            created_at=self.clock.now(),
            origin=Origin(kind=OriginKind.EXPERIMENT, cell=cell),
            counts=JobCounts(queued=len(usable)),
        )

    def _take(self, request: Request, usable: Sequence[_Usable], key: str) -> None:
        jobs = [
            new_job(request, index, _shown(one), commit=one.pinned.commit)
            for index, one in enumerate(usable, start=1)
        ]
        try:
            self.intake.take(request, jobs, key)
        except EngineError as error:  # it is kept, and the engine takes it later
            log.warning("the jobs of %s stay queued: %s", request.id, error)
        except IdempotencyConflict:  # another tick found other repositories usable, just now
            log.info("the cells of %s are submitted already", request.id)


def _key(experiment: Experiment, planned: PlannedRequest) -> str:
    """The same for the same cells, whoever plans them."""
    cells = [planned.arm, planned.repetition, planned.attempt, sorted(planned.repositories)]
    digest = sha256(json.dumps(cells).encode()).hexdigest()
    return f"experiment:{experiment.id}:{digest[:32]}"


def _shown(one: _Usable) -> RepositoryFacts:
    """A repository under its name of today, with the ref that a person named."""
    named = one.facts.repository.with_(ref=one.pinned.repository.ref)
    return one.facts.with_(repository=named)


def _title(experiment: Experiment, arm: Arm, cell: ExperimentCell) -> str:
    parts = [experiment.name, arm.name]
    if experiment.repetitions > 1:
        parts.append(f"repetition {cell.repetition}")
    if cell.attempt > 1:
        parts.append(f"attempt {cell.attempt}")
    return " · ".join(parts)

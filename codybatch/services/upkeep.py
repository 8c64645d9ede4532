"""What somebody must do now and then although no person asks: the tick, and news of the engine.

Where a process lives on, it does these itself: the dispatcher its part of the tick, the workbench
the schedules and experiments. Where none does, as with AWS Batch, they are called from outside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codybatch.domain.errors import CodyBatchError, NotFound
from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.ports import Engine, Records

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ticked:
    """What a tick did."""

    schedules: int
    """Schedules whose time had come."""
    experiments: int
    """Experiments that went on."""
    jobs: int
    """Jobs that were put back, handed over or ended."""


@dataclass(frozen=True)
class Upkeep:
    """Keeps jobs, schedules and experiments going."""

    records: Records
    engine: Engine
    look_at_schedules: Callable[[], Sequence[object]]
    look_at_experiments: Callable[[], Sequence[object]]

    def tick(self) -> Ticked:
        """Submit what is due and what experiments want next, put waiting jobs back, and bring
        engine and records together. What goes wrong with one does not keep the others from being
        done. Old events are left to the store, which drops them by itself where a tick comes from
        outside.

        Raises:
            CodyBatchError: the first thing that went wrong, once everything was tried.
        """
        troubles: list[CodyBatchError] = []

        def done(part: Callable[[], int]) -> int:
            try:
                return part()
            except CodyBatchError as error:
                log.exception("a part of the tick failed")
                troubles.append(error)
                return 0

        ticked = Ticked(
            schedules=done(lambda: len(self.look_at_schedules())),
            experiments=done(lambda: len(self.look_at_experiments())),
            jobs=done(self.engine.reconcile),
        )
        if troubles:
            raise troubles[0]
        return ticked

    def look_at(self, submission: SubmissionId, index: int, *, has_ended: bool) -> int:
        """Look at a job of which the engine has news; says how many jobs were touched.

        News that fits what the records say asks for nothing, so that the engine is not asked in
        turn about each of ten thousand jobs that end as they should.

        Args:
            submission: as the engine names it; anything else is taken no notice of.
            index: the job's place in it, from 0.
            has_ended: whether the engine is done with it.

        Raises:
            EngineError: the engine cannot be asked, or takes no jobs.
        """
        job = self._named(submission, index)
        if job is None or job.state is JobState.WAITING or job.state.is_terminal is has_ended:
            return 0
        return self.engine.reconcile([job])

    def _named(self, submission: SubmissionId, index: int) -> Job | None:
        try:
            jobs = self.records.submission(submission).jobs
            return self.records.job(jobs[index]) if 0 <= index < len(jobs) else None
        except NotFound:
            log.info("the engine has news of %s, which is not known here", submission)
            return None

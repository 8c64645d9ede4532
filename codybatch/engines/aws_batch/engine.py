"""The AWS Batch engine's port: submissions, stopping, and what Batch says of a job."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ulid import ULID

from codybatch.domain.errors import EngineError
from codybatch.domain.identifiers import SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch.connection import Connection
from codybatch.engines.aws_batch.container import ENGINE_NAME
from codybatch.engines.aws_batch.manifests import Manifests
from codybatch.engines.aws_batch.rules import LARGEST_ARRAY, BatchPlace, order, timeout_seconds
from codybatch.engines.aws_batch.strays import Strays
from codybatch.engines.aws_batch.sweep import Sweep
from codybatch.ports import Clock, EngineState, EngineView, Records, WaitingJobs

log = logging.getLogger(__name__)


class BatchEngine:
    """Runs jobs as containers of AWS Batch."""

    name = ENGINE_NAME

    def __init__(
        self, records: Records, waiting: WaitingJobs, clock: Clock, place: BatchPlace
    ) -> None:
        """Submit to ``place``; AWS is not asked before the first use."""
        self._records = records
        self._waiting = waiting
        self._clock = clock
        self._place = place
        self._batch = Connection(place, clock)

    def submit(self, jobs: Sequence[Job]) -> Submission:
        """Hand jobs over in one call: as an array, or a single one as it is.

        Raises:
            EngineError: they could not be handed over; they stay queued, and ``reconcile`` tries
                again.
        """
        if not 1 <= len(jobs) <= LARGEST_ARRAY:
            raise EngineError(
                f"A submission to AWS Batch has 1 to {LARGEST_ARRAY:,} jobs, not {len(jobs):,}. "
                "Split the request."
            )
        timeout = max(self.timeout_of(job) for job in {job.request: job for job in jobs}.values())
        return self.hand_over(jobs, timeout, min(job.attempts for job in jobs))

    def hand_over(
        self, jobs: Sequence[Job], timeout: int, attempts: int, generation: int = 1
    ) -> Submission:
        """Hand over jobs, and note that on them first: whoever dies in between leaves a name by
        which the next one finds what was submitted.

        Args:
            jobs: at most LARGEST_ARRAY.
            timeout: of an attempt, in seconds.
            attempts: how often each of them was claimed so far.
            generation: how often they have been handed over since.

        Raises:
            EngineError: they could not be handed over.
        """
        now = self._clock.now()
        submission = Submission(
            id=SubmissionId(str(ULID.from_datetime(now)).lower()),
            engine=ENGINE_NAME,
            jobs=tuple(job.id for job in jobs),
            created_at=now,
            generation=generation,
            attempts=attempts,
        )
        self._records.add_submission(submission)
        engine_id = self._batch.submit(order(submission, self._place, timeout))
        submission = submission.with_(engine_id=engine_id)
        self._records.add_submission(submission, is_noted=True)
        return submission

    def timeout_of(self, job: Job) -> int:
        """How long an attempt at a job may take, in seconds."""
        return timeout_seconds(self._records.request(job.request).options.max_minutes)

    def cancel(self, job: Job) -> None:
        """Stop what AWS Batch still does for a job that was cancelled before a worker had it; the
        worker of a running one learns of it with its next heartbeat. What cannot be stopped now
        stops by itself: a worker that finds its job ended leaves, and the sweep ends the rest.
        """
        try:
            if job.state.is_terminal:
                self._strays().stop(job, "The job was cancelled.")
            elif job.state is JobState.RUNNING:
                self.reconcile([job])
        except EngineError:
            log.warning("%s could not be stopped in AWS Batch", job.id, exc_info=True)

    def describe(self, jobs: Sequence[Job]) -> tuple[EngineView, ...]:
        """What AWS Batch says of the jobs; those that are not its own yet, or wait, are pending.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        manifests = Manifests(self._records)
        ids = {job.id: manifests.batch_id(job) for job in jobs if _is_at_work(job)}
        told = self._batch.describe([found for found in ids.values() if found])
        views = []
        for job in jobs:
            said = told.get(ids.get(job.id) or "")
            if job.state.is_terminal:
                views.append(EngineView(job.id, EngineState.ENDED))
            elif not ids.get(job.id):
                views.append(EngineView(job.id, EngineState.PENDING))
            elif said is None:
                views.append(EngineView(job.id, EngineState.UNKNOWN))
            else:
                log_address = self._batch.log_address(said)
                views.append(EngineView(job.id, said.state, said.reason, log_address))
        return tuple(views)

    def reconcile(self, jobs: Sequence[Job] | None = None) -> int:
        """Bring what AWS Batch says and what the records say together.

        Jobs that Batch has lost, ended or forgotten while the records say that they are not done
        are handed over again, ever more slowly where no worker begins, and given up in the end;
        jobs that have ended in the records are ended in Batch. Events of Batch lead here too, and
        only say where to look: twice, out of order or never, it comes to the same.

        Raises:
            EngineError: AWS Batch cannot be asked, or takes no jobs.
        """
        sweep = Sweep(self._records, self._batch, self._clock, self)
        if jobs is not None:
            current = [self._records.job(job.id) for job in jobs]
            for job in current:
                if job.state.is_terminal:
                    self._strays().stop_if_late(job)
            return sweep.bring_on([*filter(_is_at_work, current)], is_asked_for=True)
        touched = self._waiting.put_back()
        at_work = tuple(sweep.at_work())
        touched += sweep.bring_on(at_work)
        touched += self._strays().sweep({job.id for job in at_work})
        return touched

    def let_go(self) -> None:
        """Let go of the connections; nothing may be called after."""
        self._batch.close()

    def _strays(self) -> Strays:
        return Strays(self._records, self._batch, self._clock)


def _is_at_work(job: Job) -> bool:
    return job.state in {JobState.QUEUED, JobState.RUNNING}

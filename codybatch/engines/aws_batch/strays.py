"""Jobs that have ended in the records and are alive in AWS Batch: they cost, and do nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Set
from datetime import timedelta

from codybatch.domain.errors import NotFound
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.submissions import Submission, submission_named
from codybatch.engines.aws_batch.answers import ALIVE, BatchJob
from codybatch.engines.aws_batch.connection import Connection
from codybatch.engines.aws_batch.manifests import Manifests
from codybatch.ports import Clock, Records

log = logging.getLogger(__name__)

LEAVE_WITHIN = timedelta(minutes=2)
"""How long a worker may take to leave after it ended its job, and Batch to notice."""


class Strays:
    """Finds and ends them."""

    def __init__(self, records: Records, batch: Connection, clock: Clock) -> None:
        """Compare ``records`` with ``batch``."""
        self._records = records
        self._batch = batch
        self._clock = clock
        self._manifests = Manifests(records)

    def stop(self, job: Job, reason: str) -> bool:
        """End what AWS Batch does for a job; False where it does nothing.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        name = self._manifests.batch_id(job)
        said = self._batch.describe([name]).get(name) if name else None
        if said is None or said.has_ended:
            return False
        self._batch.stop(said, reason)
        return True

    def stop_if_late(self, job: Job) -> bool:
        """The same for an ended job whose worker had the time to leave by itself."""
        return self._is_late(job) and self.stop(job, "The job has ended.")

    def sweep(self, at_work: Set[JobId]) -> int:
        """End every stray of the queue; says how many.

        Args:
            at_work: jobs that are known to be queued or running.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        stopped = 0
        for said, name in self._alive(at_work):
            try:
                job = self._records.job(name)
            except NotFound:
                continue
            if job.state.is_terminal and self._is_late(job):
                log.info("%s has ended: its job %s in AWS Batch is ended, too", name, said.id)
                self._batch.stop(said, "The job has ended.")
                stopped += 1
        return stopped

    def _is_late(self, job: Job) -> bool:
        return job.ended_at is not None and self._clock.now() - job.ended_at > LEAVE_WITHIN

    def _alive(self, at_work: Set[JobId]) -> Iterator[tuple[BatchJob, JobId]]:
        """What of ours is alive in Batch, but for jobs that are known to be at work."""
        for status in ALIVE:
            for said in self._batch.in_queue(status):
                found = submission_named(said.name)
                submission = self._manifests.named(found) if found else None
                if submission is not None and not at_work >= {*submission.jobs}:
                    yield from self._alive_of(said, submission, at_work)

    def _alive_of(
        self, said: BatchJob, submission: Submission, at_work: Set[JobId]
    ) -> Iterator[tuple[BatchJob, JobId]]:
        if said.size is None:
            yield said, submission.jobs[0]
            return
        for status in ALIVE:
            for child in self._batch.children(said.id, status):
                index = child.id.rpartition(":")[2]
                if index.isdecimal() and int(index) < len(submission.jobs):
                    job = submission.jobs[int(index)]
                    if job not in at_work:
                        yield child, job

"""Jobs that nobody works on although they are not done: found, and handed over again.

Everything is decided from what the records and AWS Batch say now. Whoever else looks at the same
moment comes to the same; should both hand a job over, the worker that claims it first works, and
the other leaves.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from codybatch.domain.events import EventKind, StoredEvent
from codybatch.domain.identifiers import RequestId, SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch.answers import BatchJob
from codybatch.engines.aws_batch.connection import SUBMITTING_SECONDS, Connection
from codybatch.engines.aws_batch.manifests import Manifests, workers_batch_id
from codybatch.engines.aws_batch.rules import LARGEST_ARRAY
from codybatch.engines.aws_batch.taking_back import TakingBack
from codybatch.ports import Clock, PageRequest, Partition, PartitionKind, Records

log = logging.getLogger(__name__)

PAGE = 1000
HANDING_OVER = timedelta(seconds=SUBMITTING_SECONDS + 10)
"""How long whoever hands jobs over may take until Batch's id is noted: all of its tries, and beside
them NOTING for each job."""
NOTING = timedelta(milliseconds=10)
APPEARING = timedelta(minutes=1)
"""How long Batch may not know a job that it has just taken."""
HEEDING = timedelta(minutes=1)
"""How long a worker may take to stop after a cancellation that it learns of by its heartbeat."""
MOST_GENERATIONS = 5
"""How many times in a row a job is handed over without a worker that begins; those that found no
room do not count, however long room is short."""
FIRST_PAUSE = timedelta(minutes=1)
"""Before the third time in a row; it doubles. The second comes at once."""


class HandsOver(Protocol):
    """What hands jobs over: the engine."""

    def timeout_of(self, job: Job) -> int:
        """How long an attempt at a job may take, in seconds."""
        ...

    def hand_over(
        self, jobs: Sequence[Job], timeout: int, attempts: int, generation: int = 1
    ) -> Submission:
        """Hand jobs over in one call."""
        ...


@dataclass(frozen=True)
class Lost:
    """A job that nobody will start."""

    job: Job
    generation: int
    """How many times in a row it will have been handed over without a worker that began."""
    reason: str = ""
    """What Batch said; empty where nothing went wrong."""
    address: str = ""
    """Of the log of what Batch had for it; empty where there is none."""
    found_no_room: bool = False
    """Whether nothing was wrong with it but that no host was to be had."""

    @property
    def group(self) -> tuple[int, int]:
        """Those of one group can be handed over together."""
        return self.generation, self.job.attempts


class Sweep:
    """One look at jobs that are queued or running."""

    def __init__(
        self, records: Records, batch: Connection, clock: Clock, engine: HandsOver
    ) -> None:
        """Compare ``records`` with ``batch``, and hand over through ``engine``."""
        self._records = records
        self._batch = batch
        self._clock = clock
        self._engine = engine
        self._manifests = Manifests(records)
        self._taking_back = TakingBack(records, clock)
        self._timeouts: dict[RequestId, int] = {}
        self._told: dict[str, BatchJob] = {}
        self._searched: dict[SubmissionId, bool] = {}

    def at_work(self) -> Iterator[Job]:
        """All queued and running jobs, oldest first."""
        for state in (JobState.QUEUED, JobState.RUNNING):
            page = PageRequest(limit=PAGE, oldest_first=True)
            while True:
                found = self._records.list_jobs(Partition(PartitionKind.STATE, state), page)
                yield from found.items
                if found.cursor is None:
                    break
                page = replace(page, cursor=found.cursor)

    def bring_on(self, jobs: Sequence[Job], *, is_asked_for: bool = False) -> int:
        """Hand over again whatever is lost of these jobs; says how many were touched.

        Args:
            jobs: as they were listed; an index may lag, so each is read again before it is changed.
            is_asked_for: whether somebody says that Batch has news of these; otherwise Batch is not
                asked for those whose worker was heard of a moment ago.

        Raises:
            EngineError: AWS Batch cannot be asked, or takes no jobs.
        """
        watched = [job for job in jobs if is_asked_for or self._is_unheard(job)]
        self._ask(watched)
        touched, lost = 0, []
        for job in watched:
            found = self._judge(job)
            if found is not None and self._is_still(job):
                touched += 1
                lost += self._take_back(found)
        self._hand_over(lost)
        return touched

    def _is_unheard(self, job: Job) -> bool:
        return job.state is JobState.QUEUED or (
            job.state is JobState.RUNNING and (job.cancel_requested or self._has_expired(job))
        )

    def _has_expired(self, job: Job) -> bool:
        return job.lease is None or job.lease.expires_at <= self._clock.now()

    # what Batch says

    def _ask(self, jobs: Iterable[Job]) -> None:
        """Ask for each job of Batch that stands for one of these: for arrays first as a whole, and
        for their children only where some have ended.
        """
        wanted = {name for job in jobs for name in self._names(job)}
        whole = self._batch.describe(sorted({name.partition(":")[0] for name in wanted}))
        children = []
        for name in sorted(wanted):
            array, _, index = name.partition(":")
            said = whole.get(array)
            if not index or said is None:
                continue
            if said.ended_children or said.has_ended:
                children.append(name)
            else:
                whole[name] = replace(said, id=name, status="PENDING", size=None)
        self._told = {**whole, **self._batch.describe(children)}

    def _names(self, job: Job) -> tuple[str, ...]:
        """What Batch has or had for a job: for its worker, and for its submission."""
        return tuple(filter(None, (workers_batch_id(job), self._manifests.batch_id(job))))

    # what that means

    def _judge(self, job: Job) -> Lost | None:
        if job.state is JobState.QUEUED:
            return Lost(job, 1) if job.cancel_requested else self._judge_queued(job)
        if job.state is JobState.RUNNING:
            return self._judge_running(job)
        return None

    def _judge_running(self, job: Job) -> Lost | None:
        """A running job is lost once Batch has ended its worker's job, or its lease has run out and
        Batch knows nothing that could be its worker.
        """
        told = [self._told.get(name) for name in self._names(job)]
        known = [said for said in told if said is not None]
        if any(not said.has_ended for said in known):
            self._end_deaf(job, known)
            return None
        if self._told.get(workers_batch_id(job)) is None and not self._has_expired(job):
            return None
        return self._lost(job, 1, known[0] if known else None)

    def _end_deaf(self, job: Job, known: Sequence[BatchJob]) -> None:
        """A worker that takes no notice of a cancellation is ended from outside."""
        if not job.cancel_requested or self._has_expired(job):
            return
        asked = [one.at for one in self._events(job) if one.kind is EventKind.CANCEL_REQUESTED]
        if asked and self._clock.now() - asked[-1] > HEEDING:
            for said in known:
                if said.has_begun:
                    self._batch.stop(said, "The job was cancelled, and its worker goes on.")

    def _events(self, job: Job) -> Iterator[StoredEvent]:
        after = 0
        while found := self._records.events(job.id, after):
            yield from found
            after = found[-1].sequence

    def _judge_queued(self, job: Job) -> Lost | None:
        submission = self._manifests.of(job)
        if submission is None:
            return Lost(job, 1)
        if submission.engine_id is None:
            is_found = self._is_found(submission)
            return None if is_found else Lost(job, submission.generation)
        said = self._told.get(self._manifests.batch_id(job))
        age = self._clock.now() - submission.created_at
        if (said and not said.has_ended) or (said is None and age < APPEARING):
            return None
        if job.attempts > submission.attempts:  # a worker had it, and left it to be gone on with
            return self._lost(job, 1, said)
        if age < _pause_after(submission.generation):
            return None
        if said is not None and said.found_no_room:
            return self._lost(job, submission.generation, said)
        return self._lost(job, submission.generation + 1, said)

    def _is_found(self, submission: Submission) -> bool:
        """Whether a submission whose answer did not come is on its way, or has arrived."""
        patience = HANDING_OVER + NOTING * len(submission.jobs)
        if self._clock.now() - submission.created_at < patience:
            return True
        if submission.id not in self._searched:
            said = self._batch.find(submission.name)
            if said is not None:
                self._manifests.replace(submission.with_(engine_id=said.id))
            self._searched[submission.id] = said is not None
        return self._searched[submission.id]

    def _lost(self, job: Job, generation: int, said: BatchJob | None) -> Lost:
        if said is None:
            return Lost(job, generation, "AWS Batch no longer knows it")
        if said.status == "SUCCEEDED" and job.state is JobState.QUEUED and generation == 1:
            return Lost(job, 1)  # it waited: the worker left it in good order
        reason = said.reason or f"AWS Batch says {said.status}"
        return Lost(job, generation, reason, self._batch.log_address(said), said.found_no_room)

    def _is_still(self, job: Job) -> bool:
        """Whether a job is as it was when it was listed."""
        now = self._records.job(job.id)
        fences = [one.lease.fence if one.lease else None for one in (job, now)]
        return (now.state, now.submission) == (job.state, job.submission) and len({*fences}) == 1

    # and what is done

    def _take_back(self, lost: Lost) -> list[Lost]:
        """Make a lost job one that can be handed over; none where that has no sense any more."""
        if lost.generation > MOST_GENERATIONS:
            self._taking_back.give_up(lost.job, lost.generation - 1, lost.reason, lost.address)
            return []
        job = self._taking_back.queued(lost.job, _told(lost))
        return [] if job is None else [replace(lost, job=job)]

    def _hand_over(self, lost: Iterable[Lost]) -> None:
        groups: defaultdict[tuple[int, int, int], list[Job]] = defaultdict(list)
        for one in lost:
            groups[(self._timeout(one.job), *one.group)].append(one.job)
        for (timeout, generation, attempts), jobs in groups.items():
            for start in range(0, len(jobs), LARGEST_ARRAY):
                part = jobs[start : start + LARGEST_ARRAY]
                self._engine.hand_over(part, timeout, attempts, generation)

    def _timeout(self, job: Job) -> int:
        if job.request not in self._timeouts:
            self._timeouts[job.request] = self._engine.timeout_of(job)
        return self._timeouts[job.request]


def _pause_after(generation: int) -> timedelta:
    return FIRST_PAUSE * 2 ** (generation - 2) if generation > 1 else timedelta()


def _told(lost: Lost) -> str:
    """What people read in the job's life; nothing where nothing went wrong."""
    if not lost.reason:
        return ""
    if lost.found_no_room:
        return f"AWS Batch found no room for it: {lost.reason}. The job is submitted again."
    again = f" ({lost.generation} of {MOST_GENERATIONS})" if lost.generation > 1 else ""
    where = f" Its log: {lost.address}" if lost.address else ""
    return f"AWS Batch ended the worker: {lost.reason}. The job is submitted again{again}.{where}"

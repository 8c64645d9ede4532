"""The contract of claims: who may work on a job."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import (
    IllegalTransition,
    JobEnded,
    LeaseHeld,
    NotFound,
)
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Lease
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import TERMINAL, JobState
from codybatch.ports import Records
from tests.contracts.examples import (
    LATER,
    NOON,
    SOON,
    UNKNOWN_JOB,
    an_owner,
    claimed,
    ended_in,
    lease_of,
    minutes,
    queued,
    running,
    taken_over,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures, in_processes


class ClaimContract(StoreFixtures):
    def test_a_queued_job_is_taken(self, records: Records) -> None:
        job = queued(records)
        owner = an_owner()

        mine = records.claim(job.id, owner, NOON, SOON)

        lease = Lease(job=job.id, fence=1, owner=owner, expires_at=SOON)
        assert mine == job.with_(
            state=JobState.RUNNING, lease=lease, attempts=1, started_at=NOON, version=1
        )
        assert records.job(job.id) == mine
        assert records.request(job.request).counts == JobCounts(running=1)
        assert records.job_counts() == JobCounts(running=1)

    def test_an_unknown_job_is_not_found(self, records: Records) -> None:
        with pytest.raises(NotFound):
            records.claim(UNKNOWN_JOB, an_owner(), NOON, SOON)
        with pytest.raises(NotFound):
            records.job(UNKNOWN_JOB)

    @pytest.mark.parametrize(
        "owner", [{"engine_job": "e-2", "attempt": 3}, {"host": "there"}, {"attempt": 1}]
    )
    def test_a_job_that_somebody_works_on_is_refused(
        self, records: Records, owner: dict[str, Any]
    ) -> None:
        first = records.claim(queued(records).id, an_owner(attempt=2), NOON, SOON)
        other = an_owner(**{"attempt": 2, **owner})

        with pytest.raises(LeaseHeld):
            records.claim(first.id, other, SOON - minutes(0.01), LATER)

        assert records.job(first.id) == first

    @pytest.mark.parametrize("now", [SOON, LATER])
    def test_a_job_is_anybodys_once_its_lease_has_expired(
        self, records: Records, now: datetime
    ) -> None:
        first = running(records)

        second = records.claim(
            first.id, an_owner(engine_job="e-2", host="there"), now, now + minutes(1)
        )

        lease = lease_of(second)
        assert (lease.fence, second.attempts, lease.expires_at) == (2, 2, now + minutes(1))
        assert second.started_at == NOON
        assert records.job_counts() == JobCounts(running=1)

    def test_a_later_attempt_of_the_same_engine_job_takes_over_at_once(
        self, records: Records
    ) -> None:
        first = running(records)

        second = records.claim(first.id, an_owner(attempt=2, host="there"), NOON, LATER)

        assert lease_of(second).fence == 2
        assert lease_of(second).owner.attempt == 2
        assert second.attempts == 2

    def test_a_later_attempt_of_another_engines_job_does_not(self, records: Records) -> None:
        first = running(records)
        other = an_owner(attempt=9).with_(engine="aws-batch")

        with pytest.raises(LeaseHeld):
            records.claim(first.id, other, NOON, LATER)

    def test_an_earlier_attempt_does_not_take_it_back(self, records: Records) -> None:
        first = running(records)
        second = taken_over(records, first)

        with pytest.raises(LeaseHeld):
            records.claim(first.id, an_owner(attempt=1), NOON, LATER)

        assert records.job(first.id) == second

    def test_an_attempt_that_claims_again_gets_the_same_lease(self, records: Records) -> None:
        first = running(records)

        again = records.claim(first.id, an_owner(), NOON + minutes(0.5), LATER)

        assert again == first
        assert records.job(first.id) == first

    def test_an_attempt_whose_own_lease_expired_gets_a_new_one(self, records: Records) -> None:
        first = running(records)

        again = records.claim(first.id, an_owner(), SOON, LATER)

        assert (lease_of(again).fence, lease_of(again).expires_at) == (2, LATER)

    def test_the_fence_rises_over_releases_too(self, records: Records) -> None:
        job = queued(records)
        fences = []
        for attempt in range(1, 4):
            mine = claimed(records, job.id, attempt=attempt)
            fences.append(lease_of(mine).fence)
            records.release(lease_of(mine), mine.with_(state=JobState.QUEUED))

        assert fences == [1, 2, 3]
        assert records.job(job.id).attempts == 3

    def test_a_waiting_job_is_not_taken(self, records: Records) -> None:
        job = running(records)
        records.release(lease_of(job), waiting(job))

        with pytest.raises(IllegalTransition):
            claimed(records, job.id)

    @pytest.mark.parametrize("state", sorted(TERMINAL))
    def test_an_ended_job_is_not_taken(self, records: Records, state: JobState) -> None:
        ended = ended_in(records, running(records), state)

        with pytest.raises(JobEnded):
            records.claim(ended.id, an_owner(attempt=2), LATER, LATER + minutes(1))

        assert records.job(ended.id) == ended

    def test_of_threads_that_claim_at_once_one_wins(self, records: Records) -> None:
        jobs = [queued(records, NOON + minutes(number)) for number in range(4)]

        def claim(number: int) -> list[JobId]:
            return [job.id for job in jobs if _claims(records, job.id, number)]

        with ThreadPoolExecutor(8) as workers:
            won = [job for mine in workers.map(claim, range(8)) for job in mine]

        assert sorted(won) == sorted(job.id for job in jobs)
        assert records.job_counts() == JobCounts(running=4)
        assert {records.job(job.id).attempts for job in jobs} == {1}

    def test_of_processes_that_claim_at_once_one_wins(self, records: Records, place: Path) -> None:
        jobs = [queued(records, NOON + minutes(number)).id for number in range(20)]
        tasks = [(_claim_all, (self.make_records, place, number, jobs)) for number in range(2)]

        won = in_processes(tasks)

        assert sorted(job for mine in won for job in mine) == sorted(jobs)
        assert records.job_counts() == JobCounts(running=20)
        assert {records.job(job).version for job in jobs} == {1}


def _claims(records: Records, job: JobId, number: int) -> bool:
    try:
        claimed(records, job, engine_job=f"e-{number}")
    except LeaseHeld:
        return False
    return True


def _claim_all(
    ready: Callable[[], object],
    make: Callable[[Path], Records],
    place: Path,
    number: int,
    jobs: list[JobId],
) -> list[JobId]:
    records = make(place)
    ready()
    won = [job for job in jobs if _claims(records, job, number)]
    records.close()
    return won

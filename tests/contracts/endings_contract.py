"""The contract of releases, settlements and cancelling."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from codybatch.domain.errors import (
    CodyBatchError,
    IllegalTransition,
    JobEnded,
    LeaseLost,
    NotFound,
)
from codybatch.domain.jobs import Job, Patch, Progress, Waiting
from codybatch.domain.money import Usage
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import TERMINAL, EndedBecause, JobState, WaitingReason
from codybatch.domain.threads import BlobRef
from codybatch.ports import Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    LATER,
    NOON,
    SOON,
    UNKNOWN_JOB,
    an_event,
    claimed,
    ended_in,
    lease_of,
    minutes,
    queued,
    running,
    settled,
    succeeded,
    taken_over,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures


class LeaveContract(StoreFixtures):
    def test_a_released_job_is_queued_again_without_lease(self, records: Records) -> None:
        job = running(records)

        records.release(
            lease_of(job),
            job.with_(state=JobState.QUEUED, seconds_worked=3.0),
            [an_event("Left.")],
        )

        expected = job.with_(state=JobState.QUEUED, seconds_worked=3.0, lease=None)
        assert records.job(job.id) == expected.with_(version=job.version + 1)
        assert records.request(job.request).counts == records.job_counts() == JobCounts(queued=1)
        assert [event.text for event in records.events(job.id)] == ["Left."]

    def test_a_job_that_goes_on_forgets_why_it_waited(self, records: Records) -> None:
        job = running(records)

        records.release(lease_of(job), waiting(job).with_(state=JobState.QUEUED))

        assert records.job(job.id).waiting is None

    def test_a_job_left_waiting_says_why(self, records: Records) -> None:
        job = running(records)
        why = Waiting(
            reason=WaitingReason.CREDENTIAL, since=NOON, until=SOON, detail="x", credential="key-1"
        )

        records.release(lease_of(job), job.with_(state=JobState.WAITING, waiting=why))

        left = records.job(job.id)
        assert (left.state, left.waiting, left.lease) == (JobState.WAITING, why, None)
        assert records.job_counts() == JobCounts(waiting=1)

    @pytest.mark.parametrize("state", sorted({JobState.RUNNING} | TERMINAL))
    def test_a_release_does_not_end_a_job(self, records: Records, state: JobState) -> None:
        job = running(records)

        with pytest.raises(IllegalTransition):
            records.release(lease_of(job), job.with_(state=state))

        assert records.job(job.id) == job

    def test_a_waiting_job_is_put_back_once(self, records: Records) -> None:
        job = running(records)
        records.release(lease_of(job), waiting(job))

        moved = [records.put_back(job.id, [an_event("Goes on.")]) for _ in range(2)]

        back = records.job(job.id)
        assert moved == [True, False]
        assert (back.state, back.waiting) == (JobState.QUEUED, None)
        assert records.job_counts() == records.request(job.request).counts == JobCounts(queued=1)
        assert [event.text for event in records.events(job.id)] == ["Goes on."]

    def test_only_a_waiting_job_is_put_back(self, records: Records) -> None:
        jobs = [
            queued(records),
            running(records, at=NOON + minutes(1)),
            settled(records, running(records, at=NOON + minutes(2))),
        ]

        assert not any(records.put_back(job.id, [an_event("no")]) for job in jobs)
        assert not records.put_back(UNKNOWN_JOB)
        assert [records.job(job.id) for job in jobs] == jobs

    @pytest.mark.parametrize("state", sorted(TERMINAL))
    def test_a_settlement_ends_the_job_whole(self, records: Records, state: JobState) -> None:
        job = running(records)
        blob = BlobRef(key="jobs/patch", size=3, sha256="0" * 64)
        end = succeeded(
            job,
            state=state,
            were_changes_necessary=True,
            summary="Done.",
            usage=Usage(output_tokens=7),
            cost_usd=usd("0.25"),
            patch=Patch(blob=blob, files=1, additions=2, deletions=3, paths=("ü/a b",)),
        )

        records.settle(lease_of(job), end, [an_event("Ended.")])

        assert records.job(job.id) == end.with_(lease=None, version=job.version + 1)
        counts = JobCounts(**{state.value: 1})
        assert records.request(job.request).counts == records.job_counts() == counts
        assert records.request(job.request).budget.spent_usd == usd("0.25")
        assert [event.text for event in records.events(job.id)] == ["Ended."]

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.WAITING])
    def test_a_settlement_ends_a_job_or_is_none(self, records: Records, state: JobState) -> None:
        job = running(records)

        with pytest.raises(IllegalTransition):
            records.settle(lease_of(job), job.with_(state=state))

        assert records.job(job.id) == job

    def test_the_first_settlement_wins(self, records: Records) -> None:
        job = running(records)
        first = settled(records, job, summary="First")

        with pytest.raises(LeaseLost):
            settled(records, job, summary="Second", cost_usd=usd("5"))

        assert records.job(job.id) == first
        assert records.job_counts() == JobCounts(succeeded=1)
        assert records.request(job.request).budget.spent_usd == 0

    def test_of_settlements_at_once_one_wins(self, records: Records) -> None:
        job = running(records)

        def settle(number: int) -> bool:
            try:
                end = succeeded(job, summary=str(number), cost_usd=usd("1"))
                records.settle(lease_of(job), end)
            except LeaseLost:
                return False
            return True

        with ThreadPoolExecutor(8) as workers:
            won = list(workers.map(settle, range(8)))

        assert won.count(True) == 1
        assert records.job(job.id).summary == str(won.index(True))
        assert records.request(job.request).budget.spent_usd == usd("1")
        assert records.job_counts() == JobCounts(succeeded=1)

    def test_every_change_raises_the_version_by_one(self, records: Records) -> None:
        job = queued(records)
        lease = lease_of(claimed(records, job.id))
        versions = [records.job(job.id).version]

        def note() -> None:
            versions.append(records.job(job.id).version)

        records.renew(lease, Progress(), SOON)
        note()
        records.commit(lease, records.job(job.id))
        note()
        records.reserve(lease, usd("1"), usd("0"), NOON.date(), None)
        note()
        records.request_cancel(job.id, NOON, ALICE)
        note()
        records.release(lease, waiting(records.job(job.id)))
        note()
        records.put_back(job.id)
        note()
        settled(records, claimed(records, job.id))

        assert versions == [1, 2, 3, 4, 5, 6, 7]
        assert records.job(job.id).version == 9


class CancelContract(StoreFixtures):
    def test_a_queued_job_is_cancelled_at_once(self, records: Records) -> None:
        job = queued(records)

        after = records.request_cancel(job.id, NOON, BOB)

        assert (after.state, after.ended_because, after.ended_at) == (
            JobState.CANCELLED,
            EndedBecause.CANCELLED,
            NOON,
        )
        assert BOB in after.ended_detail
        assert records.job(job.id) == after
        assert records.job_counts() == JobCounts(cancelled=1)
        assert records.request(job.request).counts == JobCounts(cancelled=1)

    def test_a_waiting_job_is_cancelled_at_once(self, records: Records) -> None:
        job = running(records)
        records.release(lease_of(job), waiting(job))

        after = records.request_cancel(job.id, SOON, BOB)

        assert (after.state, after.waiting) == (JobState.CANCELLED, None)
        assert records.job_counts() == JobCounts(cancelled=1)

    def test_the_worker_of_a_running_job_is_asked(self, records: Records) -> None:
        job = running(records)

        after = records.request_cancel(job.id, NOON, BOB)

        assert after == job.with_(cancel_requested=True, version=job.version + 1)
        assert records.job(job.id) == after

    def test_the_wish_outlives_what_the_worker_writes(self, records: Records) -> None:
        job = running(records)
        records.request_cancel(job.id, NOON, BOB)

        records.commit(lease_of(job), job)
        second = taken_over(records, job)

        assert second.cancel_requested
        records.settle(lease_of(second), succeeded(second, state=JobState.CANCELLED))
        assert records.job(job.id).state is JobState.CANCELLED

    def test_a_job_that_was_left_with_the_wish_noted_is_cancelled_by_the_next(
        self, records: Records
    ) -> None:
        job = running(records)
        records.request_cancel(job.id, NOON, BOB)
        records.release(lease_of(job), waiting(job))

        after = records.request_cancel(job.id, SOON, BOB)

        assert after.state is JobState.CANCELLED

    def test_the_wish_is_noted_once(self, records: Records) -> None:
        job = running(records)
        first = records.request_cancel(job.id, NOON, BOB)

        assert records.request_cancel(job.id, SOON, ALICE) == first
        assert len(records.events(job.id)) == 1

    @pytest.mark.parametrize("state", sorted(TERMINAL))
    def test_an_ended_job_stays_as_it_is(self, records: Records, state: JobState) -> None:
        ended = ended_in(records, running(records), state)

        assert records.request_cancel(ended.id, LATER, BOB) == ended
        assert records.job(ended.id) == ended
        assert records.events(ended.id) == ()

    def test_an_unknown_job_is_not_found(self, records: Records) -> None:
        with pytest.raises(NotFound):
            records.request_cancel(UNKNOWN_JOB, NOON, BOB)

    def test_who_asked_is_an_event(self, records: Records) -> None:
        for job in (queued(records), running(records, at=NOON + minutes(1))):
            records.request_cancel(job.id, NOON, BOB)

            (event,) = records.events(job.id)
            assert (event.kind, event.at) == ("cancel_requested", NOON)
            assert BOB in event.text

    def test_cancelling_races_with_claiming_and_one_of_them_wins(self, records: Records) -> None:
        jobs = [queued(records, NOON + minutes(number)) for number in range(6)]

        def race(job: Job) -> CodyBatchError | None:
            try:
                claimed(records, job.id)
            except JobEnded as error:
                return error
            return None

        with ThreadPoolExecutor(4) as workers:
            lost = [workers.submit(race, job) for job in jobs]
            for job in jobs:
                workers.submit(records.request_cancel, job.id, NOON, BOB)
        for job, late in zip(jobs, lost, strict=True):
            after = records.job(job.id)
            expected = JobState.CANCELLED if late.result() else JobState.RUNNING
            assert (after.state, after.cancel_requested) == (expected, True)

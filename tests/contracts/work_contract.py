"""The contract of work: claims, leases, commits, releases and settlements."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import (
    CodyBatchError,
    IllegalTransition,
    JobEnded,
    LeaseHeld,
    LeaseLost,
    NotFound,
    StaleWrite,
)
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, Lease, Lineage, Patch, Progress, Waiting
from codybatch.domain.money import Usage
from codybatch.domain.prompts import PromptRef
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import TERMINAL, EndedBecause, JobState, Phase, WaitingReason
from codybatch.domain.threads import BlobRef
from codybatch.ports import Records, Signal
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    a_step,
    an_event,
    an_owner,
    claimed,
    lease_of,
    minutes,
    queued,
    running,
    settled,
    succeeded,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures, in_processes

LATER = SOON + minutes(10)
UNKNOWN = JobId("00000000000000000000000000-1")


def taken_over(records: Records, job: Job) -> Job:
    """Let another attempt of the same engine job take a job over."""
    return records.claim(job.id, an_owner(attempt=2), NOON, LATER)


def ended_in(records: Records, job: Job, state: JobState) -> Job:
    """End a running job in a state, and read it again."""
    records.settle(lease_of(job), succeeded(job, state=state))
    return records.job(job.id)


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
            records.claim(UNKNOWN, an_owner(), NOON, SOON)
        with pytest.raises(NotFound):
            records.job(UNKNOWN)

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


class LeaseContract(StoreFixtures):
    def test_a_lease_is_renewed_with_a_heartbeat(self, records: Records) -> None:
        job = running(records)
        beat = Progress(
            turn=3, cost_usd=usd("0.12"), context_tokens=9_000, last_tool="grep x", at=NOON
        )

        signal = records.renew(lease_of(job), beat, LATER)

        after = records.job(job.id)
        assert signal == Signal(cancel_requested=False)
        assert lease_of(after) == lease_of(job).with_(expires_at=LATER)
        assert after == job.with_(progress=beat, lease=lease_of(after), version=job.version + 1)

    def test_a_renewed_lease_is_held_until_its_new_end(self, records: Records) -> None:
        job = running(records)
        records.renew(lease_of(job), Progress(), LATER)

        with pytest.raises(LeaseHeld):
            records.claim(job.id, an_owner(engine_job="e-2"), SOON, LATER)

    def test_an_expired_lease_is_good_until_somebody_takes_the_job(self, records: Records) -> None:
        job = running(records)

        records.renew(lease_of(job), Progress(), NOON - minutes(1))

        assert not records.renew(lease_of(job), Progress(), LATER).cancel_requested
        assert lease_of(records.job(job.id)).expires_at == LATER

    def test_the_worker_learns_of_a_wish_to_cancel_whenever_it_writes(
        self, records: Records
    ) -> None:
        job = running(records)
        lease = lease_of(job)
        before = [records.renew(lease, Progress(), SOON), records.commit(lease, job)]

        records.request_cancel(job.id, NOON, ALICE)

        after = [records.renew(lease, Progress(), SOON), records.commit(lease, job)]
        assert before == [Signal(False)] * 2
        assert after == [Signal(True)] * 2

    @pytest.mark.parametrize("write", ["renew", "commit", "reserve", "release", "settle"])
    @pytest.mark.parametrize(
        "end", ["taken over", "released", "waiting", "settled", "never held", "unknown"]
    )
    def test_who_lost_the_lease_can_write_nothing(
        self, records: Records, write: str, end: str
    ) -> None:
        job = running(records)
        lease = lease_of(job)
        if end == "taken over":
            taken_over(records, job)
        elif end == "released":
            records.release(lease, job.with_(state=JobState.QUEUED))
        elif end == "waiting":
            records.release(lease, waiting(job))
        elif end == "settled":
            settled(records, job)
        elif end == "never held":
            lease = lease.with_(fence=2)
        else:
            lease = lease.with_(job=UNKNOWN)
        before = records.job(job.id)
        changed = job.with_(title="Not mine", cost_usd=usd("9"))

        with pytest.raises(LeaseLost):
            _write(records, write, lease, changed)

        assert records.job(job.id) == before
        assert records.steps(job.id) == ()
        assert records.events(job.id) == ()
        assert records.request(job.request).budget.spent_usd == 0
        assert records.day_budget(NOON.date()).spent_usd == 0

    def test_who_took_over_can_write(self, records: Records) -> None:
        job = running(records)
        second = taken_over(records, job)

        records.commit(lease_of(second), second.with_(title="Mine"), [a_step(second, 0)])

        assert records.job(job.id).title == "Mine"
        assert [step.fence for step in records.steps(job.id)] == [2]

    def test_a_lease_is_of_one_job(self, records: Records) -> None:
        mine, other = running(records), running(records, at=NOON + minutes(1))

        for write in ("commit", "release", "settle"):
            with pytest.raises(LeaseLost):
                _write(records, write, lease_of(mine), other)

        assert records.job(other.id) == other
        assert records.job(mine.id) == mine


def _write(records: Records, write: str, lease: Lease, job: Job) -> None:
    if write == "renew":
        records.renew(lease, Progress(turn=9), LATER)
    elif write == "commit":
        records.commit(lease, job, [a_step(job, 0)], [an_event("no")])
    elif write == "reserve":
        records.reserve(lease, usd("1"), usd("1"), NOON.date(), None)
    elif write == "release":
        records.release(lease, waiting(job), [an_event("no")])
    else:
        records.settle(lease, succeeded(job), [an_event("no")])


class CommitContract(StoreFixtures):
    def test_the_workers_part_is_replaced(self, records: Records) -> None:
        job = running(records)
        changed = job.with_(
            phase=Phase.CONVERSING,
            owned=False,
            seconds_worked=12.5,
            title="Title",
            usage=Usage(input_tokens=1, output_tokens=2),
            cost_usd=usd("0.0000012"),
            uncertain_cost_usd=usd("0.5"),
            conversations=1,
            answer={"a": [1, 2.5, None, {"ü": "\ud7ff"}]},
            progress=Progress(turn=1),
            log="logs/1",
        )

        records.commit(lease_of(job), changed)

        assert records.job(job.id) == changed.with_(version=job.version + 1)

    def test_what_was_asked_for_and_what_is_the_stores_stays(self, records: Records) -> None:
        job = running(records)
        changed = job.with_(
            request_title="Other",
            prompt=PromptRef(name="other", version=9),
            model="other",
            requester=BOB,
            repository=RepositoryRef.parse("other/repository"),
            repository_id="other",
            commit="1" * 40,
            base_branch="other",
            lineage=Lineage(root=JobId("other"), root_title="other"),
            created_at=LATER,
            attempts=9,
            started_at=LATER,
            lease=lease_of(job).with_(fence=9),
            cancel_requested=True,
            reserved_usd=usd("9"),
            version=99,
        )

        records.commit(lease_of(job), changed)

        assert records.job(job.id) == job.with_(version=job.version + 1)

    def test_steps_are_read_by_conversation_and_sequence(self, records: Records) -> None:
        job = running(records)
        lease = lease_of(job)
        steps = [
            a_step(job, number, conversation) for conversation in (1, 2) for number in range(3)
        ]
        blob = BlobRef(key="k", size=1, sha256="0" * 64)
        steps[1] = steps[1].with_(blob=blob, usage=Usage(output_tokens=5), cost_usd=usd("0.01"))

        records.commit(lease, job, steps[3:5])
        records.commit(lease, job, [steps[1], steps[0]])
        records.commit(lease, job, [steps[5], steps[2]])

        assert records.steps(job.id) == tuple(steps)
        assert records.steps(UNKNOWN) == ()

    def test_ten_thousand_steps_keep_their_order(self, records: Records) -> None:
        job = running(records)
        records.commit(lease_of(job), job, [a_step(job, number) for number in (9, 10, 99_999, 2)])

        assert [step.sequence for step in records.steps(job.id)] == [2, 9, 10, 99_999]

    def test_a_step_that_exists_refuses_the_whole_commit(self, records: Records) -> None:
        job = running(records)
        records.commit(lease_of(job), job, [a_step(job, 0)])
        before = records.job(job.id)

        with pytest.raises(StaleWrite):
            records.commit(
                lease_of(job),
                job.with_(title="No"),
                [a_step(job, 1), a_step(job, 0)],
                [an_event("no")],
            )

        assert records.job(job.id) == before
        assert [step.sequence for step in records.steps(job.id)] == [0]
        assert records.events(job.id) == ()

    def test_events_are_added_with_the_commit(self, records: Records) -> None:
        job = running(records)

        records.commit(lease_of(job), job, [], [an_event("one"), an_event("two")])

        assert [event.text for event in records.events(job.id)] == ["one", "two"]

    @pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.RUNNING}))
    def test_a_commit_leaves_the_job_running(self, records: Records, state: JobState) -> None:
        job = running(records)

        with pytest.raises(IllegalTransition):
            records.commit(lease_of(job), job.with_(state=state))

        assert records.job(job.id) == job


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
        assert not records.put_back(UNKNOWN)
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
            records.request_cancel(UNKNOWN, NOON, BOB)

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

"""The contract of leases and commits: who holds a job writes, and nobody else."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import (
    IllegalTransition,
    LeaseHeld,
    LeaseLost,
    StaleWrite,
)
from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.jobs import Job, Lease, Lineage, Progress
from codybatch.domain.money import Usage
from codybatch.domain.prompts import PromptRef
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.states import JobState, Phase
from codybatch.domain.threads import BlobRef
from codybatch.ports import Records, Signal
from tests.contracts.examples import (
    ALICE,
    BOB,
    LATER,
    NOON,
    SOON,
    UNKNOWN_JOB,
    a_step,
    an_event,
    an_owner,
    lease_of,
    minutes,
    running,
    settled,
    succeeded,
    taken_over,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures


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
            lease = lease.with_(job=UNKNOWN_JOB)
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
            submission=SubmissionId("other"),
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
        assert records.steps(UNKNOWN_JOB) == ()

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

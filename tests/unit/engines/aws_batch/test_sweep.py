"""What nobody works on is found and handed over again, whatever was lost on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codybatch.domain.errors import LeaseLost
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.jobs import Progress
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import StepKind
from codybatch.engines.aws_batch.sweep import MOST_GENERATIONS, Sweep
from codybatch.standins.batch import Reclaim, Status, faults
from tests.contracts.examples import a_step, lease_of
from tests.unit.engines.aws_batch.depot import DANA, Depot


def test_what_goes_well_is_left_alone(d: Depot) -> None:
    running = d.begin(d.submitted()[0])
    queued = d.submitted()[0]
    before = len(d.batch.submissions())

    assert [d.engine.reconcile() for _ in range(3)] == [0, 0, 0]

    assert d.now(queued).state is JobState.QUEUED
    assert d.now(running) == running
    assert len(d.batch.submissions()) == before


def test_jobs_that_nobody_submitted_are_submitted_together(d: Depot) -> None:
    jobs = [*d.jobs(2), *d.jobs(1)]

    assert d.engine.reconcile() == 3

    (array,) = d.batch.submissions()
    assert set(d.submission(jobs[0]).jobs) == {job.id for job in jobs}
    assert len(array.children) == 3


def test_jobs_with_other_limits_are_not_one_array(d: Depot) -> None:
    d.jobs(2, minutes=10)
    d.jobs(1, minutes=90)

    d.engine.reconcile()

    timeouts = {job.order.timeout_seconds for job in d.batch.submissions()}
    assert timeouts == {25 * 60, 105 * 60}


def test_jobs_of_another_engine_are_taken_over(d: Depot) -> None:
    (job,) = d.jobs()
    submission = d.engine.submit([job])
    d.records.add_submission(submission.with_(engine="local", engine_id=None))

    assert d.engine.reconcile() == 1

    assert d.submission(job).engine == "aws-batch"


class TestWaiting:
    def test_a_job_whose_reason_to_wait_is_gone_is_handed_over_again(self, d: Depot) -> None:
        (job,) = d.submitted()
        d.leave_waiting(d.begin(job, "trap 'exit 0' TERM; while :; do sleep 0.05; done"))
        d.batch.reclaim(d.in_batch(job).id, Reclaim.FARGATE_SPOT)
        assert d.batch.wait_until(lambda: d.in_batch(job).status is Status.SUCCEEDED)
        assert d.engine.reconcile() == 0

        d.pass_(minutes=2)

        assert d.engine.reconcile() == 2  # put back, and handed over
        again = d.in_batch(job)
        assert not again.status.has_ended
        assert d.submission(job).generation == 1
        assert "AWS Batch ended" not in " ".join(d.told(job))
        assert d.engine.reconcile() == 0

    def test_it_is_not_while_its_worker_is_still_leaving(self, d: Depot) -> None:
        (job,) = d.submitted()
        d.leave_waiting(d.begin(job))
        d.pass_(minutes=2)

        d.engine.reconcile()

        assert d.now(job).state is JobState.QUEUED
        assert len(d.batch.submissions()) == 1


class TestLostWorkers:
    def test_a_job_that_batch_ended_goes_on_in_another(self, d: Depot) -> None:
        job = d.begin(d.submitted()[0], "sleep 600")
        old = d.in_batch(job)
        d.batch.reclaim(old.id, Reclaim.EC2_SPOT)
        d.batch.wait_until(lambda: old.status is Status.RUNNABLE)
        d.engine.reconcile()
        assert len(d.batch.submissions()) == 1  # Batch itself tries again

        d.run("exit 2")
        assert d.engine.reconcile() == 0  # its lease may be renewed yet, as far as is known
        d.pass_(minutes=1)
        assert d.engine.reconcile() == 1

        now = d.now(job)
        assert (now.state, now.lease) == (JobState.QUEUED, None)
        assert d.in_batch(job) is not old
        event = d.records.events(job.id)[-1]
        assert (event.kind, event.level) == (EventKind.RETRIED, EventLevel.WARNING)
        assert "AWS Batch ended the worker: Essential container in task exited." in event.text
        assert "https://eu-central-1.console.aws.amazon.com/cloudwatch/" in event.text
        assert d.engine.reconcile() == 0

    def test_news_of_its_end_need_not_wait_for_the_lease(self, d: Depot) -> None:
        job = d.begin(d.submitted()[0])
        d.batch.reclaim(d.in_batch(job).id, Reclaim.EC2_SPOT)
        d.run("exit 2")

        assert d.engine.reconcile([job]) == 1
        assert d.engine.reconcile([job]) == 0

        assert d.now(job).state is JobState.QUEUED
        assert len(d.batch.submissions()) == 2
        with pytest.raises(LeaseLost):
            d.records.renew(lease_of(job), Progress(), d.clock.now())

    def test_news_that_is_old_changes_nothing(self, d: Depot) -> None:
        job = d.begin(d.submitted()[0])

        assert d.engine.reconcile([job]) == 0

        assert d.now(job) == job

    def test_a_job_that_was_deleted_from_batch_is_handed_over_again(self, d: Depot) -> None:
        running = d.begin(d.submitted()[0])
        queued = d.submitted()[0]
        for job in (queued, running):
            d.batch.forget(d.in_batch(job).id)
        assert d.engine.reconcile() == 0  # it may not have appeared yet; the lease still runs

        d.pass_(minutes=2)

        assert d.engine.reconcile() == 2
        for job in (queued, running):
            assert d.now(job).state is JobState.QUEUED
            assert "no longer knows it" in d.told(job)[-1]
            assert d.in_batch(job).status is not Status.FAILED
        assert d.engine.reconcile() == 0

    def test_a_worker_of_another_engine_is_waited_out(self, d: Depot) -> None:
        (job,) = d.submitted()
        d.batch.forget(d.in_batch(job).id)
        d.claim(job.id, f"hand:{job.id}")

        assert d.engine.reconcile() == 0
        d.pass_(minutes=1)
        assert d.engine.reconcile() == 1

    def test_a_reply_that_was_lost_with_it_is_charged(self, d: Depot) -> None:
        job = d.begin(d.submitted()[0])
        step = a_step(job, 1).with_(kind=StepKind.REQUEST, reserved_usd=Decimal("0.25"))
        d.records.commit(lease_of(job), job, [step])
        d.batch.forget(d.in_batch(job).id)
        d.pass_(minutes=2)

        d.engine.reconcile()

        assert d.now(job).cost_usd == d.now(job).uncertain_cost_usd == Decimal("0.25")
        assert d.records.request(job.request).budget.spent_usd == Decimal("0.25")

    def test_a_list_that_lags_brings_nobodys_work_to_an_end(self, d: Depot) -> None:
        stale = d.submitted()[0]
        d.run("exit 2")
        d.claim(stale.id, "hand:x")
        sweep = Sweep(d.records, d.engine._batch, d.clock, d.engine)

        assert sweep.bring_on([stale], is_asked_for=True) == 0

        assert d.now(stale).state is JobState.RUNNING
        assert len(d.batch.submissions()) == 1


class TestWorkersThatNeverBegin:
    def fail(self, d: Depot) -> int:
        """Batch fails to begin, and somebody looks."""
        d.run("exit 2")
        return d.engine.reconcile()

    def test_it_is_tried_ever_more_slowly_and_then_given_up(self, d: Depot) -> None:
        (job,) = d.submitted()
        for generation in range(2, MOST_GENERATIONS + 1):
            waited = 0
            while not self.fail(d):
                d.pass_(minutes=1)
                waited += 1
                assert waited <= 2**generation
            assert d.submission(job).generation == generation
            assert f"({generation} of {MOST_GENERATIONS})" in d.told(job)[-1]
        while not self.fail(d):
            d.pass_(minutes=1)

        ended = d.now(job)
        assert (ended.state, ended.ended_because) == (
            JobState.FAILED,
            EndedBecause.INTERNAL_ERROR,
        )
        assert "could not run it, 5 times in a row: Essential container" in ended.ended_detail
        assert "Its log: https://" in ended.ended_detail
        assert d.records.events(job.id)[-1].kind is EventKind.ENDED
        assert len(d.batch.submissions()) == MOST_GENERATIONS
        assert d.records.request(job.request).counts.failed == 1
        assert d.engine.reconcile() == 0

    def test_hours_without_room_are_no_failures(self, d: Depot) -> None:
        (job,) = d.submitted()
        self.fail(d)
        reason = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"

        for _ in range(2 * MOST_GENERATIONS):
            d.settle_down()
            d.engine._batch.client.cancel_job(jobId=d.in_batch(job).id, reason=reason)
            d.pass_(hours=1)
            assert d.engine.reconcile() == 1

        assert d.now(job).state is JobState.QUEUED
        assert d.submission(job).generation == 2
        assert f"AWS Batch found no room for it: {reason}. The job is submitted" in d.told(job)[-1]

    def test_a_worker_that_began_lets_the_count_begin_again(self, d: Depot) -> None:
        (job,) = d.submitted()
        self.fail(d)
        assert d.submission(job).generation == 2
        d.begin(job)
        d.batch.forget(d.in_batch(job).id)
        d.pass_(minutes=2)

        d.engine.reconcile()

        assert d.submission(job).generation == 1
        assert d.now(job).state is JobState.QUEUED

    def test_a_program_that_cannot_start_says_why(self, d: Depot) -> None:
        (job,) = d.submitted()
        object.__setattr__(d.batch.host, "entry_point", ("/no/such/program",))

        self.fail(d)

        assert "CannotStartContainerError" in d.told(job)[-1]


class TestCancelled:
    def test_a_lost_job_that_was_cancelled_ends_and_is_not_handed_over(self, d: Depot) -> None:
        job = d.begin(d.submitted()[0])
        d.records.request_cancel(job.id, d.clock.now(), DANA)
        d.batch.forget(d.in_batch(job).id)
        d.pass_(minutes=2)

        assert d.engine.reconcile() == 1

        assert d.now(job).state is JobState.CANCELLED
        assert len(d.batch.submissions()) == 0

    def test_a_worker_that_takes_no_notice_is_terminated_after_a_while(self, d: Depot) -> None:
        job = d.begin(d.submitted()[0], "trap '' TERM; while :; do sleep 0.05; done")
        one = d.in_batch(job)
        d.records.request_cancel(job.id, d.clock.now(), DANA)
        d.engine.reconcile()
        before = one.is_terminated

        d.pass_(minutes=2)
        d.records.renew(lease_of(job), Progress(), d.clock.now() + (d.clock.now() - job.created_at))
        d.engine.reconcile()

        assert (before, one.is_terminated) == (False, True)
        assert d.batch.wait_until(lambda: one.status is Status.FAILED)
        d.pass_(minutes=10)
        d.engine.reconcile()
        assert d.now(job).state is JobState.CANCELLED


class TestMany:
    def test_an_array_that_nothing_has_ended_of_is_asked_for_once(self, d: Depot) -> None:
        d.submitted(300)
        before = d.asked("DescribeJobs")

        assert d.engine.reconcile() == 0

        assert d.asked("DescribeJobs") - before == 1

    def test_the_children_that_were_lost_become_one_array_again(self, d: Depot) -> None:
        jobs = d.submitted(6)
        d.run('test "$AWS_BATCH_JOB_ARRAY_INDEX" -ge 4 || exit 2')
        for job in jobs[4:]:
            d.settle(d.claim(job.id, d.in_batch(job).id))

        assert d.engine.reconcile() == 4

        assert d.submission(jobs[0]).jobs == tuple(job.id for job in jobs[:4])
        assert [len(one.children) for one in d.batch.submissions()] == [6, 4]

    def test_one_job_that_batch_takes_not_stops_no_later_tick(self, d: Depot) -> None:
        jobs = d.jobs(2)
        d.batch.faults.add(faults.denied("SubmitJob"))
        with pytest.raises(Exception, match="does not let us"):
            d.engine.reconcile()

        d.pass_(minutes=2)

        assert d.engine.reconcile() == 2
        assert d.submission(jobs[1]).engine_id == d.batch.submissions()[0].id

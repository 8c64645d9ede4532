"""What has ended in the records does not live on in AWS Batch."""

from __future__ import annotations

from codybatch.standins.batch import Status
from tests.batch_kit import DEFINITION, QUEUE
from tests.unit.engines.aws_batch.depot import DANA, Depot


def test_a_job_that_was_cancelled_unseen_by_batch_is_ended_there(d: Depot) -> None:
    (job,) = d.submitted()
    d.records.request_cancel(job.id, d.clock.now(), DANA)
    assert d.engine.reconcile() == 0  # whoever cancelled it may be about to

    d.pass_(minutes=3)

    assert d.engine.reconcile() == 1
    assert d.in_batch(job).status is Status.FAILED
    assert d.in_batch(job).status_reason == "The job has ended."
    assert d.engine.reconcile() == 0


def test_a_worker_that_does_not_leave_is_terminated(d: Depot) -> None:
    job = d.begin(d.submitted()[0], "trap 'exit 0' TERM; while :; do sleep 0.05; done")
    d.settle(job)
    d.pass_(minutes=3)

    assert d.engine.reconcile() == 1

    assert d.batch.wait_until(lambda: d.in_batch(job).status.has_ended)


def test_of_an_array_only_the_children_that_have_ended_are(d: Depot) -> None:
    ended, waits = d.submitted(2)
    d.records.request_cancel(ended.id, d.clock.now(), DANA)
    d.pass_(minutes=3)

    assert d.engine.reconcile() == 1

    assert d.in_batch(ended).status is Status.FAILED
    assert d.in_batch(waits).status is Status.RUNNABLE


def test_news_of_a_job_that_has_ended_ends_it_in_batch(d: Depot) -> None:
    (job,) = d.submitted()
    cancelled = d.records.request_cancel(job.id, d.clock.now(), DANA)
    d.pass_(minutes=3)

    d.engine.reconcile([cancelled])

    assert d.in_batch(job).status is Status.FAILED


def test_the_jobs_of_others_in_the_queue_are_not_ours_to_end(d: Depot) -> None:
    for name in ("nightly", "cody-01kjmma2g0bkpr51j073xn0pp7-1"):
        d.engine._batch.client.submit_job(jobName=name, jobQueue=QUEUE, jobDefinition=DEFINITION)
    d.settle_down()
    d.pass_(minutes=3)

    assert d.engine.reconcile() == 0

    assert [job.status for job in d.batch.jobs()] == [Status.RUNNABLE] * 2

"""Handing over, stopping and describing: one call, found again by its name, refused in words."""

from __future__ import annotations

import re
from contextlib import closing
from threading import Event

import pytest

from codybatch.domain.errors import EngineError
from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch.connection import CALL_SECONDS, Connection
from codybatch.engines.aws_batch.rules import order
from codybatch.engines.aws_batch.sweep import HANDING_OVER
from codybatch.ports import EngineState
from codybatch.standins.batch import Status, faults
from codybatch.standins.git.faults import Fault
from tests.attempt_kit import SteeredClock
from tests.batch_kit import DEFINITION, PLACE, QUEUE
from tests.contracts.examples import NOON
from tests.unit.engines.aws_batch.depot import DANA, Depot


def test_a_single_job_is_handed_over_with_ids_alone(d: Depot) -> None:
    (job,) = d.jobs(minutes=30)

    submission = d.engine.submit([job])

    (one,) = d.batch.submissions()
    order = one.order
    assert order.command == ("worker", "run", "--submission", submission.id)
    assert order.environment == {}
    assert order.overrides_length < 200
    assert re.fullmatch(r"cody-[0-9a-hjkmnp-tv-z]{26}-1", order.name)
    assert order.timeout_seconds == 45 * 60
    assert order.tags == {
        "codybatch:submission": submission.id,
        "codybatch:request": job.request,
    }
    assert (submission.engine, submission.engine_id) == ("aws-batch", one.id)
    assert d.records.submission(submission.id) == submission
    assert d.now(job).submission == submission.id
    assert not one.is_array


def test_several_jobs_are_one_array_in_one_call(d: Depot) -> None:
    jobs = d.jobs(3)

    submission = d.engine.submit(jobs)

    (array,) = d.batch.submissions()
    assert len(array.children) == 3
    assert submission.jobs == tuple(job.id for job in jobs)
    assert d.asked() == d.asked("SubmitJob") == 1


def test_the_longest_job_decides_on_the_timeout(d: Depot) -> None:
    jobs = [*d.jobs(1, minutes=1), *d.jobs(1, minutes=120)]

    d.engine.submit(jobs)

    assert d.batch.submissions()[0].order.timeout_seconds == 135 * 60


def test_rules_tell_a_reclaimed_host_from_a_failing_job_and_end_with_one_for_all(d: Depot) -> None:
    d.engine.submit(d.jobs())

    order = d.batch.submissions()[0].order
    assert 1 < order.attempts <= 10
    assert len(order.rules) <= 5
    assert order.rules[-1].as_json() == {"onReason": "*", "action": "EXIT"}


class Slow(SteeredClock):
    """The clock of who waits for the longest before each repetition, as Batch does not answer."""

    def sleep(self, seconds: float, until: Event | None = None) -> None:
        super().sleep(seconds + CALL_SECONDS, until)


def a_submission() -> Submission:
    name = SubmissionId("01m8x0000000000000000000aa")
    return Submission(id=name, engine="aws-batch", jobs=(JobId("r-1"),), created_at=NOON)


class TestLostAnswers:
    @pytest.mark.parametrize(
        "lost",
        [faults.answer_lost("SubmitJob"), faults.server_error("SubmitJob", after_acting=True)],
        ids=["cut", "500"],
    )
    def test_what_was_submitted_is_found_by_its_name(self, d: Depot, lost: Fault) -> None:
        d.batch.faults.add(lost)

        submission = d.engine.submit(d.jobs(2))

        (array,) = d.batch.submissions()
        assert submission.engine_id == array.id
        assert d.asked("SubmitJob") == 1

    @pytest.mark.parametrize(
        "fault",
        [
            faults.cut("SubmitJob"),
            faults.server_error("SubmitJob"),
            faults.throttled("SubmitJob", times=3),
        ],
        ids=["cut", "500", "throttled"],
    )
    def test_what_was_not_submitted_is_sent_again(self, d: Depot, fault: Fault) -> None:
        d.batch.faults.add(fault)

        submission = d.engine.submit(d.jobs())

        assert submission.engine_id == d.batch.submissions()[0].id
        assert len(d.batch.submissions()) == 1

    def test_the_job_of_another_with_a_like_name_is_not_taken(self, d: Depot) -> None:
        before = d.engine.submit(d.jobs())
        d.batch.faults.add(faults.cut("SubmitJob"))

        after = d.engine.submit(d.jobs())

        assert before.engine_id != after.engine_id
        assert len(d.batch.submissions()) == 2

    def test_who_dies_before_the_id_is_noted_is_followed_by_who_finds_it(self, d: Depot) -> None:
        (job,) = d.jobs()
        submission = d.engine.submit([job])
        d.records.add_submission(submission.with_(engine_id=None))

        d.pass_(minutes=2)
        d.another_engine().reconcile()

        assert d.submission(job).engine_id == submission.engine_id
        assert len(d.batch.submissions()) == 1

    def test_who_dies_before_submitting_is_followed_by_who_submits(self, d: Depot) -> None:
        jobs = d.jobs(2)
        submission = d.engine.submit(jobs)
        d.records.add_submission(submission.with_(engine_id=None))
        d.batch.forget(str(submission.engine_id))

        assert d.another_engine().reconcile() == 0  # they may still be on their way
        d.pass_(minutes=2)
        assert d.another_engine().reconcile() == 2

        (array,) = d.batch.submissions()
        assert d.submission(jobs[0]).engine_id == array.id
        assert d.submission(jobs[0]).id != submission.id
        assert d.another_engine().reconcile() == 0

    def test_it_is_over_before_anybody_takes_it_for_lost(self, d: Depot) -> None:
        clock = Slow()
        batch = Connection(PLACE, clock)
        d.batch.faults.add(faults.server_error("*", times=40))

        with closing(batch), pytest.raises(EngineError, match="did not answer"):
            batch.submit(order(a_submission(), PLACE, 60))

        assert d.asked() == 3  # of them one SubmitJob, and what became of it is asked again
        assert clock.seconds + CALL_SECONDS < HANDING_OVER.total_seconds()  # the last has no pause


REFUSALS: dict[str, tuple[Fault, str]] = {
    "denied": (faults.denied("SubmitJob"), "does not let us use batch:SubmitJob"),
    "expired": (faults.token_expired("SubmitJob"), "AWS_ACCESS_KEY_ID"),
    "throttled": (faults.throttled("SubmitJob", times=20), "slow down"),
    "down": (faults.server_error("*", times=40), "did not answer batch"),
}


class TestRefusals:
    def refused(self, d: Depot) -> tuple[str, Job]:
        """Why jobs cannot be handed over, and one of them."""
        (job,) = d.jobs()
        with pytest.raises(EngineError) as raised:
            d.another_engine().submit([job])
        return raised.value.message, job

    def check_it_goes_on(self, d: Depot, job: Job) -> None:
        """Once what was wrong is mended, the next tick submits what stayed queued."""
        assert d.now(job).state is JobState.QUEUED
        assert not d.batch.submissions()
        d.pass_(minutes=2)
        assert d.another_engine().reconcile() == 1
        assert len(d.batch.submissions()) == 1

    @pytest.mark.parametrize(("fault", "said"), list(REFUSALS.values()), ids=list(REFUSALS))
    def test_a_refusal_says_what_to_do_and_the_jobs_stay_queued(
        self, d: Depot, fault: Fault, said: str
    ) -> None:
        d.batch.faults.add(fault)

        message, job = self.refused(d)

        assert said in message
        d.batch.faults.clear()
        self.check_it_goes_on(d, job)

    def test_who_may_not_do_what_is_in_the_message_and_not_told_from_afar(self, d: Depot) -> None:
        d.batch.faults.add(faults.denied("SubmitJob"))
        (job,) = d.jobs()

        with pytest.raises(EngineError, match="123456789012") as raised:
            d.another_engine().submit([job])

        assert "batch:SubmitJob (AccessDeniedException: the log has the" in raised.value.discreet
        assert "123456789012" not in raised.value.discreet

    def test_a_disabled_queue_is_named(self, d: Depot) -> None:
        d.batch.enable(QUEUE, enabled=False)

        message, job = self.refused(d)

        assert f"The job queue {QUEUE} is disabled." in message
        assert "--state ENABLED" in message
        d.batch.enable(QUEUE)
        self.check_it_goes_on(d, job)

    def test_a_missing_queue_is_named_with_its_region(self, d: Depot) -> None:
        queue = d.batch.catalogue.queues.pop(QUEUE)

        message, job = self.refused(d)

        assert f"no job queue {QUEUE} in the region eu-central-1" in message
        assert "CODYBATCH_JOB_QUEUE" in message
        d.batch.catalogue.queues[QUEUE] = queue
        self.check_it_goes_on(d, job)

    def test_a_missing_job_definition_is_named(self, d: Depot) -> None:
        definition = d.batch.catalogue.definitions.pop(DEFINITION)

        message, job = self.refused(d)

        assert f"no active job definition {DEFINITION}" in message
        assert "CODYBATCH_JOB_DEFINITION" in message
        d.batch.catalogue.definitions[DEFINITION] = definition
        self.check_it_goes_on(d, job)

    def test_another_region_has_no_such_queue(
        self, d: Depot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("AWS_REGION", "us-east-1")
            message, job = self.refused(d)

        assert "in the region us-east-1" in message
        assert "AWS_REGION" in message
        self.check_it_goes_on(d, job)

    def test_a_refusal_that_may_not_be_looked_into_is_told_as_it_came(self, d: Depot) -> None:
        d.batch.enable(QUEUE, enabled=False)
        d.batch.faults.add(faults.denied("DescribeJobQueues"))

        message, _ = self.refused(d)

        assert "refused batch:SubmitJob" in message
        assert "ENABLED" in message

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("AWS_ENDPOINT_URL_BATCH", "http://127.0.0.1:9", "Check the network, AWS_REGION"),
            ("AWS_ENDPOINT_URL_BATCH", "nonsense", "AWS_ENDPOINT_URL_BATCH"),
            ("AWS_REGION", "", "Set AWS_REGION"),
            ("AWS_SECRET_ACCESS_KEY", "", "AWS credentials are missing"),
        ],
        ids=["unreachable", "no address", "no region", "half a credential"],
    )
    def test_what_the_environment_lacks_is_named(
        self, d: Depot, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
    ) -> None:
        with monkeypatch.context() as changed:
            changed.setenv(name, value) if value else changed.delenv(name)
            message, job = self.refused(d)

        assert said in message
        self.check_it_goes_on(d, job)

    def test_no_more_than_an_array_takes_are_taken(self, d: Depot) -> None:
        (job,) = d.jobs()

        with pytest.raises(EngineError, match="1 to 10,000 jobs, not 10,001"):
            d.engine.submit([job] * 10_001)


class TestDescribing:
    def test_each_child_is_described_with_its_reason_and_log(self, d: Depot) -> None:
        lost, kept = d.submitted(2)
        d.run('test "$AWS_BATCH_JOB_ARRAY_INDEX" = 1 || exit 2')

        ended, fine = d.engine.describe([lost, kept])

        assert [view.state for view in (ended, fine)] == [EngineState.ENDED] * 2
        assert ended.job == lost.id
        assert ended.detail == "Essential container in task exited"
        stream = d.in_batch(lost).attempts[0].log_stream.replace("/", "$252F")
        assert ended.log == (
            "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
            f"#logsV2:log-groups/log-group/$252Fcodybatch$252Fjobs/log-events/{stream}"
        )

    def test_what_waits_is_pending_and_what_batch_forgot_is_unknown(self, d: Depot) -> None:
        pending, forgotten = d.submitted(1)[0], d.submitted(1)[0]
        d.batch.forget(d.in_batch(forgotten).id)
        unsubmitted, cancelled = d.jobs(2)
        d.records.request_cancel(cancelled.id, d.clock.now(), DANA)
        jobs = [d.now(job) for job in (unsubmitted, forgotten, cancelled, pending)]

        views = d.engine.describe(jobs)

        assert [view.job for view in views] == [job.id for job in jobs]
        assert [view.state for view in views] == [
            EngineState.PENDING,
            EngineState.UNKNOWN,
            EngineState.ENDED,
            EngineState.PENDING,
        ]

    def test_a_hundred_ids_go_into_one_call(self, d: Depot) -> None:
        jobs = d.submitted(250)
        before = d.asked("DescribeJobs")

        views = d.engine.describe(jobs)

        assert {view.state for view in views} == {EngineState.PENDING}
        assert d.asked("DescribeJobs") - before == 3


class TestCancelling:
    def test_a_queued_job_is_cancelled_in_batch_too(self, d: Depot) -> None:
        mine, other = d.submitted(2)

        d.engine.cancel(d.records.request_cancel(mine.id, d.clock.now(), DANA))

        assert d.in_batch(mine).status is Status.FAILED
        assert d.in_batch(mine).is_cancelled
        assert d.in_batch(other).status is Status.RUNNABLE

    def test_a_container_that_has_begun_is_terminated(self, d: Depot) -> None:
        (job,) = d.submitted()
        d.script.write_text("trap 'exit 143' TERM; while :; do sleep 0.05; done")
        d.batch.set_parallel(1)
        one = d.in_batch(job)
        assert d.batch.wait_until(lambda: one.status is Status.RUNNING)

        d.engine.cancel(d.records.request_cancel(job.id, d.clock.now(), DANA))

        assert d.batch.wait_until(lambda: one.status.has_ended)
        assert one.is_terminated

    def test_the_worker_of_a_running_job_is_left_to_learn_of_it(self, d: Depot) -> None:
        (job,) = d.submitted()
        running = d.begin(job)

        d.engine.cancel(d.records.request_cancel(running.id, d.clock.now(), DANA))

        assert d.in_batch(job).status is Status.RUNNING

    def test_a_batch_that_cannot_be_asked_stops_no_cancellation(self, d: Depot) -> None:
        (job,) = d.submitted()
        d.batch.faults.add(faults.denied("DescribeJobs"))

        d.engine.cancel(d.records.request_cancel(job.id, d.clock.now(), DANA))

        assert d.now(job).state is JobState.CANCELLED

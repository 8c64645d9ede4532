"""Jobs in records and in AWS Batch, without workers: a script stands for each container."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import AttemptOwner, Job, Waiting
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import EndedBecause, JobState, WaitingReason
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch import BatchEngine
from codybatch.ports import Records
from codybatch.services.waiting import WaitingRoom
from codybatch.standins.batch import BatchStandin, Catalogue, Host, Status
from codybatch.standins.batch.jobs import BatchJob
from codybatch.stores.embedded import EmbeddedStore
from tests.attempt_kit import SteeredClock
from tests.batch_kit import CONTAINER, DEFINITION, PLACE, QUEUE, REGION, aws_variables
from tests.contracts.examples import created, lease_of

LEASE = timedelta(seconds=30)
DANA = Person("dana")


@dataclass
class Depot:
    """What a test steers: the time, and what containers do."""

    records: Records
    batch: BatchStandin
    clock: SteeredClock
    engine: BatchEngine
    script: Path

    def jobs(self, count: int = 1, minutes: int = 45) -> list[Job]:
        """New queued jobs of one request."""
        names = " ".join(f"acme/r{index}" for index in range(count))
        options = RequestOptions(model="claude-sonnet-5-5", max_minutes=minutes)
        made = created(self.records, self.clock.now(), repositories=names, options=options)
        return [*made.jobs]

    def submitted(self, count: int = 1) -> list[Job]:
        """Jobs that Batch has, and does not run yet."""
        made = self.jobs(count)
        self.engine.submit(made)
        self.settle_down()
        return [self.now(job) for job in made]

    def now(self, job: Job) -> Job:
        return self.records.job(job.id)

    def submission(self, job: Job) -> Submission:
        """Of a job, as it is stored."""
        name = self.now(job).submission
        assert name is not None
        return self.records.submission(name)

    def in_batch(self, job: Job) -> BatchJob:
        """What Batch has for a job."""
        submission = self.submission(job)
        assert submission.engine_id is not None
        index = f":{submission.jobs.index(job.id)}" if len(submission.jobs) > 1 else ""
        return self.batch.job(f"{submission.engine_id}{index}")

    def pass_(self, **by: float) -> None:
        """Let time go by."""
        self.clock.sleep(timedelta(**by).total_seconds())

    def settle_down(self) -> None:
        """Wait until Batch has moved all that it can."""
        moving = {Status.SUBMITTED, Status.PENDING, Status.STARTING}
        assert self.batch.wait_until(lambda: not any(j.status in moving for j in self.batch.jobs()))

    def run(self, line: str) -> None:
        """Let containers run a line of shell from now on, until all that waits has ended."""
        self.script.write_text(line)
        self.batch.set_parallel(4)
        assert self.batch.wait_until(lambda: all(job.status.has_ended for job in self.batch.jobs()))
        self.batch.set_parallel(0)

    def begin(self, job: Job, line: str = "while :; do sleep 0.05; done") -> Job:
        """Let one container begin and go on, and claim its job as its worker does."""
        self.script.write_text(line)
        one = self.in_batch(job)
        self.batch.set_parallel(1)
        assert self.batch.wait_until(lambda: one.status is Status.RUNNING)
        self.batch.set_parallel(0)
        return self.claim(job.id, one.id)

    def claim(self, job: JobId, engine_job: str, attempt: int = 1) -> Job:
        owner = AttemptOwner(engine="aws-batch", engine_job=engine_job, attempt=attempt, host="h")
        return self.records.claim(job, owner, self.clock.now(), self.clock.now() + LEASE)

    def leave_waiting(self, job: Job) -> None:
        """A worker leaves its job to wait for a minute."""
        now = self.clock.now()
        until = now + timedelta(minutes=1)
        waiting = Waiting(reason=WaitingReason.THROTTLED, since=now, until=until)
        self.records.release(lease_of(job), job.with_(state=JobState.WAITING, waiting=waiting), [])

    def settle(self, job: Job) -> None:
        """A worker ends its job."""
        ended = {"state": JobState.SUCCEEDED, "ended_because": EndedBecause.FINISHED}
        self.records.settle(lease_of(job), job.with_(**ended, ended_at=self.clock.now()), [])

    def told(self, job: Job) -> list[str]:
        """A job's life."""
        return [event.text for event in self.records.events(job.id)]

    def asked(self, operation: str = "*") -> int:
        """How many calls Batch got."""
        return len(self.batch.journal.requests(f"POST /v1/{operation.lower()}"))

    def another_engine(self) -> BatchEngine:
        """The engine of another process."""
        room = WaitingRoom(self.records, self.clock, None, frozenset())
        return BatchEngine(self.records, room, self.clock, PLACE)


@contextmanager
def depot(folder: Path) -> Iterator[Depot]:
    """A store and a stand-in in a folder."""
    script = folder / "script"
    script.write_text("exit 0")
    store = EmbeddedStore(folder / "home")
    clock = SteeredClock()
    host = Host(
        ("/bin/sh", str(script)), {"PATH": "/usr/bin:/bin"}, folder / "logs", grace_seconds=0.5
    )
    catalogue = Catalogue.of(REGION, QUEUE, DEFINITION, CONTAINER)
    with (
        BatchStandin(host, catalogue, parallel=0, log_group=PLACE.log_group) as batch,
        aws_variables(**batch.environment),
    ):
        room = WaitingRoom(store.records, clock, None, frozenset())
        engine = BatchEngine(store.records, room, clock, PLACE)
        try:
            yield Depot(store.records, batch, clock, engine, script)
        finally:
            engine.let_go()
            store.close()

"""Whatever happens in whatever order, the counters are what a recount finds."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codybatch.domain.errors import CodyBatchError
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, Progress
from codybatch.domain.money import NOTHING
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.ports import Partition, PartitionKind, Records
from tests.contracts.examples import (
    ALICE,
    NOON,
    SOON,
    TODAY,
    TOMORROW,
    a_step,
    an_owner,
    capped,
    created,
    lease_of,
    minutes,
    succeeded,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures

ANYBODYS_ACTIONS = ["claim", "take over", "cancel", "put back"]
LEASED_ACTIONS = ["renew", "commit", "reserve", "release", "wait", "settle"]
ACTIONS = [*ANYBODYS_ACTIONS, *LEASED_ACTIONS, "claim", "reserve"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.integers(0, 4),
        st.integers(0, 30),
    ),
    min_size=5,
    max_size=40,
)
MICRO = Decimal("0.000001")
PLACES = itertools.count()


class Walker:
    """Does things to jobs as workers and people do, and remembers what should have been counted."""

    def __init__(self, records: Records) -> None:
        self.records = records
        first = created(records, repositories="acme/a acme/b acme/c", budget=capped("4"))
        second = created(records, NOON + minutes(1), repositories="acme/a acme/d")
        self.requests = [first.request.id, second.request.id]
        self.mine: dict[JobId, Job] = {job.id: job for job in (*first.jobs, *second.jobs)}
        """The jobs as a worker last saw them: its lease may be lost meanwhile."""
        self.counted: dict[JobId, Decimal] = dict.fromkeys(self.mine, NOTHING)
        self.fences: dict[JobId, int] = dict.fromkeys(self.mine, 0)

    def walk(self, action: str, number: int, amount: int) -> None:
        """One step, refused or not."""
        job = self.mine[list(self.mine)[number]]
        act: Callable[[Job, Decimal], None] = getattr(self, "_" + action.replace(" ", "_"))
        if action in ANYBODYS_ACTIONS or job.lease:
            try:
                act(job, Decimal(amount) / 10)
            except CodyBatchError:
                return

    def _claim(self, job: Job, amount: Decimal) -> None:
        owner = an_owner(engine_job=f"e-{amount}")
        self._got(self.records.claim(job.id, owner, NOON, SOON))

    def _take_over(self, job: Job, amount: Decimal) -> None:
        owner = an_owner(engine_job=f"late-{amount}")
        self._got(self.records.claim(job.id, owner, SOON, SOON + minutes(1)))

    def _got(self, job: Job) -> None:
        assert lease_of(job).fence >= self.fences[job.id]
        self.fences[job.id] = lease_of(job).fence
        self.mine[job.id] = job

    def _renew(self, job: Job, amount: Decimal) -> None:
        self.records.renew(lease_of(job), Progress(cost_usd=amount), SOON)

    def _commit(self, job: Job, amount: Decimal) -> None:
        step = a_step(job, int(amount * 10))
        self.records.commit(lease_of(job), job.with_(title=f"Title {amount}"), [step])

    def _reserve(self, job: Job, amount: Decimal) -> None:
        spent = self.counted[job.id] + (amount / 3).quantize(MICRO)
        day = TODAY if amount < 2 else TOMORROW
        self.records.reserve(lease_of(job), amount, spent, day, Decimal(6))
        self.counted[job.id] = spent

    def _release(self, job: Job, amount: Decimal) -> None:
        self._leave(job.with_(state=JobState.QUEUED), amount)

    def _wait(self, job: Job, amount: Decimal) -> None:
        self._leave(waiting(job), amount)

    def _leave(self, job: Job, amount: Decimal) -> None:
        cost = self.counted[job.id] + (amount / 7).quantize(MICRO)
        self.records.release(lease_of(job), job.with_(cost_usd=cost))
        self.counted[job.id] = cost

    def _settle(self, job: Job, amount: Decimal) -> None:
        states = [JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED]
        end = succeeded(job, state=states[int(amount * 10) % 4], cost_usd=amount)
        self.records.settle(lease_of(job), end)
        self.counted[job.id] = amount

    def _cancel(self, job: Job, amount: Decimal) -> None:
        after = self.records.request_cancel(job.id, NOON if amount < 2 else SOON, ALICE)
        if after.state is JobState.CANCELLED:
            self.counted[job.id] = after.cost_usd

    def _put_back(self, job: Job, _: Decimal) -> None:
        self.records.put_back(job.id)

    def check(self) -> None:
        """Compare every counter with a recount."""
        jobs = self.records.list_jobs().items
        assert self.records.job_counts() == counts_of(jobs)
        for state in JobState:
            of_state = self.records.list_jobs(Partition(PartitionKind.STATE, state)).items
            assert of_state == tuple(job for job in jobs if job.state is state)
        for request in self.requests:
            self._check_request([job for job in jobs if job.request == request])
        self._check_days(jobs)
        for job in jobs:
            assert (job.lease is not None) == (job.state is JobState.RUNNING)
            assert (job.waiting is not None) == (job.state is JobState.WAITING)
            assert job.reserved_usd >= 0
            assert job.reserved_usd == 0 or job.state is JobState.RUNNING

    def _check_request(self, jobs: list[Job]) -> None:
        request = self.records.request(jobs[0].request)
        assert request.counts == counts_of(jobs)
        assert request.budget.reserved_usd == sum(job.reserved_usd for job in jobs)
        assert request.budget.spent_usd == sum(self.counted[job.id] for job in jobs)
        assert request in self.records.list_requests().items

    def _check_days(self, jobs: tuple[Job, ...]) -> None:
        days = [self.records.day_budget(day) for day in (TODAY, TOMORROW)]
        assert sum(day.reserved_usd for day in days) == sum(job.reserved_usd for job in jobs)
        assert sum(day.spent_usd for day in days) == sum(self.counted.values())


def counts_of(jobs: tuple[Job, ...] | list[Job]) -> JobCounts:
    """The counts that the jobs really have."""
    return JobCounts(**Counter(job.state.value for job in jobs))


class WalkContract(StoreFixtures):
    @settings(
        max_examples=50,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
            HealthCheck.too_slow,
        ],
    )
    @given(steps=STEPS)
    def test_counters_are_what_a_recount_finds(
        self, tmp_path: Path, steps: list[tuple[str, int, int]]
    ) -> None:
        records = self.make_records(tmp_path / f"walk-{next(PLACES)}")
        walker = Walker(records)

        for step in steps:
            walker.walk(*step)
        walker.check()

        records.check()
        records.close()

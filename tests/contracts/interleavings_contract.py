"""The contract of two workers at once: in whatever order they write, and whatever their clocks say,
nothing is committed twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

import pytest

from codybatch.domain.errors import IllegalTransition, JobEnded, LeaseHeld, LeaseLost, StaleWrite
from codybatch.domain.events import Event, EventKind
from codybatch.domain.jobs import Job, Progress
from codybatch.domain.states import JobState
from codybatch.ports import Records
from tests.contracts.examples import (
    NOON,
    TODAY,
    a_step,
    an_owner,
    capped,
    lease_of,
    minutes,
    queued,
    succeeded,
    usd,
)
from tests.contracts.fixtures import StoreFixtures

CALLS = ("claim", "reserve", "commit", "renew", "settle")
"""What a worker does to a job, one after the other."""
ORDERS = tuple(
    "".join("A" if place in places else "B" for place in range(2 * len(CALLS)))
    for places in combinations(range(2 * len(CALLS)), len(CALLS))
)
"""Every order in which two workers can come to theirs: 252; where not all are tried, each clock has
others."""
JUMPS = (timedelta(0), timedelta(hours=2), -timedelta(hours=2))
"""By how much the second worker's clock goes wrong."""
LEASE = minutes(1)
GONE = (LeaseHeld, LeaseLost, JobEnded, IllegalTransition, StaleWrite)
"""How a worker learns that the job is another's."""


class Worker:
    """One attempt at a job; it leaves at the first sign that it has lost the job."""

    def __init__(self, name: str, records: Records, job: Job, now: datetime) -> None:
        self.name = name
        self.records = records
        self.job = job
        self.now = now
        self.settled = False
        self.left = False
        self._calls = iter(CALLS)

    def go_on(self) -> None:
        """Make the next call."""
        call = next(self._calls)
        if not self.left:
            try:
                getattr(self, f"_{call}")()
            except GONE:
                self.left = True

    def _claim(self) -> None:
        owner = an_owner(engine_job=self.name)
        self.job = self.records.claim(self.job.id, owner, self.now, self.now + LEASE)

    def _reserve(self) -> None:
        lease, spent = lease_of(self.job), self.job.cost_usd
        assert self.records.reserve(lease, usd("0.5"), spent, TODAY, None).granted

    def _commit(self) -> None:
        done = len(self.records.steps(self.job.id))
        cost = self.job.cost_usd + usd("0.2")
        changed = self.job.with_(cost_usd=cost)
        self.records.commit(lease_of(self.job), changed, [a_step(self.job, done)])
        self.job = changed

    def _renew(self) -> None:
        self.records.renew(lease_of(self.job), Progress(), self.now + LEASE)

    def _settle(self) -> None:
        event = Event(at=NOON, kind=EventKind.ENDED, text=self.name)
        self.records.settle(lease_of(self.job), succeeded(self.job, title=self.name), [event])
        self.settled = True


class InterleavingContract(StoreFixtures):
    @pytest.mark.parametrize("jump", JUMPS, ids=str)
    def test_two_workers_in_every_order_commit_nothing_twice(
        self, records: Records, jump: timedelta
    ) -> None:
        for order in ORDERS[JUMPS.index(jump) :: self.every_order]:
            job = queued(records, budget=capped("5"))
            clocks = {"A": NOON, "B": NOON + jump}
            two = {
                name: Worker(f"{order}-{name}", records, job, now) for name, now in clocks.items()
            }

            for name in order:
                two[name].go_on()

            _check(records, job, list(two.values()), order)


def _check(records: Records, job: Job, workers: list[Worker], order: str) -> None:
    found = records.job(job.id)
    (winner,) = [worker.name for worker in workers if worker.settled]
    assert found.state is JobState.SUCCEEDED, order
    sequences = [step.sequence for step in records.steps(job.id)]
    assert sequences == list(range(len(sequences))), order
    ended = [one.text for one in records.events(job.id) if one.kind is EventKind.ENDED]
    assert ended == [winner] == [found.title], order
    budget = records.request(job.request).budget
    assert budget.spent_usd == found.cost_usd > 0, order
    assert budget.reserved_usd == 0, order
    fences = [step.fence for step in records.steps(job.id)]
    assert fences == sorted(fences), order

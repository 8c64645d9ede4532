"""Whatever happens in whatever order, the counters are what a recount finds."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codybatch.domain.errors import CodyBatchError
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, Progress
from codybatch.domain.money import NOTHING
from codybatch.domain.publication import Publication, PublicationKind
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.domain.tallies import Tally, total
from codybatch.ports import FlagCounts, Partition, PartitionKind, Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    TODAY,
    TOMORROW,
    a_patch,
    a_step,
    a_verdict,
    an_owner,
    capped,
    created,
    lease_of,
    minutes,
    succeeded,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures

ANYBODYS_ACTIONS = ["claim", "take over", "cancel", "put back", "judge", "withdraw"]
LEASED_ACTIONS = ["renew", "commit", "reserve", "release", "wait", "settle"]
ACTIONS = [*ANYBODYS_ACTIONS, *LEASED_ACTIONS, "claim", "reserve", "settle", "judge"]
RATERS = (ALICE, BOB)
WITHHELD = Publication(kind=PublicationKind.WITHHELD)
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
        tenths = int(amount * 10)
        end = succeeded(
            job,
            state=states[tenths % 4],
            cost_usd=amount,
            patch=a_patch() if tenths % 3 else None,
            publication=WITHHELD if tenths % 5 == 1 else Publication(),
            were_changes_necessary=(True, False, None)[tenths % 3],
            ended_at=SOON if tenths < 15 else SOON + timedelta(days=1),
        )
        self.records.settle(lease_of(job), end)
        self.counted[job.id] = amount

    def _cancel(self, job: Job, amount: Decimal) -> None:
        after = self.records.request_cancel(job.id, NOON if amount < 2 else SOON, ALICE)
        if after.state is JobState.CANCELLED:
            self.counted[job.id] = after.cost_usd

    def _put_back(self, job: Job, _: Decimal) -> None:
        self.records.put_back(job.id)

    def _judge(self, job: Job, amount: Decimal) -> None:
        tenths = int(amount * 10)
        decision = Decision.ACCEPT if tenths % 3 else Decision.REJECT
        at = NOON if tenths < 15 else NOON + timedelta(days=1)
        self.records.put_verdict(a_verdict(job, RATERS[tenths % 2], decision=decision, at=at))

    def _withdraw(self, job: Job, amount: Decimal) -> None:
        self.records.withdraw_verdict(job.id, RATERS[int(amount * 10) % 2])

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
        self._check_flags(jobs)
        self._check_tallies(jobs)
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

    def _check_flags(self, jobs: tuple[Job, ...]) -> None:
        lists = {
            PartitionKind.UNJUDGED: [
                job for job in jobs if job.has_result and not self.records.verdicts(job.id)
            ],
            PartitionKind.WITHHELD: [job for job in jobs if job.is_withheld],
        }
        for kind, expected in lists.items():
            assert self.records.list_jobs(Partition(kind)).items == tuple(expected)
        assert self.records.flag_counts() == FlagCounts(0, *map(len, lists.values()))

    def _check_tallies(self, jobs: tuple[Job, ...]) -> None:
        ended = [job for job in jobs if job.state.is_terminal]
        verdicts = [verdict for job in jobs for verdict in self.records.verdicts(job.id)]
        tallies = self.records.day_tallies(TODAY, TOMORROW + timedelta(days=1))
        by_day = {day.day: day.tally for day in tallies}
        for day in (TODAY, TOMORROW):
            assert by_day.get(day, Tally()) == recounted(
                [job for job in ended if job.ended_at and job.ended_at.date() == day],
                [verdict for verdict in verdicts if verdict.at.date() == day],
            )
        of_prompt = total(self.records.prompt_tallies("update"))
        assert of_prompt == total(tallies) == recounted(ended, verdicts)

    def _check_days(self, jobs: tuple[Job, ...]) -> None:
        days = [self.records.day_budget(day) for day in (TODAY, TOMORROW)]
        assert sum(day.reserved_usd for day in days) == sum(job.reserved_usd for job in jobs)
        assert sum(day.spent_usd for day in days) == sum(self.counted.values())


def counts_of(jobs: tuple[Job, ...] | list[Job]) -> JobCounts:
    """The counts that the jobs really have."""
    return JobCounts(**Counter(job.state.value for job in jobs))


def recounted(ended: list[Job], verdicts: list[Verdict]) -> Tally:
    """The tally that ended jobs and verdicts really have."""
    said = Counter(job.were_changes_necessary for job in ended)
    decided = Counter(verdict.decision for verdict in verdicts)
    return Tally(
        **Counter(job.state.value for job in ended),
        changes_necessary=said[True],
        changes_unnecessary=said[False],
        cost_usd=sum((job.cost_usd for job in ended), NOTHING),
        accepted=decided[Decision.ACCEPT],
        rejected=decided[Decision.REJECT],
    )


class WalkContract(StoreFixtures):
    def test_counters_are_what_a_recount_finds(self, tmp_path: Path) -> None:
        @settings(
            max_examples=self.walks,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(steps=STEPS)
        def walk(steps: list[tuple[str, int, int]]) -> None:
            records = self.make_records(tmp_path / f"walk-{next(PLACES)}")
            walker = Walker(records)

            for step in steps:
                walker.walk(*step)
            walker.check()

            records.check()
            records.close()

        walk()

"""The contract of tallies: counted once with each change, and counted back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from codybatch.domain.errors import LeaseLost
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import PromptRef
from codybatch.domain.states import JobState
from codybatch.domain.tallies import DayTally, PromptTally, Tally, total
from codybatch.ports import Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    TODAY,
    TOMORROW,
    a_verdict,
    claimed,
    lease_of,
    minutes,
    queued,
    reserve,
    running,
    settled,
    succeeded,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures

DAY = timedelta(days=1)
REJECT = Decision.REJECT


def tally_of(records: Records) -> Tally:
    """What is counted of two days, which must be what is counted of the prompt."""
    days = total(records.day_tallies(TODAY, TOMORROW + DAY))
    assert days == total(records.prompt_tallies("update"))
    return days


class DayTallyContract(StoreFixtures):
    def test_nothing_is_counted_before_a_job_ends(self, records: Records) -> None:
        job = running(records)
        records.commit(lease_of(job), job.with_(were_changes_necessary=True, cost_usd=usd("1")))
        records.release(lease_of(job), waiting(job))
        queued(records, NOON + minutes(1))

        assert tally_of(records) == Tally()
        assert records.prompt_tallies("update") == ()

    @pytest.mark.parametrize("state", ["succeeded", "partial", "failed", "cancelled"])
    def test_a_settled_job_is_counted_once(self, records: Records, state: str) -> None:
        job = running(records)
        lease = lease_of(job)
        settled(records, job, state=JobState(state), cost_usd=usd("0.5"))

        with pytest.raises(LeaseLost):
            records.settle(lease, succeeded(job, cost_usd=usd("9")))
        records.update_job(records.job(job.id))
        records.request_cancel(job.id, NOON, ALICE)

        assert tally_of(records) == Tally(**{state: 1}, cost_usd=usd("0.5"))

    def test_a_job_that_is_cancelled_at_once_is_counted_with_its_cost(
        self, records: Records
    ) -> None:
        job = running(records)
        records.release(lease_of(job), waiting(job, cost_usd=usd("0.25")))
        at_work = running(records, at=NOON + minutes(1))

        for one in (job, job, at_work):
            records.request_cancel(one.id, NOON, ALICE)

        assert tally_of(records) == Tally(cancelled=1, cost_usd=usd("0.25"))

    def test_what_jobs_said_of_changes_is_counted(self, records: Records) -> None:
        for number, said in enumerate((True, False, None, True)):
            job = running(records, at=NOON + minutes(number))
            settled(records, job, were_changes_necessary=said)

        counted = tally_of(records)

        assert (counted.changes_necessary, counted.changes_unnecessary) == (2, 1)

    def test_a_job_is_counted_on_the_day_of_its_end(self, records: Records) -> None:
        for ended_at in (NOON, NOON + DAY, NOON + DAY + minutes(719)):
            settled(records, running(records), ended_at=ended_at)

        days = records.day_tallies(TODAY, TOMORROW + DAY)

        assert days == (
            DayTally(day=TODAY, tally=Tally(succeeded=1)),
            DayTally(day=TOMORROW, tally=Tally(succeeded=2)),
        )

    def test_days_are_those_of_the_range_oldest_first(self, records: Records) -> None:
        for number in (3, 0, 1):
            settled(records, running(records), ended_at=NOON + number * DAY)
        ranges = {
            (TODAY, TODAY): [],
            (TODAY, TOMORROW): [0],
            (TODAY, TODAY + 3 * DAY): [0, 1],
            (TOMORROW, TODAY + 30 * DAY): [1, 3],
            (TODAY - 9 * DAY, TODAY): [],
        }

        found = {bounds: [day.day for day in records.day_tallies(*bounds)] for bounds in ranges}

        assert found == {
            bounds: [TODAY + number * DAY for number in numbers]
            for bounds, numbers in ranges.items()
        }

    def test_what_was_spent_on_a_day_stands_beside_what_ended_on_it(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")
        reserve(records, job, "1", spent="0.75")

        spent = records.day_tallies(TODAY, TOMORROW)
        records.settle(lease_of(job), succeeded(job, cost_usd=usd("0.75"), ended_at=NOON + DAY))

        assert spent == (DayTally(day=TODAY, spent_usd=usd("0.75")),)
        assert records.day_tallies(TODAY, TOMORROW + DAY) == (
            *spent,
            DayTally(day=TOMORROW, tally=Tally(succeeded=1, cost_usd=usd("0.75"))),
        )

    def test_a_verdict_is_counted_on_its_day_and_counted_back(self, records: Records) -> None:
        job = settled(records, running(records))

        def accepted_and_rejected() -> list[tuple[int, int]]:
            days = {one.day: one.tally for one in records.day_tallies(TODAY, TOMORROW + DAY)}
            both = [days.get(day, Tally()) for day in (TODAY, TOMORROW)]
            assert tally_of(records).judged == sum(one.judged for one in both)
            return [(one.accepted, one.rejected) for one in both]

        records.put_verdict(a_verdict(job, ALICE))
        seen = [accepted_and_rejected()]
        records.put_verdict(a_verdict(job, BOB, decision=REJECT))
        seen.append(accepted_and_rejected())
        records.put_verdict(a_verdict(job, ALICE, decision=REJECT, at=NOON + DAY))
        seen.append(accepted_and_rejected())
        records.put_verdict(a_verdict(job, ALICE, decision=REJECT, at=NOON + DAY, comment="No."))
        seen.append(accepted_and_rejected())
        records.withdraw_verdict(job.id, ALICE)
        records.withdraw_verdict(job.id, ALICE)
        seen.append(accepted_and_rejected())
        records.withdraw_verdict(job.id, BOB)

        assert seen == [
            [(1, 0), (0, 0)],
            [(1, 1), (0, 0)],
            [(0, 1), (0, 1)],
            [(0, 1), (0, 1)],
            [(0, 1), (0, 0)],
        ]
        assert tally_of(records) == Tally(succeeded=1)

    def test_a_day_on_which_all_was_counted_back_is_none(self, records: Records) -> None:
        job = queued(records)
        records.put_verdict(a_verdict(job))
        records.withdraw_verdict(job.id, ALICE)

        assert records.day_tallies(TODAY, TOMORROW) == ()
        assert records.prompt_tallies("update") == ()

    def test_people_who_judge_at_once_are_all_counted(self, records: Records) -> None:
        job = settled(records, running(records))
        verdicts = [
            a_verdict(job, Person(f"rater-{number % 8}"), decision=decision)
            for number in range(16)
            for decision in Decision
        ]

        with ThreadPoolExecutor(8) as judges:
            list(judges.map(records.put_verdict, verdicts))

        kept = [verdict.decision for verdict in records.verdicts(job.id)]
        counted = tally_of(records)
        assert (counted.accepted, counted.rejected) == (
            kept.count(Decision.ACCEPT),
            kept.count(REJECT),
        )
        assert counted.judged == 8


class PromptTallyContract(StoreFixtures):
    def ended(self, records: Records, name: str, version: int, **changes: object) -> Job:
        prompt = PromptRef(name=name, version=version)
        return settled(records, running(records, prompt=prompt), **changes)

    def test_a_version_has_its_own_newest_first(self, records: Records) -> None:
        for version, cost in ((1, "0.1"), (2, "0.2"), (1, "0.30")):
            self.ended(records, "update", version, cost_usd=usd(cost))
        self.ended(records, "update-more", 7)

        assert records.prompt_tallies("update") == (
            PromptTally(version=2, tally=Tally(succeeded=1, cost_usd=usd("0.2"))),
            PromptTally(version=1, tally=Tally(succeeded=2, cost_usd=usd("0.4"))),
        )
        assert records.prompt_tallies("update-more") == (
            PromptTally(version=7, tally=Tally(succeeded=1)),
        )
        assert records.prompt_tallies("other") == ()

    def test_verdicts_are_the_versions_whose_job_it_is(self, records: Records) -> None:
        first, second = (self.ended(records, "update", version) for version in (1, 2))
        records.put_verdict(a_verdict(first))
        records.put_verdict(a_verdict(second, decision=REJECT))

        tallies = {one.version: one.tally for one in records.prompt_tallies("update")}

        assert (tallies[1].acceptance, tallies[2].acceptance) == (1, 0)

    def test_costs_are_summed_exactly(self, records: Records) -> None:
        cost = Decimal("0.33333333333333333333333333333")
        for _ in range(3):
            self.ended(records, "update", 1, cost_usd=cost)

        (counted,) = records.prompt_tallies("update")

        assert counted.tally.cost_usd == Decimal("0.99999999999999999999999999999")

    def test_jobs_that_end_at_once_are_all_counted(self, records: Records) -> None:
        jobs = [
            claimed(records, queued(records, NOON + minutes(number)).id) for number in range(12)
        ]

        def end(job: Job) -> None:
            records.settle(lease_of(job), succeeded(job, cost_usd=usd("0.1"), ended_at=SOON))

        with ThreadPoolExecutor(6) as workers:
            list(workers.map(end, jobs))

        assert tally_of(records) == Tally(succeeded=12, cost_usd=usd("1.2"))

"""The contract of what jobs give back, and of budgets over midnight."""

from __future__ import annotations

from datetime import timedelta

import pytest

from codybatch.domain.states import JobState
from codybatch.ports import BudgetScope, Records
from tests.contracts.budgets_contract import held, of_day, of_request, refused
from tests.contracts.examples import (
    ALICE,
    NOON,
    SOON,
    TODAY,
    TOMORROW,
    an_owner,
    capped,
    claimed,
    lease_of,
    queued,
    reserve,
    running,
    settled,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures

NEXT_DAY = SOON + timedelta(days=1)


class DayChangeContract(StoreFixtures):
    def test_what_was_spent_counts_on_the_day_it_was_set_aside_for(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1", day=TODAY)

        reserve(records, job, "0.5", spent="0.4", day=TOMORROW)

        assert of_day(records, TODAY) == ("0.4", "0")
        assert of_day(records, TOMORROW) == ("0", "1.1")
        assert of_request(records, job) == ("0.4", "1.1")

    def test_what_moves_to_the_new_day_must_fit_there(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1", day=TODAY)

        answer = reserve(records, job, "0.5", spent="0.4", day=TOMORROW, daily_cap="1")

        assert answer == refused(BudgetScope.DAY, "1")
        assert of_day(records, TODAY) == ("0.4", "0.6")
        assert of_day(records, TOMORROW) == ("0", "0")

    def test_a_job_that_ends_the_next_day_spent_on_the_day_it_had_reserved(
        self, records: Records
    ) -> None:
        job = running(records)
        reserve(records, job, "1", day=TODAY)

        settled(records, job, cost_usd=usd("0.7"), ended_at=NEXT_DAY)

        assert of_day(records, TODAY) == ("0.7", "0")
        assert of_day(records, TOMORROW) == ("0", "0")

    def test_a_job_that_reserved_nothing_spent_on_the_day_it_ended(self, records: Records) -> None:
        job = running(records)

        settled(records, job, cost_usd=usd("0.7"), ended_at=NEXT_DAY)

        assert of_day(records, TOMORROW) == of_request(records, job) == ("0.7", "0")


class GiveBackContract(StoreFixtures):
    def test_a_settlement_counts_the_cost_and_gives_back_the_rest(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")

        settled(records, job, cost_usd=usd("0.7"))

        assert of_request(records, job) == of_day(records) == ("0.7", "0")
        assert held(records, job) == "0"

    def test_a_settlement_counts_only_what_was_not_counted_yet(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")
        reserve(records, job, "1", spent="0.6")

        settled(records, job, cost_usd=usd("0.9"))

        assert of_request(records, job) == of_day(records) == ("0.9", "0")

    def test_a_cost_beyond_what_was_held_counts_whole(self, records: Records) -> None:
        job = running(records, budget=capped("1"))
        reserve(records, job, "1")

        settled(records, job, cost_usd=usd("1.2"))

        assert of_request(records, job) == of_day(records) == ("1.2", "0")

    def test_a_cost_below_what_was_counted_takes_the_rest_back(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")
        reserve(records, job, "1", spent="0.6")

        settled(records, job, cost_usd=usd("0.5"))

        assert of_request(records, job) == of_day(records) == ("0.5", "0")

    def test_the_next_attempt_inherits_an_orphaned_reservation(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")

        second = records.claim(job.id, an_owner(attempt=2), NOON, SOON)
        reserve(records, second, "0.5", spent="0.3")

        assert second.reserved_usd == usd("1")
        assert of_request(records, job) == of_day(records) == ("0.3", "1.2")

    def test_an_orphaned_reservation_is_given_back_at_settlement(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")
        second = records.claim(job.id, an_owner(attempt=2), NOON, SOON)

        settled(records, second, cost_usd=usd("0.3"))

        assert of_request(records, job) == of_day(records) == ("0.3", "0")

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.WAITING])
    def test_a_job_that_is_left_keeps_nothing_and_its_cost_counts(
        self, records: Records, state: JobState
    ) -> None:
        job = running(records)
        reserve(records, job, "1")

        records.release(lease_of(job), waiting(job).with_(state=state, cost_usd=usd("0.4")))

        assert of_request(records, job) == of_day(records) == ("0.4", "0")
        assert held(records, job) == "0"

    def test_the_attempt_after_a_release_counts_from_there(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")
        records.release(lease_of(job), job.with_(state=JobState.QUEUED, cost_usd=usd("0.4")))
        second = claimed(records, job.id, attempt=2)

        reserve(records, second, "1", spent="0.6", day=TOMORROW)
        settled(records, second, cost_usd=usd("0.9"))

        assert of_request(records, job) == ("0.9", "0")
        assert of_day(records, TODAY) == ("0.4", "0")
        assert of_day(records, TOMORROW) == ("0.5", "0")

    @pytest.mark.parametrize("state", [JobState.QUEUED, JobState.WAITING])
    def test_a_job_cancelled_between_attempts_leaves_its_cost_as_spent(
        self, records: Records, state: JobState
    ) -> None:
        job = running(records)
        reserve(records, job, "1")
        records.release(lease_of(job), waiting(job).with_(state=state, cost_usd=usd("0.4")))

        cancelled = records.request_cancel(job.id, SOON, ALICE)

        assert cancelled.cost_usd == usd("0.4")
        assert of_request(records, job) == of_day(records) == ("0.4", "0")

    def test_a_job_that_was_created_with_a_cost_counts_it_when_it_is_cancelled(
        self, records: Records
    ) -> None:
        job = queued(records, job={"cost_usd": usd("0.4")})

        records.request_cancel(job.id, SOON, ALICE)

        assert of_request(records, job) == of_day(records) == ("0.4", "0")

    def test_the_wish_to_cancel_a_running_job_leaves_its_reservation(
        self, records: Records
    ) -> None:
        job = running(records)
        reserve(records, job, "1")

        asked = records.request_cancel(job.id, SOON, ALICE)

        assert asked.reserved_usd == usd("1")
        assert of_request(records, job) == of_day(records) == ("0", "1")

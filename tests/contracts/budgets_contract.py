"""The contract of budgets: what is set aside, spent and given back, to the last digit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.ports import BudgetScope, Records, Reservation
from tests.contracts.examples import (
    NOON,
    TODAY,
    TOMORROW,
    capped,
    claimed,
    created,
    minutes,
    reserve,
    running,
    settled,
    usd,
)
from tests.contracts.fixtures import StoreFixtures

GRANTED = Reservation(granted=True)


def refused(by: BudgetScope, cap: str, *, only_reserved: bool = False) -> Reservation:
    """A refusal names the cap as it was: a job that waits for a higher one compares with it."""
    return Reservation(False, by, only_reserved, usd(cap))


def of_request(records: Records, job: Job) -> tuple[str, str]:
    """What the job's request has spent and reserved."""
    return _figures(records.request(job.request).budget)


def of_day(records: Records, day: date = TODAY) -> tuple[str, str]:
    """What was spent and is reserved on a day."""
    return _figures(records.day_budget(day))


def held(records: Records, job: Job) -> str:
    """What the job holds."""
    return f"{records.job(job.id).reserved_usd.normalize():f}"


def _figures(budget: Budget) -> tuple[str, str]:
    return f"{budget.spent_usd.normalize():f}", f"{budget.reserved_usd.normalize():f}"


def two_running(records: Records, cap: str | None = None) -> tuple[Job, Job]:
    """Two running jobs of one request."""
    made = created(records, repositories="acme/api acme/web", budget=capped(cap))
    first, second = (claimed(records, job.id) for job in made.jobs)
    return first, second


class ReserveContract(StoreFixtures):
    def test_a_day_of_which_nothing_is_known_has_nothing_spent(self, records: Records) -> None:
        assert records.day_budget(TODAY) == Budget()

    def test_an_amount_is_set_aside_of_request_and_day(self, records: Records) -> None:
        job = running(records)

        assert reserve(records, job, "1.5") == GRANTED

        assert of_request(records, job) == of_day(records) == ("0", "1.5")
        assert held(records, job) == "1.5"
        assert of_day(records, TOMORROW) == ("0", "0")

    def test_a_second_amount_comes_on_top(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1.5")

        reserve(records, job, "1")

        assert of_request(records, job) == of_day(records) == ("0", "2.5")
        assert held(records, job) == "2.5"

    def test_what_was_spent_is_taken_from_what_is_held(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")

        reserve(records, job, "0.5", spent="0.3")

        assert of_request(records, job) == of_day(records) == ("0.3", "1.2")
        assert held(records, job) == "1.2"

    def test_what_was_spent_beyond_what_is_held_counts_too(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "1")

        reserve(records, job, "2", spent="1.5")

        assert of_request(records, job) == of_day(records) == ("1.5", "2")

    def test_what_was_spent_with_nothing_held_counts_on_the_day_asked(
        self, records: Records
    ) -> None:
        job = running(records)

        reserve(records, job, "1", spent="0.25", day=TOMORROW)

        assert of_day(records, TOMORROW) == of_request(records, job) == ("0.25", "1")
        assert of_day(records) == ("0", "0")

    def test_what_was_spent_is_all_so_far_and_counts_once(self, records: Records) -> None:
        job = running(records)
        for spent in ("0.3", "0.3", "0.7", "0.7"):
            reserve(records, job, "1", spent=spent)

        assert of_request(records, job) == of_day(records) == ("0.7", "3.6")

    def test_what_was_spent_beyond_what_is_held_leaves_less_room_at_once(
        self, records: Records
    ) -> None:
        first, second = running(records, budget=capped("3")), running(records, at=NOON + minutes(1))
        reserve(records, first, "1")
        reserve(records, second, "1")

        by_request = reserve(records, first, "1", spent="2.5")
        by_day = reserve(records, second, "1", spent="2.5", daily_cap="5.5")

        assert by_request == refused(BudgetScope.REQUEST, "3")
        assert by_day == refused(BudgetScope.DAY, "5.5")

    def test_money_is_exact(self, records: Records) -> None:
        job = running(records, budget=capped("0.3"))

        assert reserve(records, job, "0.1", daily_cap="0.3") == GRANTED
        assert reserve(records, job, "0.2", daily_cap="0.3") == GRANTED
        assert reserve(records, job, "0.0000000001") == refused(BudgetScope.REQUEST, "0.3")
        settled(records, job, cost_usd=usd("0.1234567891234"))

        assert of_request(records, job) == of_day(records) == ("0.1234567891234", "0")
        assert records.job(job.id).cost_usd == usd("0.1234567891234")

    def test_the_requests_cap_refuses_what_does_not_fit(self, records: Records) -> None:
        job = running(records, budget=capped("2"))

        assert reserve(records, job, "2.01") == refused(BudgetScope.REQUEST, "2")
        assert of_request(records, job) == of_day(records) == ("0", "0")
        assert reserve(records, job, "2") == GRANTED

    def test_a_job_that_spent_the_requests_cap_is_refused(self, records: Records) -> None:
        job = running(records, budget=capped("2"))
        reserve(records, job, "1.5")

        answer = reserve(records, job, "0.6", spent="1.5")

        assert answer == refused(BudgetScope.REQUEST, "2")
        assert of_request(records, job) == of_day(records) == ("1.5", "0")
        assert held(records, job) == "0"

    def test_others_reservations_are_worth_waiting_for(self, records: Records) -> None:
        first, second = two_running(records, cap="2")
        reserve(records, first, "1.5")

        before = reserve(records, second, "1")
        settled(records, first, cost_usd=usd("0.2"))
        after = reserve(records, second, "1")

        assert before == refused(BudgetScope.REQUEST, "2", only_reserved=True)
        assert after == GRANTED
        assert of_request(records, second) == ("0.2", "1")

    def test_what_others_spent_is_not_worth_waiting_for(self, records: Records) -> None:
        first, second = two_running(records, cap="2")
        settled(records, first, cost_usd=usd("1.5"))

        assert reserve(records, second, "1") == refused(BudgetScope.REQUEST, "2")

    def test_ones_own_reservation_is_not_worth_waiting_for(self, records: Records) -> None:
        job = running(records, budget=capped("2"))
        reserve(records, job, "1.5")

        assert reserve(records, job, "1") == refused(BudgetScope.REQUEST, "2")
        assert held(records, job) == "1.5"

    def test_a_raised_cap_lets_a_job_go_on(self, records: Records) -> None:
        job = running(records, budget=capped("1"))
        assert not reserve(records, job, "2").granted

        records.update_request(records.request(job.request).with_(budget=capped("2")))

        assert reserve(records, job, "2") == GRANTED

    def test_the_days_cap_holds_over_all_requests(self, records: Records) -> None:
        first, second = running(records), running(records, at=NOON + minutes(1))
        reserve(records, first, "3", daily_cap="5")

        waits = reserve(records, second, "2.5", daily_cap="5")
        never = reserve(records, second, "5.5", daily_cap="5")

        assert waits == refused(BudgetScope.DAY, "5", only_reserved=True)
        assert never == refused(BudgetScope.DAY, "5")
        assert of_request(records, second) == ("0", "0")
        assert of_day(records) == ("0", "3")
        assert reserve(records, second, "2", daily_cap="5") == GRANTED

    def test_the_days_cap_is_the_one_that_is_given(self, records: Records) -> None:
        job = running(records)
        reserve(records, job, "3", daily_cap="3")

        assert not reserve(records, job, "1", daily_cap="3").granted
        assert reserve(records, job, "1", daily_cap="4") == GRANTED
        assert reserve(records, job, "100", daily_cap=None) == GRANTED

    def test_a_new_day_has_its_whole_cap(self, records: Records) -> None:
        first, second = running(records), running(records, at=NOON + minutes(1))
        reserve(records, first, "3", daily_cap="3")

        assert not reserve(records, second, "1", day=TODAY, daily_cap="3").granted
        assert reserve(records, second, "3", day=TOMORROW, daily_cap="3") == GRANTED

    def test_a_cap_that_never_yields_refuses_before_one_that_might(self, records: Records) -> None:
        first, second = two_running(records, cap="4")
        reserve(records, first, "3")

        answer = reserve(records, second, "2", daily_cap="1")

        assert answer == refused(BudgetScope.DAY, "1")

    def test_the_requests_cap_is_named_first_where_both_refuse_alike(
        self, records: Records
    ) -> None:
        job = running(records, budget=capped("1"))

        assert reserve(records, job, "2", daily_cap="1") == refused(BudgetScope.REQUEST, "1")

    def test_a_refusal_changes_nothing_but_what_was_spent(self, records: Records) -> None:
        job = running(records, budget=capped("2"))
        reserve(records, job, "1")
        before = records.job(job.id)

        same = reserve(records, job, "5")
        unchanged = records.job(job.id)
        counted = reserve(records, job, "5", spent="0.4")

        assert same == counted == refused(BudgetScope.REQUEST, "2")
        assert unchanged == before
        assert of_request(records, job) == of_day(records) == ("0.4", "0.6")
        assert held(records, job) == "0.6"

    def test_threads_that_reserve_at_once_never_pass_the_cap(self, records: Records) -> None:
        names = " ".join(f"acme/r{number}" for number in range(8))
        made = created(records, repositories=names, budget=capped("5"))
        jobs = [claimed(records, job.id) for job in made.jobs]

        with ThreadPoolExecutor(8) as workers:
            answers = list(workers.map(lambda job: reserve(records, job, "1"), jobs))

        assert [answer.granted for answer in answers].count(True) == 5
        assert of_request(records, jobs[0]) == of_day(records) == ("0", "5")

"""The arithmetic of budgets, whatever the amounts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.money import Budget
from codybatch.stores.accounts import Postings, close, reserve
from codybatch.stores.stored_job import Account

FIRST_DAY = date(2026, 3, 1)
AMOUNTS = st.decimals(0, 10, places=6).flatmap(
    lambda amount: st.sampled_from([amount, amount / 3, amount / 7])
)
"""Also amounts that fill all the digits a number usually has."""
DAYS = st.integers(0, 2).map(lambda number: FIRST_DAY + timedelta(days=number))
RESERVATIONS = st.lists(st.tuples(AMOUNTS, AMOUNTS, DAYS), max_size=8)
CAPS = st.none() | AMOUNTS


def posted(budget: Budget, postings: Postings, day: date | None = None) -> Budget:
    for posting in postings:
        budget = posting.added_to(budget) if day in {None, posting.day} else budget
    return budget


@given(RESERVATIONS, AMOUNTS, CAPS, CAPS)
def test_after_a_settlement_the_cost_is_spent_and_nothing_is_reserved(
    reservations: list[tuple[Decimal, Decimal, date]],
    cost: Decimal,
    request_cap: Decimal | None,
    daily_cap: Decimal | None,
) -> None:
    account, every = Account(), Postings()
    for amount, spent, day in reservations:
        request = posted(Budget(cap_usd=request_cap), every)
        today = posted(Budget(cap_usd=daily_cap), every, day)
        _, account, postings = reserve(account, request, today, amount=amount, spent=spent, day=day)
        every += postings
    account, postings = close(account, cost, FIRST_DAY)
    every += postings

    total = posted(Budget(), every)
    days = [posted(Budget(), every, FIRST_DAY + timedelta(days=number)) for number in range(3)]
    assert account == Account(counted=cost)
    assert total == Budget(spent_usd=cost)
    with localcontext(prec=60):
        assert sum(day.spent_usd for day in days) == cost
    assert [day.reserved_usd for day in days] == [0, 0, 0]


@given(RESERVATIONS, AMOUNTS, AMOUNTS)
def test_no_reservation_passes_a_cap(
    reservations: list[tuple[Decimal, Decimal, date]], request_cap: Decimal, daily_cap: Decimal
) -> None:
    account, every = Account(), Postings()
    for amount, _, day in reservations:
        request = posted(Budget(cap_usd=request_cap), every)
        today = posted(Budget(cap_usd=daily_cap), every, day)
        answer, account, postings = reserve(
            account, request, today, amount=amount, spent=Decimal(0), day=day
        )
        every += postings

        after = posted(Budget(cap_usd=request_cap), every)
        assert after.reserved_usd == account.held <= request_cap
        assert posted(Budget(), every, day).reserved_usd <= daily_cap
        assert answer.granted or not postings

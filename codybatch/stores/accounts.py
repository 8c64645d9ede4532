"""The arithmetic of budgets: what a job sets aside, spends and gives back.

Pure, so that every store counts alike: each function answers with the job's new account and the
postings to add to its request's budget and to the budgets of the days they name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from codybatch.domain.money import EXACT, NOTHING, Budget
from codybatch.ports.lists import BudgetScope, Reservation
from codybatch.stores.stored_job import Account


@dataclass(frozen=True)
class Posting:
    """Amounts (US dollars, of either sign) to add to the request's and to one day's budget."""

    day: date
    spent: Decimal = NOTHING
    reserved: Decimal = NOTHING

    def added_to(self, budget: Budget) -> Budget:
        """``budget`` after this posting."""
        return budget.model_copy(
            update={
                "spent_usd": EXACT.add(budget.spent_usd, self.spent),
                "reserved_usd": EXACT.add(budget.reserved_usd, self.reserved),
            }
        )


Postings = tuple[Posting, ...]


def count_spent(account: Account, cost: Decimal, day: date) -> tuple[Account, Postings]:
    """Count all of ``cost`` as spent: out of what is held, on the day it was set aside for.

    ``cost`` is the job's whole cost so far; ``day`` counts where nothing is held. A cost lower than
    what was counted before takes the difference back.
    """
    change = EXACT.subtract(cost, account.counted)
    if not change:
        return account, ()
    from_held = max(NOTHING, min(change, account.held))
    posting = Posting(account.day or day, spent=change, reserved=from_held.copy_negate())
    held = EXACT.subtract(account.held, from_held)
    return replace(account, held=held, counted=cost), (posting,)


def give_back(account: Account) -> tuple[Account, Postings]:
    """Give back whatever is still held."""
    emptied = Account(counted=account.counted)
    if not account.held or account.day is None:
        return emptied, ()
    return emptied, (Posting(account.day, reserved=account.held.copy_negate()),)


def close(account: Account, cost: Decimal, day: date) -> tuple[Account, Postings]:
    """Count the whole ``cost`` as spent, then give back what is left."""
    counted, spending = count_spent(account, cost, day)
    emptied, returned = give_back(counted)
    return emptied, spending + returned


def reserve(
    account: Account, request: Budget, today: Budget, *, amount: Decimal, spent: Decimal, day: date
) -> tuple[Reservation, Account, Postings]:
    """Count ``spent``, then set ``amount`` aside on ``day`` where both budgets have room."""
    counted, spending = count_spent(account, spent, day)
    for posting in spending:
        request = posting.added_to(request)
        today = posting.added_to(today) if posting.day == day else today
    answer = judge(counted, request, today, amount, day)
    if not answer.granted:
        return answer, counted, spending
    held, reserving = set_aside(counted, amount, day)
    return answer, held, spending + reserving


def set_aside(account: Account, amount: Decimal, day: date) -> tuple[Account, Postings]:
    """Hold ``amount`` more on ``day``; what is held on an earlier day moves there with it."""
    held = replace(account, held=EXACT.add(account.held, amount), day=day)
    if account.day is None or account.day == day or not account.held:
        return held, (Posting(day, reserved=amount),)
    moved = Posting(account.day, reserved=account.held.copy_negate())
    return held, (moved, Posting(day, reserved=held.held))


def judge(
    account: Account, request: Budget, today: Budget, amount: Decimal, day: date
) -> Reservation:
    """Whether ``amount`` may be set aside on ``day``, whose budget is ``today``.

    A cap that leaves no room whatever others give back refuses before one that only waits for them.
    """
    needed = account.held + amount
    moving = account.held if account.day != day else NOTHING
    refusals = [
        Reservation(False, scope, budget.could_hold(needed), budget.cap_usd)
        for scope, budget, asked in (
            (BudgetScope.REQUEST, request, amount),
            (BudgetScope.DAY, today, amount + moving),
        )
        if not budget.holds(asked)
    ]
    return min(refusals, key=lambda refusal: refusal.only_reserved, default=Reservation(True))

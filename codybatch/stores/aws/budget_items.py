"""Budgets of requests and of UTC days, read and posted to.

A request's stands on its head. A day's is spread over items, so that the jobs of a day do not wait
for each other. What lets a day's sum rise goes to one of them, the gate; what lets it fall or
leaves it as it is goes to the shards. So a cap is kept by a condition on the gate alone: the
shards can only have become less since they were read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from codybatch.domain.jobs import Job
from codybatch.domain.money import EXACT, NOTHING, Budget
from codybatch.stores.accounts import Posting, Postings
from codybatch.stores.aws import amounts, keys
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.table import Range
from codybatch.stores.aws.transaction import Transaction

SPENT = "spent"
RESERVED = "reserved"
_SHARDS = (keys.GATE, *(str(shard) for shard in range(keys.BUDGET_SHARDS)))


class DayBudget(NamedTuple):
    """What a day's items say together, and the one that a cap is kept by."""

    budget: Budget
    gate: Item | None


def keys_of(day: date) -> tuple[Key, ...]:
    """The items of a day."""
    return tuple(keys.budget(day, shard) for shard in _SHARDS)


def range_of(day: date) -> Range:
    """The same as a range."""
    return keys.budgets(day, day + timedelta(days=1))


def of_day(day: date, items: Iterable[Item]) -> DayBudget:
    """A day's budget out of its items, without a cap."""
    there = {item.key: item for item in items}
    found = [there[key] for key in keys_of(day) if key in there]
    budget = Budget(
        spent_usd=_sum(amounts.total(item, SPENT) for item in found),
        reserved_usd=_sum(amounts.total(item, RESERVED) for item in found),
    )
    return DayBudget(budget, there.get(keys.budget(day, keys.GATE)))


def spent_by_day(items: Iterable[Item]) -> dict[str, Decimal]:
    """What was spent on days (as in ISO 8601), of those on which anything was."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        day = item.key.sk.rpartition("#")[0]
        found[day] = EXACT.add(found[day], amounts.total(item, SPENT))
    return {day: spent for day, spent in found.items() if spent}


def post(transaction: Transaction, job: Job, postings: Postings) -> None:
    """Add postings to the budgets of a job's request and of the days that they name."""
    head = keys.head(job.request)
    of_days: dict[date, list[Posting]] = defaultdict(list)
    for posting in postings:
        _add(transaction, head, posting)
        of_days[posting.day].append(posting)
    for day, on_it in of_days.items():
        change = _sum(amount for one in on_it for amount in (one.spent, one.reserved))
        shard = str(keys.shard_of(job.id, keys.BUDGET_SHARDS))
        for posting in on_it:
            _add(transaction, keys.budget(day, keys.GATE if change > 0 else shard), posting)


def _add(transaction: Transaction, key: Key, posting: Posting) -> None:
    transaction.add_amount(key, SPENT, posting.spent)
    transaction.add_amount(key, RESERVED, posting.reserved)


def _sum(parts: Iterable[Decimal]) -> Decimal:
    total = NOTHING
    for part in parts:
        total = EXACT.add(total, part)
    return total

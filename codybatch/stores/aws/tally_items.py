"""Tallies of days and of prompt versions: items that rise with what they count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from codybatch.domain.findings import Verdict
from codybatch.domain.jobs import Job
from codybatch.domain.tallies import Tally
from codybatch.stores import tallies
from codybatch.stores.aws import amounts, keys
from codybatch.stores.aws.items import Item
from codybatch.stores.aws.transaction import Transaction

_COST = "cost_usd"
_COUNTS = tuple(name for name in Tally.model_fields if name != _COST)


def count_end(transaction: Transaction, job: Job) -> None:
    """Count a job that ends."""
    _count(transaction, job, tallies.of_end(job), day=tallies.day_of_end(job).isoformat())


def count_verdict(transaction: Transaction, job: Job, verdict: Verdict, times: int = 1) -> None:
    """Count a verdict of a job; with ``times`` -1, count it back."""
    change = Tally().plus(tallies.of_verdict(verdict), times)
    _count(transaction, job, change, day=verdict.at.date().isoformat())


def _count(transaction: Transaction, job: Job, change: Tally, day: str) -> None:
    shard = keys.shard_of(job.id, keys.TALLY_SHARDS)
    for key in (keys.day_tally(day, shard), keys.prompt_tally(job.prompt, shard)):
        for name in _COUNTS:
            transaction.add(key, name, int(getattr(change, name)))
        transaction.add_amount(key, _COST, change.cost_usd)


def summed(items: Iterable[Item]) -> dict[str, Tally]:
    """The tallies of some items by what their sort keys name before the shard, in order."""
    found: dict[str, Tally] = defaultdict(Tally)
    for item in items:
        name = item.key.sk.rpartition("#")[0]
        counts = {field: item.number(field) for field in _COUNTS}
        one = Tally(**counts, cost_usd=amounts.total(item, _COST))
        found[name] = found[name].plus(one)
    return {name: tally for name, tally in found.items() if tally != Tally()}

"""Flags of jobs: the lists that only few jobs are in for long, and how many these are."""

from __future__ import annotations

from codybatch.domain.jobs import Job
from codybatch.stores.aws import keys
from codybatch.stores.aws.items import Key
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.lists import Flags, flags_of
from codybatch.stores.places import place_of_job

ENTRY = "entry"
"""The label of an entry in a list."""
NONE = Flags(open_pull_request=False, unjudged=False, withheld=False)


def change(transaction: Transaction, before: Flags, job: Job, *, is_judged: bool) -> None:
    """Keep the lists and counters of flags in step with a job.

    Args:
        transaction: that changes the job too.
        before: the flags it had.
        job: as it will be.
        is_judged: whether there will be a verdict of anybody.
    """
    after = flags_of(job, is_judged=is_judged)._asdict()
    for flag, was_set in before._asdict().items():
        if after[flag] == was_set:
            continue
        transaction.add(keys.counter(job.id), flag, -1 if was_set else 1)
        for name in _lists(flag, job):
            entry = Key(name, place_of_job(job))
            if was_set:
                transaction.delete(entry)
            else:
                transaction.put(entry, label=ENTRY)


def _lists(flag: str, job: Job) -> tuple[str, ...]:
    """The partitions that list a job with a flag."""
    whole = keys.list_name(flag.upper())
    if flag != "open_pull_request":
        return (whole,)
    return (whole, keys.list_name(flag.upper(), job.repository.full_name.lower()))

"""A job as a store keeps it: the record people read, and what only the store knows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING

STORES_FIELDS = frozenset({"lease", "cancel_requested", "reserved_usd", "version"})
"""The fields of a job that stand beside its document, never in it."""

FIXED_FIELDS = frozenset(
    {
        "id",
        "request",
        "index",
        "request_title",
        "prompt",
        "kind",
        "model",
        "requester",
        "repository",
        "repository_id",
        "commit",
        "base_branch",
        "lineage",
        "cell",
        "created_at",
        "submission",
        "attempts",
        "started_at",
    }
)
"""The fields that a worker reads and never changes: what was asked for, and what a claim set."""

WORKERS_FIELDS = frozenset(Job.model_fields) - STORES_FIELDS - FIXED_FIELDS


@dataclass(frozen=True)
class Account:
    """A job's part of its request's and of a day's budget (US dollars)."""

    held: Decimal = NOTHING
    """What is set aside for it."""
    day: date | None = None
    """The UTC day on which it is; None where nothing is."""
    counted: Decimal = NOTHING
    """How much of its cost the budgets count as spent."""


@dataclass(frozen=True)
class StoredJob:
    """A job with the highest fence it ever had and its account."""

    job: Job
    fence: int = 0
    account: Account = Account()

    def with_job(self, **changes: object) -> StoredJob:
        """The same with some of the job's fields changed (the values are trusted)."""
        return replace(self, job=self.job.model_copy(update=changes))

    def with_workers_part(self, job: Job) -> StoredJob:
        """The same with the worker's fields taken from ``job``."""
        return self.with_job(**{name: getattr(job, name) for name in WORKERS_FIELDS})

    def with_account(self, account: Account) -> StoredJob:
        """The same with another account, also where people see it."""
        return replace(self.with_job(reserved_usd=account.held), account=account)


def new_job(job: Job) -> StoredJob:
    """A job as it is created, whatever its writer put into the store's fields."""
    fresh = {name: Job.model_fields[name].default for name in STORES_FIELDS}
    return StoredJob(job.model_copy(update=fresh))

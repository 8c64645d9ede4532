"""Between records and rows: what is kept as a document, and what in columns."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from codybatch.domain.jobs import Job, Lease
from codybatch.domain.money import Budget
from codybatch.domain.records import Record
from codybatch.domain.requests import JobCounts, Request
from codybatch.domain.states import JobState
from codybatch.stores.embedded import failures
from codybatch.stores.stored_job import STORES_FIELDS, Account, StoredJob

R = TypeVar("R", bound=Record)
Columns = dict[str, str | int | None]

JOB_COLUMNS = (
    "jobs.document, jobs.version, jobs.fence, jobs.lease, jobs.cancel_requested, "
    "jobs.held_usd, jobs.held_day, jobs.counted_usd"
)
REQUEST_COLUMNS = (
    "requests.document, requests.title, requests.released_at, requests.version, "
    "requests.cap_usd, requests.spent_usd, requests.reserved_usd, "
    + ", ".join(f"requests.{state}" for state in JobState)
)


def record(kind: type[R], document: str, connection: sqlite3.Connection) -> R:
    """Read a stored document.

    Raises:
        StoreDamaged: it is not one of this kind.
    """
    try:
        return kind.model_validate_json(document)
    except ValidationError as error:
        reason = f"a stored {kind.__name__.lower()} cannot be read: {error.errors()[0]['msg']}"
        raise failures.damaged(_path_of(connection), reason) from error


def _path_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()["file"])


def stored_job(row: sqlite3.Row, connection: sqlite3.Connection) -> StoredJob:
    """A job out of a row with JOB_COLUMNS, and what only the store knows of it."""
    job = shown_job(row, connection)
    account = Account(
        held=job.reserved_usd,
        day=date.fromisoformat(row["held_day"]) if row["held_day"] else None,
        counted=Decimal(row["counted_usd"]),
    )
    return StoredJob(job, row["fence"], account)


def shown_job(row: sqlite3.Row, connection: sqlite3.Connection) -> Job:
    """A job out of a row with JOB_COLUMNS, as people read it."""
    lease = row["lease"]
    job = record(Job, row["document"], connection)
    # In place, since nobody has seen the record yet: a copy costs a list a third of its time.
    vars(job).update(
        lease=lease and record(Lease, lease, connection),
        cancel_requested=bool(row["cancel_requested"]),
        reserved_usd=Decimal(row["held_usd"]),
        version=row["version"],
    )
    return job


def job_columns(stored: StoredJob) -> Columns:
    """The columns of a job that change; the state is changed with the counters."""
    job, account = stored.job, stored.account
    return {
        "document": job.model_dump_json(by_alias=True, exclude=set(STORES_FIELDS)),
        "version": job.version,
        "fence": stored.fence,
        "lease": job.lease.to_json() if job.lease else None,
        "cancel_requested": int(job.cancel_requested),
        "held_usd": money(account.held),
        "held_day": account.day.isoformat() if account.day else None,
        "counted_usd": money(account.counted),
    }


def request(row: sqlite3.Row, connection: sqlite3.Connection) -> Request:
    """A request out of a row with REQUEST_COLUMNS."""
    released_at = row["released_at"]
    return record(Request, row["document"], connection).model_copy(
        update={
            "title": row["title"],
            "budget": budget(row, amount(row["cap_usd"])),
            "counts": JobCounts(**{state.value: row[state.value] for state in JobState}),
            "released_at": datetime.fromisoformat(released_at) if released_at else None,
            "version": row["version"],
        }
    )


def budget(row: sqlite3.Row, cap: Decimal | None = None) -> Budget:
    """A budget out of a row with ``spent_usd`` and ``reserved_usd``."""
    return Budget(
        cap_usd=cap,
        spent_usd=Decimal(row["spent_usd"]),
        reserved_usd=Decimal(row["reserved_usd"]),
    )


def amount(text: str | None) -> Decimal | None:
    """US dollars out of a column that may be empty."""
    return None if text is None else Decimal(text)


def money(amount: Decimal) -> str:
    """US dollars as exact text."""
    return format(amount, "f")


def insert(connection: sqlite3.Connection, table: str, columns: Columns) -> None:
    """Add a row to one of our tables (names are ours, values are bound)."""
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", columns)  # noqa: S608


def update(connection: sqlite3.Connection, table: str, key: str, columns: Columns) -> None:
    """Change the row with the id ``key`` of one of our tables."""
    changes = ", ".join(f"{name} = :{name}" for name in columns)
    statement = f"UPDATE {table} SET {changes} WHERE id = :row_id"  # noqa: S608
    connection.execute(statement, {**columns, "row_id": key})

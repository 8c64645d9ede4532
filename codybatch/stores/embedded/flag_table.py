"""Flags of jobs: the lists that only few jobs are in for long, and how many these are."""

from __future__ import annotations

import sqlite3

from codybatch.domain.jobs import Job
from codybatch.ports.lists import FlagCounts
from codybatch.stores.embedded import rows
from codybatch.stores.lists import Flags, flags_of

_OF_JOB = (
    f"SELECT {', '.join(Flags._fields)}, "  # noqa: S608
    "EXISTS (SELECT 1 FROM verdicts WHERE job = jobs.id) AS is_judged FROM jobs WHERE id = ?"
)


def add(connection: sqlite3.Connection, job: Job) -> None:
    """Set the flags of a job that was just stored; most have none."""
    if any(flags_of(job, is_judged=False)):
        refresh(connection, job)


def change(connection: sqlite3.Connection, before: Job, after: Job) -> None:
    """Keep the flags in step with a job that changed; most changes leave them alone."""
    if flags_of(before, is_judged=False) != flags_of(after, is_judged=False):
        refresh(connection, after)


def refresh(connection: sqlite3.Connection, job: Job) -> None:
    """Set the flags that a stored job has with the verdicts that there are, and count them."""
    row = connection.execute(_OF_JOB, (job.id,)).fetchone()
    flags = flags_of(job, is_judged=bool(row["is_judged"]))._asdict()
    changed = {name: int(is_set) for name, is_set in flags.items() if row[name] != is_set}
    if changed:
        rows.update(connection, "jobs", job.id, {**changed})
    for name, is_set in changed.items():
        _count(connection, name, 1 if is_set else -1)


def _count(connection: sqlite3.Connection, flag: str, change: int) -> None:
    connection.execute(
        "INSERT INTO flag_counts (flag, jobs) VALUES (?, ?) "
        "ON CONFLICT (flag) DO UPDATE SET jobs = jobs + excluded.jobs",
        (flag, change),
    )


def counts(connection: sqlite3.Connection) -> FlagCounts:
    """How many jobs have each."""
    found = connection.execute("SELECT flag, jobs FROM flag_counts").fetchall()
    return FlagCounts(**{row["flag"]: row["jobs"] for row in found})

"""Reading and writing job rows, with everything that is kept in step with them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.stores.accounts import Postings
from codybatch.stores.embedded import (
    budget_table,
    flag_table,
    queries,
    rows,
    tally_table,
    word_table,
)
from codybatch.stores.places import microseconds, place_of_job
from codybatch.stores.refused import no_job
from codybatch.stores.stored_job import StoredJob, new_job
from codybatch.stores.transitions import check_legal
from codybatch.stores.words import job_words

_ONE = f"SELECT {rows.JOB_COLUMNS} FROM jobs WHERE id = ?"  # noqa: S608
_OF_REQUEST = f"SELECT {rows.JOB_COLUMNS} FROM jobs WHERE request = ? ORDER BY number"  # noqa: S608


def find(connection: sqlite3.Connection, job: JobId) -> StoredJob | None:
    """A job, where there is one."""
    row = connection.execute(_ONE, (job,)).fetchone()
    return rows.stored_job(row, connection) if row else None


def load(connection: sqlite3.Connection, job: JobId) -> StoredJob:
    """A job.

    Raises:
        NotFound: there is none.
    """
    stored = find(connection, job)
    if stored is None:
        raise no_job(job)
    return stored


def of_request(connection: sqlite3.Connection, request: RequestId) -> tuple[StoredJob, ...]:
    """A request's jobs by their index."""
    found = connection.execute(_OF_REQUEST, (request,)).fetchall()
    return tuple(rows.stored_job(row, connection) for row in found)


def at_work(connection: sqlite3.Connection, root: JobId) -> Job | None:
    """The job of a lineage that has not ended, where there is one."""
    row = connection.execute(queries.AT_WORK, (root,)).fetchone()
    return rows.stored_job(row, connection).job if row else None


def add(connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Store new jobs and count them."""
    for job in jobs:
        _insert(connection, new_job(job))
        flag_table.add(connection, job)
        if job.state.is_terminal:
            tally_table.count_end(connection, job)
        word_table.add(connection, "job_words", place_of_job(job), job_words(job))
    for state, number in Counter(job.state for job in jobs).items():
        _count(connection, state, number)


def _insert(connection: sqlite3.Connection, stored: StoredJob) -> None:
    job = stored.job
    columns: rows.Columns = {
        "id": job.id,
        "place": place_of_job(job),
        "created_at": microseconds(job.created_at),
        "request": job.request,
        "number": job.index,
        "state": job.state,
        "repository": job.repository.full_name.lower(),
        "prompt": job.prompt.name,
        "requester": job.requester,
        "lineage": job.lineage.root,
        "experiment": job.cell.experiment if job.cell else None,
        "last_event": 0,
    }
    rows.insert(connection, "jobs", columns | rows.job_columns(stored))


def save(
    connection: sqlite3.Connection, before: StoredJob, after: StoredJob, postings: Postings = ()
) -> Job:
    """Write a changed job, its counters, its words and what it does to the budgets.

    Raises:
        IllegalTransition: its state cannot change like this.
    """
    check_legal(before, after)
    saved = after.with_job(version=before.job.version + 1)
    rows.update(connection, "jobs", saved.job.id, rows.job_columns(saved))
    _change_state(connection, before.job, saved.job)
    flag_table.change(connection, before.job, saved.job)
    _change_words(connection, before.job, saved.job)
    budget_table.post(connection, saved.job.request, postings)
    return saved.job


def _change_state(connection: sqlite3.Connection, before: Job, after: Job) -> None:
    if before.state is after.state:
        return
    rows.update(connection, "jobs", after.id, {"state": after.state})
    connection.execute(
        f"UPDATE requests SET {before.state} = {before.state} - 1, "  # noqa: S608
        f"{after.state} = {after.state} + 1 WHERE id = ?",
        (after.request,),
    )
    _count(connection, before.state, -1)
    _count(connection, after.state, 1)
    if after.state.is_terminal:
        tally_table.count_end(connection, after)


def _count(connection: sqlite3.Connection, state: JobState, change: int) -> None:
    connection.execute(
        "INSERT INTO job_counts (state, jobs) VALUES (?, ?) "
        "ON CONFLICT (state) DO UPDATE SET jobs = jobs + excluded.jobs",
        (state, change),
    )


def _change_words(connection: sqlite3.Connection, before: Job, after: Job) -> None:
    texts = ("request_title", "title", "summary")
    if all(getattr(before, name) == getattr(after, name) for name in texts):
        return
    place = place_of_job(after)
    word_table.change(connection, "job_words", place, job_words(before), job_words(after))

"""Reading and writing request rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from codybatch.domain.identifiers import Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import JobCounts, Request
from codybatch.domain.states import JobState
from codybatch.stores.embedded import rows, word_table
from codybatch.stores.places import microseconds, place_of_request
from codybatch.stores.refused import no_request
from codybatch.stores.words import request_words

_ONE = f"SELECT {rows.REQUEST_COLUMNS} FROM requests WHERE id = ?"  # noqa: S608
_UNDER_KEY = (
    f"SELECT {rows.REQUEST_COLUMNS} FROM requests "  # noqa: S608
    "WHERE requester = ? AND idempotency_key = ?"
)
_BY_KEY = "SELECT id, document FROM requests WHERE requester = ? AND idempotency_key = ?"


def load(connection: sqlite3.Connection, request: RequestId) -> Request:
    """A request.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(_ONE, (request,)).fetchone()
    if row is None:
        raise no_request(request)
    return rows.request(row, connection)


def first_under_key(connection: sqlite3.Connection, request: Request, key: str) -> Request | None:
    """The request that its requester created under a key, as it was then."""
    row = connection.execute(_BY_KEY, (request.requester, key)).fetchone()
    return rows.record(Request, row["document"], connection) if row else None


def of_key(connection: sqlite3.Connection, requester: Person, key: str) -> Request | None:
    """The request that a person created under a key, as it is now."""
    row = connection.execute(_UNDER_KEY, (requester, key)).fetchone()
    return rows.request(row, connection) if row else None


def add(
    connection: sqlite3.Connection, request: Request, jobs: Sequence[Job], idempotency_key: str
) -> None:
    """Store a new request with the counts of its jobs and nothing spent."""
    place, cell = place_of_request(request), request.origin.cell
    columns: rows.Columns = {
        "id": request.id,
        "place": place,
        "created_at": microseconds(request.created_at),
        "requester": request.requester,
        "prompt": request.prompt.name,
        "experiment": cell.experiment if cell else None,
        "idempotency_key": idempotency_key,
        "document": request.to_json(),
        "version": 0,
        "spent_usd": "0",
        "reserved_usd": "0",
        **_changeable_columns(request),
        **{state.value: sum(job.state is state for job in jobs) for state in JobState},
    }
    rows.insert(connection, "requests", columns)
    _add_repositories(connection, place, jobs)
    word_table.add(connection, "request_words", place, request_words(request))


def _changeable_columns(request: Request) -> rows.Columns:
    """The columns of what a person may change."""
    cap, released_at = request.budget.cap_usd, request.released_at
    return {
        "title": request.title,
        "cap_usd": None if cap is None else rows.money(cap),
        "released_at": None if released_at is None else released_at.isoformat(),
    }


def _add_repositories(connection: sqlite3.Connection, place: str, jobs: Sequence[Job]) -> None:
    names = {job.repository.full_name.lower() for job in jobs}
    connection.executemany(
        "INSERT INTO request_repositories (repository, place) VALUES (?, ?)",
        [(name, place) for name in names],
    )


def change(connection: sqlite3.Connection, before: Request, after: Request) -> None:
    """Write what a person changed, and the words that the request is found by."""
    columns = {**_changeable_columns(after), "version": after.version}
    rows.update(connection, "requests", after.id, columns)
    place = place_of_request(after)
    old, new = request_words(before), request_words(after)
    word_table.change(connection, "request_words", place, old, new)


def counts(connection: sqlite3.Connection) -> JobCounts:
    """How many jobs there are in each state."""
    found = connection.execute("SELECT state, jobs FROM job_counts").fetchall()
    return JobCounts(**{row["state"]: row["jobs"] for row in found})

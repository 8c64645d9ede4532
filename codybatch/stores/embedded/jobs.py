"""Jobs in SQLite: reading, listing, searching; their steps and events."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from codybatch.domain.events import Event, StoredEvent
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import JobCounts
from codybatch.domain.threads import Step
from codybatch.ports.lists import (
    EVERYTHING,
    FIRST_PAGE,
    FlagCounts,
    Page,
    PageRequest,
    Partition,
    PartitionKind,
)
from codybatch.stores import cursors
from codybatch.stores.embedded import (
    event_table,
    flag_table,
    job_table,
    queries,
    request_table,
    rows,
    word_table,
)
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.pages import page_of, read_page
from codybatch.stores.places import checked_limit, microseconds
from codybatch.stores.refused import no_job
from codybatch.stores.words import words_asked

_NUMBER = re.compile(r"\d{6}")
_FORGOTTEN_AT_ONCE = 5_000
"""Events in one transaction, so that workers never wait long for the lock."""


class JobRecords:
    """The part of ``Records`` about jobs as they are read."""

    _database: Database

    def job(self, job: JobId) -> Job:
        """See ``Records.job``."""
        with self._database.read() as connection:
            return job_table.load(connection, job).job

    def list_jobs(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Job]:
        """See ``Records.list_jobs``."""
        with self._database.read() as connection:
            if partition.kind is PartitionKind.REQUEST:
                return _jobs_of_request(connection, partition.value, page)
            return read_page(connection, queries.jobs_of(partition), page, rows.shown_job)

    def search_jobs(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Job]:
        """See ``Records.search_jobs``; without words nothing is found."""
        asked = words_asked(words)
        checked_limit(page)
        if not asked:
            return Page(())
        with self._database.read() as connection:
            rarest = word_table.rarest_first(connection, "job_words", asked)
            return read_page(connection, queries.jobs_with(rarest), page, rows.shown_job)

    def job_counts(self) -> JobCounts:
        """See ``Records.job_counts``."""
        with self._database.read() as connection:
            return request_table.counts(connection)

    def flag_counts(self) -> FlagCounts:
        """See ``Records.flag_counts``."""
        with self._database.read() as connection:
            return flag_table.counts(connection)

    def lineage(self, root: JobId) -> tuple[Job, ...]:
        """See ``Records.lineage``."""
        with self._database.read() as connection:
            found = connection.execute(queries.LINEAGE, (root,)).fetchall()
            return tuple(rows.shown_job(row, connection) for row in found)

    def steps(self, job: JobId) -> tuple[Step, ...]:
        """See ``Records.steps``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT document FROM steps WHERE job = ? ORDER BY conversation, sequence", (job,)
            ).fetchall()
            return tuple(rows.record(Step, row["document"], connection) for row in found)

    def add_events(self, job: JobId, events: Sequence[Event]) -> None:
        """See ``Records.add_events``."""
        with self._database.write() as connection:
            if not event_table.add_events(connection, job, events):
                raise no_job(job)

    def events(self, job: JobId, after: int = 0, limit: int = 500) -> tuple[StoredEvent, ...]:
        """See ``Records.events``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT sequence, document FROM events WHERE job = ? AND sequence > ? "
                "ORDER BY sequence LIMIT ?",
                (job, after, max(0, limit)),
            ).fetchall()
            return tuple(_event(row, connection) for row in found)

    def forget_events(self, before: datetime) -> int:
        """See ``Records.forget_events``."""
        forgotten = gone = self._forget_some_events(before)
        while gone == _FORGOTTEN_AT_ONCE:
            gone = self._forget_some_events(before)
            forgotten += gone
        return forgotten

    def _forget_some_events(self, before: datetime) -> int:
        with self._database.write() as connection:
            return connection.execute(
                "DELETE FROM events WHERE (job, sequence) IN "
                "(SELECT job, sequence FROM events WHERE at < ? LIMIT ?)",
                (microseconds(before), _FORGOTTEN_AT_ONCE),
            ).rowcount


def _jobs_of_request(connection: sqlite3.Connection, request: str, page: PageRequest) -> Page[Job]:
    name = f"jobs:request:{request}"
    parameters: rows.Columns = {
        "value": request,
        "last": int(cursors.start_of(page, name, _NUMBER) or 0),
        "since": microseconds(page.since) if page.since else None,
        "until": microseconds(page.until) if page.until else None,
        "rows": checked_limit(page) + 1,
    }
    found = connection.execute(queries.jobs_of_request(page), parameters).fetchall()
    return page_of(found, page.limit, name, lambda row: rows.shown_job(row, connection))


def _event(row: sqlite3.Row, connection: sqlite3.Connection) -> StoredEvent:
    event = rows.record(Event, row["document"], connection)
    return StoredEvent(**dict(event), sequence=row["sequence"])

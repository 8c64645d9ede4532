"""Requests in SQLite: creating, changing, reading, listing, searching."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from codybatch.domain.identifiers import Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.ports.lists import EVERYTHING, FIRST_PAGE, Created, Page, PageRequest, Partition
from codybatch.stores import lineages
from codybatch.stores.embedded import job_table, queries, request_table, rows, word_table
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.pages import read_page
from codybatch.stores.idempotency import check_same
from codybatch.stores.places import checked_limit
from codybatch.stores.refused import stale_request
from codybatch.stores.words import words_asked


class RequestRecords:
    """The part of ``Records`` about requests."""

    _database: Database

    def create_request(
        self, request: Request, jobs: Sequence[Job], idempotency_key: str
    ) -> Created:
        """See ``Records.create_request``."""
        with self._database.write() as connection:
            first = request_table.first_under_key(connection, request, idempotency_key)
            if first is not None:
                check_same(first, request, idempotency_key)
                return _created(connection, first.id, replayed=True)
            for root in lineages.continued(jobs):
                lineages.refuse_beside(job_table.at_work(connection, root))
            request_table.add(connection, request, jobs, idempotency_key)
            job_table.add(connection, jobs)
            return _created(connection, request.id, replayed=False)

    def submitted(self, requester: Person, idempotency_key: str) -> Request | None:
        """See ``Records.submitted``."""
        with self._database.read() as connection:
            return request_table.of_key(connection, requester, idempotency_key)

    def request(self, request: RequestId) -> Request:
        """See ``Records.request``."""
        with self._database.read() as connection:
            return request_table.load(connection, request)

    def update_request(self, request: Request) -> Request:
        """See ``Records.update_request``."""
        with self._database.write() as connection:
            stored = request_table.load(connection, request.id)
            if stored.version != request.version:
                raise stale_request(request.id)
            after = stored.model_copy(
                update={
                    "title": request.title,
                    "released_at": request.released_at,
                    "budget": stored.budget.with_(cap_usd=request.budget.cap_usd),
                    "version": stored.version + 1,
                }
            )
            request_table.change(connection, stored, after)
            if after.title != stored.title:
                _rename_jobs(connection, after)
            return after

    def list_requests(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Request]:
        """See ``Records.list_requests``."""
        query = queries.requests_of(partition)
        with self._database.read() as connection:
            return read_page(connection, query, page, rows.request)

    def search_requests(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Request]:
        """See ``Records.search_requests``; without words nothing is found."""
        asked = words_asked(words)
        checked_limit(page)
        if not asked:
            return Page(())
        with self._database.read() as connection:
            rarest = word_table.rarest_first(connection, "request_words", asked)
            return read_page(connection, queries.requests_with(rarest), page, rows.request)


def _created(connection: sqlite3.Connection, request: RequestId, *, replayed: bool) -> Created:
    jobs = tuple(stored.job for stored in job_table.of_request(connection, request))
    return Created(request_table.load(connection, request), jobs, replayed)


def _rename_jobs(connection: sqlite3.Connection, request: Request) -> None:
    for stored in job_table.of_request(connection, request.id):
        job_table.save(connection, stored, stored.with_job(request_title=request.title))

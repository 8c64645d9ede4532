"""Filling a store with many jobs at once, for what must not depend on how many there are."""

from __future__ import annotations

from datetime import datetime

from codybatch.stores.embedded import job_table, request_table
from codybatch.stores.embedded.database import Database
from tests.contracts.examples import a_key, a_request, jobs_of, minutes

AT_ONCE = 1_000


def fill(database: Database, number: int, since: datetime) -> None:
    """Add so many queued jobs, one a request and a minute."""
    for start in range(0, number, AT_ONCE):
        with database.write() as connection:
            for index in range(start, min(start + AT_ONCE, number)):
                request = a_request(since + minutes(index))
                jobs = jobs_of(request)
                request_table.add(connection, request, jobs, a_key())
                job_table.add(connection, jobs)

"""Many jobs at once, and what a read costs: for what must not depend on how many there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from codybatch.domain.identifiers import job_id_of
from codybatch.domain.publication import Publication, PublicationKind, PullRequest
from codybatch.domain.states import JobState
from codybatch.stores.embedded import job_table, request_table
from codybatch.stores.embedded.database import Database
from tests.contracts.examples import NOON, a_key, a_patch, a_request, jobs_of, minutes
from tests.contracts.experiment_examples import a_cell

JOBS_A_REQUEST = 100
OPEN = Publication(
    kind=PublicationKind.PULL_REQUEST,
    pull_request=PullRequest(
        number=1, url="https://github.test/1", node_id="PR_1", state="open", refreshed_at=NOON
    ),
)

ENDED = {
    "state": JobState.SUCCEEDED,
    "ended_at": NOON,
    "patch": a_patch(),
    "publication": Publication(kind=PublicationKind.WITHHELD),
}


def fill(database: Database, number: int, since: datetime, *, ended: bool = False) -> None:
    """Add so many queued jobs, one a minute, JOBS_A_REQUEST to a request, otherwise all alike, but
    that each third has an open pull request and each second is of an experiment; with ``ended``,
    each fourth has ended with a patch that nobody has judged and that is withheld.
    """
    for first in range(0, number, JOBS_A_REQUEST):
        request = a_request(since + minutes(first))
        (job,) = jobs_of(request)
        jobs = [
            job.model_copy(
                update={
                    "id": job_id_of(request.id, index),
                    "index": index,
                    "created_at": since + minutes(first + index - 1),
                    "cell": a_cell() if index % 2 else None,
                    "publication": OPEN if index % 3 == 0 else Publication(),
                    **(ENDED if ended and index % 4 == 2 else {}),
                }
            )
            for index in range(1, min(JOBS_A_REQUEST, number - first) + 1)
        ]
        with database.write() as connection:
            request_table.add(connection, request, jobs, a_key())
            job_table.add(connection, jobs)


def instructions(database: Database, read: Callable[[], object]) -> int:
    """The instructions of SQLite's virtual machine that a read takes: a measure without a clock."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with database.read() as connection:
        connection.set_progress_handler(count, 1)
    read()
    with database.read() as connection:
        connection.set_progress_handler(None, 1)
    return taken

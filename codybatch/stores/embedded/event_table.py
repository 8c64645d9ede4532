"""Steps and events: what a job's life leaves behind, in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from codybatch.domain.events import Event
from codybatch.domain.identifiers import JobId
from codybatch.domain.threads import Step
from codybatch.stores.places import microseconds
from codybatch.stores.refused import step_exists


def add_events(connection: sqlite3.Connection, job: JobId, events: Sequence[Event]) -> bool:
    """Append events to a job's life; False where there is no such job."""
    row = connection.execute(
        "UPDATE jobs SET last_event = last_event + ? WHERE id = ? RETURNING last_event",
        (len(events), job),
    ).fetchall()
    if not row:
        return False
    first = row[0]["last_event"] - len(events) + 1
    connection.executemany(
        "INSERT INTO events (job, sequence, at, document) VALUES (?, ?, ?, ?)",
        [
            (job, sequence, microseconds(event.at), event.to_json())
            for sequence, event in enumerate(events, first)
        ],
    )
    return True


def add_steps(connection: sqlite3.Connection, job: JobId, steps: Sequence[Step]) -> None:
    """Append steps to a job's thread.

    Raises:
        StaleWrite: a step with this conversation and sequence exists.
    """
    for step in steps:
        added = connection.execute(
            "INSERT INTO steps (job, conversation, sequence, document) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (job, step.conversation, step.sequence, step.to_json()),
        ).rowcount
        if not added:
            raise step_exists(step)

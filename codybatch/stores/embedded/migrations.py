"""The steps from every earlier schema to this one; ``schema.sql`` shows where they lead.

Append only: a step that was released never changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from codybatch.domain.errors import StoreTooNew

Migration = Callable[[sqlite3.Connection], None]


def _first_tables(connection: sqlite3.Connection) -> None:
    for statement in _FIRST_TABLES.split(";\n\n"):
        connection.execute(statement)


_FIRST_TABLES = """\
CREATE TABLE prompts (
    name TEXT PRIMARY KEY,
    latest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE prompt_versions (
    name TEXT NOT NULL REFERENCES prompts (name),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    requester TEXT NOT NULL,
    prompt TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    document TEXT NOT NULL,
    title TEXT NOT NULL,
    released_at TEXT,
    version INTEGER NOT NULL,
    cap_usd TEXT,
    spent_usd TEXT NOT NULL,
    reserved_usd TEXT NOT NULL,
    queued INTEGER NOT NULL,
    running INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    partial INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    UNIQUE (requester, idempotency_key)
) STRICT;

CREATE INDEX requests_of_prompt ON requests (prompt, place);

CREATE INDEX requests_of_requester ON requests (requester, place);

CREATE TABLE request_repositories (
    repository TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (repository, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE request_words (
    word TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (word, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    request TEXT NOT NULL REFERENCES requests (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    repository TEXT NOT NULL,
    prompt TEXT NOT NULL,
    requester TEXT NOT NULL,
    lineage TEXT NOT NULL,
    document TEXT NOT NULL,
    version INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    lease TEXT,
    cancel_requested INTEGER NOT NULL,
    held_usd TEXT NOT NULL,
    held_day TEXT,
    counted_usd TEXT NOT NULL,
    last_event INTEGER NOT NULL,
    UNIQUE (request, number)
) STRICT;

CREATE INDEX jobs_of_state ON jobs (state, place);

CREATE INDEX jobs_of_repository ON jobs (repository, place);

CREATE INDEX jobs_of_prompt ON jobs (prompt, place);

CREATE INDEX jobs_of_requester ON jobs (requester, place);

CREATE INDEX jobs_of_lineage ON jobs (lineage, place);

CREATE TABLE job_words (
    word TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (word, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_counts (
    state TEXT PRIMARY KEY,
    jobs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE steps (
    job TEXT NOT NULL REFERENCES jobs (id),
    conversation INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, conversation, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    job TEXT NOT NULL REFERENCES jobs (id),
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_time ON events (at);

CREATE TABLE submissions (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE day_budgets (
    day TEXT PRIMARY KEY,
    spent_usd TEXT NOT NULL,
    reserved_usd TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credential_troubles (
    credential TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
    job TEXT NOT NULL REFERENCES jobs (id),
    rater TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, rater)
) STRICT, WITHOUT ROWID
"""

MIGRATIONS: tuple[Migration, ...] = (_first_tables,)
"""``PRAGMA user_version`` is how many of them a database has been through."""


def check_not_too_new(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database with steps that this release does not know.

    Raises:
        StoreTooNew: it has.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            f"The database {path} has schema {version} and this release knows {len(MIGRATIONS)}: "
            "a newer release of Cody Batch wrote it. Use that release or a newer one."
        )


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Take the missing steps, in one transaction, in one of the processes that try.

    Raises:
        StoreTooNew: another process took steps that this release does not know.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    check_not_too_new(connection, path)
    for step in MIGRATIONS[_version(connection) :]:
        step(connection)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])

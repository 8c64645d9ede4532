"""The steps from every earlier schema to this one; ``schema.sql`` shows where they lead.

Append only: a step that was released never changes.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
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


def _open_pull_requests(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE jobs ADD COLUMN open_pull_request INTEGER NOT NULL DEFAULT 0")
    connection.execute(
        "UPDATE jobs SET open_pull_request = 1 "
        "WHERE json_extract(document, '$.publication.pullRequest.state') = 'open'"
    )
    connection.execute(
        "CREATE INDEX jobs_with_open_pull_request ON jobs (place) WHERE open_pull_request = 1"
    )
    connection.execute(
        "CREATE INDEX jobs_of_repository_with_open_pull_request ON jobs (repository, place) "
        "WHERE open_pull_request = 1"
    )


def _person_documents(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE person_documents (person TEXT NOT NULL, name TEXT NOT NULL, content TEXT, "
        "version INTEGER NOT NULL, PRIMARY KEY (person, name)) STRICT"
    )


def _flags(connection: sqlite3.Connection) -> None:
    ended = "state IN ('succeeded', 'partial', 'failed')"
    result = (
        "(json_type(document, '$.patch') = 'object' OR json_type(document, '$.answer') = 'object' "
        "OR json_array_length(document, '$.findings') > 0)"
    )
    judged = "EXISTS (SELECT 1 FROM verdicts WHERE job = jobs.id)"
    withheld = "json_extract(document, '$.publication.kind') = 'withheld'"
    for flag, holds in (
        ("unjudged", f"{ended} AND {result} AND NOT {judged}"),
        ("withheld", f"state IN ('succeeded', 'partial', 'failed', 'cancelled') AND {withheld}"),
    ):
        connection.execute(f"ALTER TABLE jobs ADD COLUMN {flag} INTEGER NOT NULL DEFAULT 0")
        connection.execute(f"UPDATE jobs SET {flag} = 1 WHERE {holds}")  # noqa: S608
        connection.execute(f"CREATE INDEX jobs_{flag} ON jobs (place) WHERE {flag} = 1")
    connection.execute(
        "CREATE TABLE flag_counts (flag TEXT PRIMARY KEY, jobs INTEGER NOT NULL) "
        "STRICT, WITHOUT ROWID"
    )
    for flag in ("open_pull_request", "unjudged", "withheld"):
        connection.execute(
            "INSERT INTO flag_counts (flag, jobs) "  # noqa: S608
            f"SELECT '{flag}', count(*) FROM jobs WHERE {flag} = 1"
        )


_COUNTS = (
    *("succeeded", "partial", "failed", "cancelled"),
    *("changes_necessary", "changes_unnecessary", "accepted", "rejected"),
)
_ENDS = (
    "SELECT substr(coalesce(json_extract(document, '$.endedAt'), "
    "json_extract(document, '$.progress.at'), json_extract(document, '$.createdAt')), 1, 10), "
    "prompt, json_extract(document, '$.prompt.version'), state, "
    "json_extract(document, '$.wereChangesNecessary'), json_extract(document, '$.costUsd') "
    "FROM jobs WHERE state IN ('succeeded', 'partial', 'failed', 'cancelled')"
)
_VERDICTS = (
    "SELECT substr(json_extract(verdicts.document, '$.at'), 1, 10), prompt, "
    "json_extract(jobs.document, '$.prompt.version'), "
    "json_extract(verdicts.document, '$.decision') FROM verdicts JOIN jobs ON jobs.id = job"
)
_DIGITS = Context(prec=60)
_Key = tuple[object, ...]
"""A day, or a prompt's name and version."""


def _tallies(connection: sqlite3.Connection) -> None:
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in _COUNTS)
    connection.execute(
        f"CREATE TABLE day_tallies (day TEXT PRIMARY KEY, {columns}, "
        "cost_usd TEXT NOT NULL) STRICT, WITHOUT ROWID"
    )
    connection.execute(
        "CREATE TABLE prompt_tallies (prompt TEXT NOT NULL, version INTEGER NOT NULL, "
        f"{columns}, cost_usd TEXT NOT NULL, PRIMARY KEY (prompt, version)) STRICT, WITHOUT ROWID"
    )
    tallies: dict[_Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day, prompt, version, state, necessary, cost in connection.execute(_ENDS):
        said = {1: ["changes_necessary"], 0: ["changes_unnecessary"]}.get(necessary, [])
        keys: tuple[_Key, ...] = ((day,), (prompt, version))
        for key in keys:
            for name in (state, *said):
                tallies[key][name] += 1
            tallies[key]["cost_usd"] = _DIGITS.add(tallies[key]["cost_usd"], Decimal(cost))
    for day, prompt, version, decision in connection.execute(_VERDICTS):
        keys = ((day,), (prompt, version))
        for key in keys:
            tallies[key][f"{decision}ed"] += 1
    for key, tally in tallies.items():
        _insert_tally(connection, key, tally)


def _insert_tally(connection: sqlite3.Connection, key: _Key, tally: Mapping[str, Decimal]) -> None:
    table = "day_tallies" if len(key) == 1 else "prompt_tallies"
    values = (*key, *(int(tally[name]) for name in _COUNTS), format(tally["cost_usd"], "f"))
    marks = ", ".join("?" for _ in values)
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608


def _archived_prompts(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE prompts ADD COLUMN archived INTEGER NOT NULL DEFAULT 0")
    connection.execute("CREATE INDEX prompts_by_archived ON prompts (archived, name)")


def _schedules(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE schedules (id TEXT PRIMARY KEY, wakes_at INTEGER, "
        "version INTEGER NOT NULL, document TEXT NOT NULL) STRICT"
    )
    connection.execute(
        "CREATE INDEX schedules_by_waking ON schedules (wakes_at) WHERE wakes_at IS NOT NULL"
    )


def _experiments(connection: sqlite3.Connection) -> None:
    """No earlier release made a job or a request for an experiment."""
    connection.execute(
        "CREATE TABLE experiments (id TEXT PRIMARY KEY, active INTEGER NOT NULL, "
        "version INTEGER NOT NULL, document TEXT NOT NULL) STRICT"
    )
    connection.execute("CREATE INDEX experiments_by_activity ON experiments (active, id)")
    for table in ("requests", "jobs"):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN experiment TEXT")
        connection.execute(
            f"CREATE INDEX {table}_of_experiment ON {table} (experiment, place) "
            "WHERE experiment IS NOT NULL"
        )


MIGRATIONS: tuple[Migration, ...] = (
    _first_tables,
    _open_pull_requests,
    _person_documents,
    _flags,
    _tallies,
    _archived_prompts,
    _schedules,
    _experiments,
)
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

"""Records that are changed whole: a table of documents, each with its version, and columns that say
what a list asks for.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import TypeVar

from codybatch.domain.experiments import Experiment
from codybatch.domain.schedules import Schedule
from codybatch.ports.lists import Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.embedded import rows
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.pages import page_of
from codybatch.stores.places import AFTER_ALL, checked_limit

Whole = TypeVar("Whole", Experiment, Schedule)
_ID = re.compile(r"[0-9a-z]{26}")


def put(
    database: Database, table: str, one: Whole, beside: Mapping[str, int | None]
) -> Whole | None:
    """Keep a record where ``one.version`` is still the stored one (0: there is none), with its next
    version; None where it is not.

    Args:
        database: where its table is.
        table: of its kind.
        one: the record.
        beside: columns that say what a list asks for.
    """
    with database.write() as connection:
        stored = connection.execute(
            f"SELECT version FROM {table} WHERE id = ?",  # noqa: S608
            (one.id,),
        ).fetchone()
        if one.version != (stored["version"] if stored else 0):
            return None
        changed = one.model_copy(update={"version": one.version + 1})
        document = changed.model_dump_json(by_alias=True, exclude={"version"})
        columns: rows.Columns = {**beside, "version": changed.version, "document": document}
        if stored:
            rows.update(connection, table, one.id, columns)
        else:
            rows.insert(connection, table, {"id": one.id, **columns})
        return changed


def find(database: Database, table: str, kind: type[Whole], identifier: str) -> Whole | None:
    """One record; None where there is none."""
    with database.read() as connection:
        found = connection.execute(
            f"SELECT * FROM {table} WHERE id = ?",  # noqa: S608
            (identifier,),
        ).fetchone()
        return read(kind, found, connection) if found else None


def newest_first(
    database: Database, table: str, kind: type[Whole], page: PageRequest
) -> Page[Whole]:
    """A page of all of them.

    Raises:
        InvalidCursor: the cursor is forged or of another list.
    """
    limit = checked_limit(page)
    last = cursors.start_of(page, table, _ID) or AFTER_ALL
    with database.read() as connection:
        found = connection.execute(
            f"SELECT *, id AS place FROM {table} WHERE id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
            (last, limit + 1),
        ).fetchall()
        return page_of(found, limit, table, lambda row: read(kind, row, connection))


def remove(database: Database, table: str, identifier: str) -> bool:
    """Remove one; False where there is none."""
    with database.write() as connection:
        taken = connection.execute(f"DELETE FROM {table} WHERE id = ?", (identifier,))  # noqa: S608
        return taken.rowcount > 0


def read(kind: type[Whole], row: sqlite3.Row, connection: sqlite3.Connection) -> Whole:
    """A record out of a row of its table.

    Raises:
        StoreDamaged: the row holds none.
    """
    kept = rows.record(kind, row["document"], connection)
    return kept.model_copy(update={"version": row["version"]})

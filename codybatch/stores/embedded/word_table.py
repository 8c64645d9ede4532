"""The words that records are found by: a row for each word and record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Literal

Table = Literal["request_words", "job_words"]
_ENOUGH = 100


def add(connection: sqlite3.Connection, table: Table, place: str, words: Iterable[str]) -> None:
    """Make the record at ``place`` found by ``words``."""
    statement = f"INSERT INTO {table} (word, place) VALUES (?, ?)"  # noqa: S608
    connection.executemany(statement, [(word, place) for word in words])


def change(
    connection: sqlite3.Connection,
    table: Table,
    place: str,
    old: frozenset[str],
    new: frozenset[str],
) -> None:
    """Make the record at ``place`` found by ``new`` in place of ``old``."""
    statement = f"DELETE FROM {table} WHERE word = ? AND place = ?"  # noqa: S608
    connection.executemany(statement, [(word, place) for word in old - new])
    add(connection, table, place, new - old)


def rarest_first(
    connection: sqlite3.Connection, table: Table, words: frozenset[str]
) -> tuple[str, ...]:
    """The words by how many records hold them (counted up to a bound, so that it costs little)."""
    statement = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE word = ? LIMIT ?)"  # noqa: S608
    numbers = {word: connection.execute(statement, (word, _ENOUGH)).fetchone()[0] for word in words}
    return tuple(sorted(words, key=lambda word: (numbers[word], word)))

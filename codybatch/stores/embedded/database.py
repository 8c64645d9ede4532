"""The SQLite database: its connections, its transactions and what goes wrong with them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codybatch.domain.errors import StoreError
from codybatch.stores.embedded import failures, migrations
from codybatch.stores.embedded.durability import flush_folder, make_folder

OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables (https://www.sqlite.org/stricttables.html)."""

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA journal_size_limit = 67108864",
)


class Database:
    """One database file, for any thread and any process.

    A transaction takes a connection that nobody else uses and puts it back after. A child process
    never touches its parent's connections (https://www.sqlite.org/howtocorrupt.html, section 2.6):
    it opens its own.
    """

    def __init__(self, path: Path, wait_seconds: float = 30.0) -> None:
        """Keep where the database is and how long to wait for its lock; the disk is not touched."""
        self.path = path
        self._wait_seconds = wait_seconds
        self._idle: deque[sqlite3.Connection] = deque()
        self._parents: list[deque[sqlite3.Connection]] = []
        self._process = os.getpid()
        self._closed = False
        self._is_lasting = False

    def open(self) -> None:
        """Make or migrate the database, where that is due.

        Raises:
            StoreTooNew: a newer release wrote it.
            StoreError: it cannot be opened.
        """
        with self.read():
            pass

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that happens whole, and on the disk when this ends, or not at all."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close all connections; the database cannot be used after."""
        self._closed = True
        while self._idle and self._process == os.getpid():
            self._idle.pop().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._take()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            finally:
                self._put_away(connection)
        except OSError as error:
            raise failures.of_file(error, self.path.parent) from error
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            raise failures.explained(error, self.path) from error

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError("This store was closed; open it again.")
        if self._process != os.getpid():
            self._parents.append(self._idle)  # kept, so that they are never closed from here
            self._idle, self._process = deque(), os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _put_away(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            raise
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                f"This Python has SQLite {sqlite3.sqlite_version}; Cody Batch needs 3.37 or newer."
            )
        if not self._is_lasting:
            make_folder(self.path.parent)
        connection = sqlite3.connect(
            self.path, timeout=self._wait_seconds, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        if not self._is_lasting:
            flush_folder(self.path.parent)  # whoever made the file may not have come so far yet
            self._is_lasting = True
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        migrations.check_not_too_new(connection, self.path)
        self._write_ahead(connection)
        for setting in _SETTINGS:
            connection.execute(setting)
        migrations.migrate(connection, self.path)

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Switch to the write-ahead log; SQLite does not always wait for this lock by itself."""
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

"""What GitHub answered before, kept with its ETag: asked again it says 304, which costs nothing.

A conditional request that is answered with 304 does not count against the limit (docs.github.com,
"Best practices for using the REST API"). Everything here may be lost at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Given = TypeVar("Given")

LARGEST_BYTES = 512 * 1024
MOST_BYTES = 16 * 1024 * 1024
MOST_DAYS = 30
LONGEST_WAIT_SECONDS = 0.5
"""For another process to have written; after that, the answer is not kept."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, etag TEXT NOT NULL, body TEXT NOT NULL, size INTEGER NOT NULL,
    used REAL NOT NULL
)
"""
_DROP_OLD = """
DELETE FROM answers WHERE used < :oldest OR key IN (
    SELECT key FROM (
        SELECT key, sum(size) OVER (ORDER BY used DESC, key) AS total FROM answers
    ) WHERE total > :most
)
"""


@dataclass(frozen=True)
class Answer:
    """An answer as it was."""

    etag: str
    body: Any
    """JSON, without addresses and tokens."""


class Answers:
    """The last answers of a home, or with no file of nobody: then nothing is kept."""

    def __init__(self, file: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        """Keep answers; nothing is opened yet.

        Args:
            file: where; it may be removed at any time.
            most_bytes: of all answers together; the longest unused go first.
        """
        self._file = file
        self._most_bytes = most_bytes

    def key(self, identity: str, url: str, parameters: Mapping[str, Any]) -> str:
        """Where the answer to a question is kept; another credential's is another question."""
        asked = json.dumps([identity, url, sorted(parameters.items())])
        return hashlib.sha256(asked.encode()).hexdigest()

    def find(self, key: str) -> Answer | None:
        """The answer that was kept; None where there is none any more."""
        return self._try(lambda database: _found(database, key))

    def keep(self, key: str, etag: str, body: Any) -> None:
        """Keep an answer, without what may not lie on a disk."""
        text = json.dumps(_kept(body))
        if len(text) > LARGEST_BYTES:
            return

        def write(database: sqlite3.Connection) -> None:
            now = time.time()
            row = (key, etag, text, len(text), now)
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", row)
            oldest = now - MOST_DAYS * 24 * 3600
            database.execute(_DROP_OLD, {"oldest": oldest, "most": self._most_bytes})

        self._try(write)

    def _try(self, act: Callable[[sqlite3.Connection], Given]) -> Given | None:
        if self._file is None:
            return None
        try:
            with _opened(self._file) as database:
                return act(database)
        except sqlite3.OperationalError as error:  # somebody else writes, or the disk is full
            log.info("GitHub's answers are not kept: %s", error)
        except (sqlite3.DatabaseError, ValueError) as error:
            log.warning("The kept answers of GitHub are damaged and begin anew: %s", error)
            with suppress(OSError):
                self._file.unlink(missing_ok=True)
        except OSError as error:
            log.info("GitHub's answers are not kept: %s", error)
        return None


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Private repositories are named in it.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(file, timeout=LONGEST_WAIT_SECONDS)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute(_SCHEMA)
        with database:
            yield database


def _found(database: sqlite3.Connection, key: str) -> Answer | None:
    row = database.execute("SELECT etag, body FROM answers WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    database.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
    return Answer(row[0], json.loads(row[1]))


def _kept(body: Any) -> Any:
    """Without dozens of addresses that are not read, and without the token for a clone that GitHub
    puts into the answer on a private repository.
    """
    if isinstance(body, list):
        return [_kept(each) for each in body]
    if not isinstance(body, dict):
        return body
    return {
        name: _kept(value)
        for name, value in body.items()
        if "token" not in name and (name == "html_url" or not name.endswith("_url"))
    }

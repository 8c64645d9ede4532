"""What SQLite's errors mean to people."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from codybatch.domain.errors import CodyBatchError, StoreDamaged, StoreError, StoreFull, UsageError

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_ACCESS = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_CANTOPEN,
}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LITTLE_BYTES = 1 << 20
"""With less free space than this, an I/O error is a full disk's: SQLite reports a shared memory
file or a journal that could not grow as SQLITE_IOERR (https://www.sqlite.org/rescode.html)."""


def explained(error: Exception, path: Path) -> CodyBatchError:
    """Our error for one that was met at the database ``path``."""
    if isinstance(error, (UnicodeEncodeError, OverflowError)):
        return UsageError(f"This value cannot be stored or looked for: {error}.")
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _DAMAGED:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        return full(path)
    if code in _LOCKED:
        return StoreError(
            f"The database {path} stayed locked by another process. Try again; if it stays so, "
            "look for a program that has it open, such as a database browser or a backup."
        )
    if code in _NO_ACCESS:
        return StoreError(
            f"The database {path} cannot be opened or written ({error}). "
            "Check that you own its folder and that the disk is not mounted read-only."
        )
    return StoreError(f"The database {path} could not do this: {error}.")


def of_file(error: OSError, path: Path) -> StoreError:
    """Our error for one that was met at a file or folder."""
    if error.errno in _NO_ROOM:
        return full(path)
    return StoreError(
        f"{path} cannot be used ({error.strerror or error}). "
        "Check that you own it, or set CODYBATCH_HOME to a folder you may write to."
    )


def damaged(path: Path, reason: str) -> StoreDamaged:
    """The error of a database that does not hold what was written to it."""
    return StoreDamaged(
        f"The database {path} is damaged ({reason}). Stop the dispatcher, copy the folder, then "
        f"either put a backup in its place or save what can be read: "
        f"sqlite3 {path.name} .recover | sqlite3 mended.db"
    )


def full(path: Path) -> StoreFull:
    """The error of a disk without room."""
    return StoreFull(
        f"The disk of {path} is full. Free some space, then go on: what was recorded is kept, "
        "and what could not be recorded left no trace."
    )


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LITTLE_BYTES
    except OSError:
        return False

"""A folder for the length of one call, in a place where what killed processes left is removed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

_PREFIX = "w-"
_LOCK = ".lock"


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Lend an empty folder in ``parent``, which is made where it is missing.

    Beside each folder a file is locked as long as its process lives, so what a killed one left,
    a work tree and perhaps the file of a credential, is known, and goes before another begins.

    Raises:
        OSError: there can be no folder.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_left(parent)
    folder = parent / f"{_PREFIX}{token_hex(8)}"
    lock = FileLock(_lock_of(folder))
    lock.acquire()  # first: a folder without a living lock is anybody's to remove
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _lock_of(folder).unlink(missing_ok=True)
        lock.release()


def remove_left(parent: Path) -> None:
    """Remove what killed processes left in ``parent``: folders whose lock nobody holds."""
    for file in parent.glob(f"{_PREFIX}*{_LOCK}"):
        with suppress(Timeout, FileNotFoundError), FileLock(file, timeout=0):
            shutil.rmtree(file.with_suffix(""), ignore_errors=True)
            file.unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)

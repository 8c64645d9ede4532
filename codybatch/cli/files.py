"""Files that commands write for people."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from codybatch.domain.errors import UsageError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever looks finds what was there before, or all of the new content.

    Raises:
        UsageError: it cannot be written there.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


def _replace(path: Path, content: bytes) -> None:
    if path.is_dir():
        raise IsADirectoryError(None, "Is a directory")
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise

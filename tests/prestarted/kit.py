"""One prestarted command line for all tests of this process; it begins when it is first wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

from codybatch import backing
from tests.prestarted.commands import interpreter_at
from tests.prestarted.server import prestarted

PROGRAM = "tests.prestarted.commands"
_running = ExitStack()


@cache
def fork() -> tuple[str, ...]:
    """The arguments that start the command line as a fork, in milliseconds."""
    folder = _running.enter_context(tempfile.TemporaryDirectory(prefix="codybatch-"))
    return _running.enter_context(prestarted(Path(folder), PROGRAM))


def interpreter() -> tuple[str, ...]:
    """The arguments that start the command line in a fresh interpreter that forks its workers."""
    return interpreter_at(fork()[-1])


@contextmanager
def forked_workers() -> Iterator[None]:
    """Whatever is composed inside the block has its workers forked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backing, "PROGRAM", interpreter())
        yield


def end() -> None:
    """End what began."""
    _running.close()
    fork.cache_clear()

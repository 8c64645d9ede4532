"""Imports modules and prints what they did besides: files, processes, sockets, threads, settings.

Started in a process of its own, because an audit hook cannot be taken away:
``python import_probe.py FOLDER MODULE...`` prints a line for each act of code under FOLDER, and
nothing when there was none. An act counts when no import stands between it and that code, so that
a third-party package's own import is that package's affair, and a call into it at import is ours.
"""

from __future__ import annotations

import importlib
import linecache
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType

ACTS = ("open", "os.", "shutil.", "socket.", "sqlite3.", "subprocess.", "tempfile.")
# Switches that a library reads whenever it makes a class, and that are nobody's setting.
SWITCHES = ("PYDANTIC_",)
# Files that import reads anyway: the modules, and the source that a decorator asks for.
READERS_OF_CODE = ("<frozen importlib", linecache.__file__)

folder = sys.argv[1]


def ours(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of code under the folder, unless code is being read for it."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(READERS_OF_CODE):
            return None
        if name.startswith(folder):
            return frame
        frame = frame.f_back
    return None


def note(act: str, detail: object, frame: FrameType | None) -> None:
    """Prints the act with its place, if it is ours."""
    place = ours(frame)
    if place is not None:
        where = f"{os.path.relpath(place.f_code.co_filename, folder)}:{place.f_lineno}"
        sys.stdout.write(f"{where}: {act} {detail!r}\n")


def audit(event: str, arguments: tuple[object, ...]) -> None:
    """The hook: Python raises these events, https://docs.python.org/3/library/audit_events.html."""
    if event.startswith(ACTS):
        note(event, arguments[:1], sys._getframe(1))


class WatchedEnvironment(type(os.environ)):  # type: ignore[misc]
    """The environment, noting who reads it, for which there is no audit event."""

    def __getitem__(self, name: str) -> str:
        if not name.startswith(SWITCHES):
            note("environment", name, sys._getframe(1))
        return str(super().__getitem__(name))

    def __iter__(self) -> Iterator[str]:
        note("environment", "all", sys._getframe(1))
        return iter(super().__iter__())


start = threading.Thread.start


def watched_start(thread: threading.Thread) -> None:
    """Starts a thread, noting who does: the audit event came with Python 3.12 only."""
    note("thread", thread.name, sys._getframe(1))
    start(thread)


def main() -> None:
    """Watches, then imports."""
    from pydantic import BaseModel  # noqa: PLC0415

    # The first model of a process looks for pydantic's plugins on disk: whoever makes it.
    type("First", (BaseModel,), {})
    os.environ.__class__ = WatchedEnvironment
    threading.Thread.start = watched_start  # type: ignore[method-assign, assignment]
    sys.addaudithook(audit)
    for module in sys.argv[2:]:
        importlib.import_module(module)


main()

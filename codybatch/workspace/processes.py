"""One program run to its end under bounds: time, output, a call-off, and a check of the caller's.

GitPython starts it (`git.cmd.Git.execute(as_process=True)`), and no more than that is safe here:

- importing it starts ``git version`` with this process's whole environment, keys and tokens
  included; so it is imported under the name of a program that cannot begin, which it is told to
  pass over.
- `execute` adds that environment to the one it is given; so every other name is given empty, and
  ``env -u`` takes it away before the program begins. (With ``env -i`` the values would stand in its
  arguments, a proxy's password among them.)
- its `kill_after_timeout` looks for children by ``pgrep`` and can miss them, and cannot be called
  off; so the program gets a session of its own, and the whole process group is killed.
- its reading of both streams has no limit; so they are read here.
- `Repo`, `clone_from` and their kin refuse the options that shut git's doors, read the person's
  configuration, and guess a wrong work tree where the git directory stands apart; none is used.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import IO, cast

from codybatch.domain.errors import CalledOff, GitFailed

BLOCK = 1 << 16
_KEPT_OF_STDERR = 1 << 14
_TICK_SECONDS = 0.05
_READ = selectors.EVENT_READ
_ADDED_BY_GITPYTHON = frozenset({"LANGUAGE", "LC_ALL"})
_NO_GIT_AT_IMPORT = {"GIT_PYTHON_GIT_EXECUTABLE": os.devnull, "GIT_PYTHON_REFRESH": "quiet"}
_IMPORTING = threading.Lock()

TIMED_OUT = "timed out"

Sink = Callable[[bytes], object]


@dataclass(frozen=True)
class Bounds:
    """What a program may use before it is killed.

    Arguments:
        seconds: wall clock.
        abort: set from another thread to call the program off.
        watch: called about 20 times a second; what it raises ends the program.
    """

    seconds: float = 600.0
    abort: threading.Event | None = None
    watch: Callable[[], None] | None = None

    def check(self, deadline: float) -> None:
        """Raise when a bound is crossed.

        Raises:
            CalledOff: the abort event is set.
            GitFailed: the time is up.
        """
        if self.abort is not None and self.abort.is_set():
            raise CalledOff
        if time.monotonic() > deadline:
            raise GitFailed(
                f"git did not finish within {self.seconds:g} s and was stopped.",
                status=-signal.SIGKILL,
                said=TIMED_OUT,
            )
        if self.watch is not None:
            self.watch()


def run_to_end(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    given: bytes,
    sink: Sink,
    bounds: Bounds,
) -> tuple[int, bytes]:
    """Run a program, feed it ``given``, hand its output to ``sink`` block by block.

    Returns its exit status (negative for a signal) and the end of what it wrote to stderr. Whatever
    is raised, by ``sink`` too, the program and all it started are dead before this returns.

    Raises:
        CalledOff: the abort event is set.
        GitFailed: the program is not there, or its time is up.
    """
    deadline = time.monotonic() + bounds.seconds
    bounds.check(deadline)
    process = _start(command, environment, folder, bool(given))
    try:
        said = _Pipes(process, given, sink).pump(lambda: bounds.check(deadline))
        return _ended(process, lambda: bounds.check(deadline)), said
    except BaseException:
        _kill_group(process)
        raise
    finally:
        _close(process)


def _start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, has_input: bool
) -> subprocess.Popen[bytes]:
    git = _gitpython()
    if not folder.is_dir():  # GitPython would start the program where this process stands
        raise GitFailed(f"{folder} is not there.")
    if (
        shutil.which(command[0], path=environment.get("PATH")) is None
    ):  # `env` itself is always found
        raise GitFailed(
            f"{command[0]} is not installed, or not on PATH. Install git 2.38 or newer."
        )
    others = (os.environ.keys() | _ADDED_BY_GITPYTHON) - environment.keys()
    try:
        interrupting = git.Git(str(folder)).execute(
            ["env", *(part for name in sorted(others) for part in ("-u", name)), *command],
            env={**dict.fromkeys(others, ""), **environment},
            istream=subprocess.PIPE if has_input else subprocess.DEVNULL,
            as_process=True,
            shell=False,
            start_new_session=True,
        )
    except git.GitCommandNotFound as error:
        raise GitFailed(f"{command[0]} could not be started.") from error
    process = cast("subprocess.Popen[bytes]", interrupting.proc)
    interrupting.proc = None  # the group is ended here, not by the wrapper's finaliser
    return process


@functools.cache
def _gitpython() -> ModuleType:
    """The module `git.cmd`, imported at the first use: nothing may start when ours is imported."""
    with _IMPORTING:
        before = {name: os.environ.get(name) for name in _NO_GIT_AT_IMPORT}
        os.environ.update(_NO_GIT_AT_IMPORT)
        try:
            return importlib.import_module("git.cmd")
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


class _Pipes:
    """The pipes of a running program, served side by side so that none can block another."""

    def __init__(self, process: subprocess.Popen[bytes], given: bytes, sink: Sink) -> None:
        self._sink = sink
        self._rest = memoryview(given)
        self._said = b""
        self._selector = selectors.DefaultSelector()
        self._outputs = 2
        self._selector.register(cast("IO[bytes]", process.stdout), _READ, self._take_output)
        self._selector.register(cast("IO[bytes]", process.stderr), _READ, self._take_error)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            self._selector.register(process.stdin, selectors.EVENT_WRITE, self._feed)

    def pump(self, check: Callable[[], None]) -> bytes:
        """Move bytes until both outputs are closed; return the end of stderr."""
        checked = time.monotonic()
        with self._selector:
            while self._outputs:
                for key, _ in self._selector.select(_TICK_SECONDS):
                    key.data(key.fileobj)
                if time.monotonic() - checked >= _TICK_SECONDS:
                    check()
                    checked = time.monotonic()
        return self._said

    def _take_output(self, pipe: IO[bytes]) -> None:
        if block := self._read(pipe):
            self._sink(block)

    def _take_error(self, pipe: IO[bytes]) -> None:
        self._said = (self._said + self._read(pipe))[-_KEPT_OF_STDERR:]

    def _read(self, pipe: IO[bytes]) -> bytes:
        block = os.read(pipe.fileno(), BLOCK)
        if not block:
            self._selector.unregister(pipe)
            self._outputs -= 1
        return block

    def _feed(self, pipe: IO[bytes]) -> None:
        try:
            self._rest = self._rest[os.write(pipe.fileno(), self._rest[:BLOCK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # it has read all it wants; its status says whether that is well
            self._rest = self._rest[:0]
        if not self._rest:
            self._selector.unregister(pipe)
            pipe.close()


def _ended(process: subprocess.Popen[bytes], check: Callable[[], None]) -> int:
    while True:
        try:
            return process.wait(_TICK_SECONDS)
        except subprocess.TimeoutExpired:
            check()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()

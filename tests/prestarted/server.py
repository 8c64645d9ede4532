"""A process that has imported everything, and forks a copy of itself for each start of a program.

Importing takes most of a short worker's time. What is forked is a process of its own, with its own
memory, pid, session and streams, that runs the very program; so a kill of it is a kill.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
SHIM = Path(__file__).with_name("shim.py")


@contextmanager
def prestarted(folder: Path, program: str) -> Iterator[tuple[str, ...]]:
    """The arguments that start ``program`` as often as wanted; the last one is the address.

    Args:
        folder: for the socket; its path must be short.
        program: a module with ``import_all()`` and ``main(arguments) -> int``.
    """
    address = str(folder / "prestarted")
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, address, program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with server:
        assert server.stdin
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        try:
            yield forked_at(address)
        finally:
            server.stdin.close()
            server.wait()


def forked_at(address: str) -> tuple[str, ...]:
    """The arguments that start the program of the server at an address."""
    return (sys.executable, "-I", "-S", str(SHIM), address)


class Server:
    """Forks for whoever connects."""

    def __init__(self, address: str, program: Any) -> None:
        self._program = program
        self._waiting: dict[int, socket.socket] = {}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen(64)
        self._ended, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        self._ready = selectors.DefaultSelector()

    def serve(self) -> None:
        """Until the standard input ends."""
        signal.set_wakeup_fd(self._tell.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for source in (self._listener, self._ended, sys.stdin):
            self._ready.register(source, selectors.EVENT_READ)
        print("ready", flush=True)  # noqa: T201
        while True:
            for key, _ in self._ready.select():
                if key.fileobj is sys.stdin:
                    return
                self._answer(key.fileobj)

    def stop(self) -> None:
        """End what still runs."""
        for pid in self._waiting:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _answer(self, source: Any) -> None:
        if source is self._listener:
            self._start(self._listener.accept()[0])
        elif source is self._ended:
            self._ended.recv(4096)
            self._reap()
        else:
            self._pass_on(source)

    def _start(self, asker: socket.socket) -> None:
        head, streams, _, _ = socket.recv_fds(asker, 4, 3)
        asked = asker.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
        pid = os.fork()
        if not pid:
            self._become(asker, streams, *json.loads(asked))
        for stream in streams:
            os.close(stream)
        self._waiting[pid] = asker
        self._ready.register(asker, selectors.EVENT_READ, pid)

    def _become(
        self,
        asker: socket.socket,
        streams: list[int],
        arguments: list[str],
        environment: dict[str, str],
        folder: str,
    ) -> NoReturn:
        """Be the program, from its first breath to its exit."""
        status = 70
        try:
            signal.set_wakeup_fd(-1)
            for handled in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
                signal.signal(handled, signal.SIG_DFL)
            for one in (asker, self._listener, self._ended, self._tell, *self._waiting.values()):
                one.close()
            self._ready.close()
            os.setsid()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            # Those of this process know whether the files that they were opened on can seek.
            sys.stdin, sys.stdout, sys.stderr = (
                open(number, mode, closefd=False)  # noqa: SIM115 - they end with the process
                for number, mode in enumerate(("r", "w", "w"))
            )
            os.environ.clear()
            os.environ.update(environment)
            os.chdir(folder)
            sys.argv = [self._program.__name__, *arguments]
            status = self._program.main(arguments)
        except BaseException:  # noqa: BLE001 - whatever it is, this copy ends here
            traceback.print_exc()
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._waiting:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            asker = self._waiting.pop(pid)
            with suppress(KeyError):
                self._ready.unregister(asker)
            with asker, suppress(OSError):
                code = os.waitstatus_to_exitcode(status)
                asker.sendall(code.to_bytes(4, "big", signed=True))

    def _pass_on(self, asker: socket.socket) -> None:
        """Signals of the shim; where it was killed, what it stands for dies with it."""
        if asker.fileno() < 0:
            return  # reaped in the same round
        pid = self._ready.get_key(asker).data
        numbers = asker.recv(16)
        if not numbers:
            self._ready.unregister(asker)
        for number in numbers or [signal.SIGKILL]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def main() -> None:
    """Import the program and what it needs, then fork for whoever asks."""
    program = importlib.import_module(sys.argv[2])
    program.import_all()
    gc.collect()
    gc.freeze()
    server = Server(sys.argv[1], program)
    try:
        server.serve()
    finally:
        server.stop()


if __name__ == "__main__":
    main()

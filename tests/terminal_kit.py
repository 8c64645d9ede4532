"""A terminal of a known size around a command."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping

from codybatch.settings import inherited_environment

_TAKE_THE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
"""The terminal becomes the command's own, so that Ctrl-C reaches it."""


class Terminal:
    """One command on a terminal; everything it shows is read as it comes."""

    def __init__(self, *command: str, columns: int, environment: Mapping[str, str]) -> None:
        """Start ``command`` (of this Python) on a terminal of so many columns."""
        self.shown = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_THE_TERMINAL, *command],
            env={**inherited_environment(), "TERM": "xterm-256color", **environment},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def press_ctrl_c(self) -> None:
        """What the key does."""
        os.write(self._ours, b"\x03")

    def type(self, text: str) -> None:
        """What a person types; a line feed is the return key."""
        os.write(self._ours, text.encode())

    def read_until(self, seen: Callable[[str], bool]) -> None:
        """Read until ``seen`` holds for all that was shown, or the command has closed it."""
        while not seen(self.shown):
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # Linux: the other side is closed
                return
            if not piece:
                return
            self.shown += piece.decode(errors="replace")

    def finish(self) -> int:
        """Read to the end; the command's exit status."""
        self.read_until(lambda _: False)
        os.close(self._ours)
        return self.process.wait(60)

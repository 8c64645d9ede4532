"""Runs a program that ends when its standard input does: with the process that started it.

``python -I ends_with_its_owner.py PROGRAM``: a script of its own, for the stand-in's environment
has nothing of ours.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

_SECONDS_TO_END = 5.0


def _watch() -> None:
    # Not through sys.stdin: a thread that waits there stands in the way when Python ends.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_SECONDS_TO_END)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_watch, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")

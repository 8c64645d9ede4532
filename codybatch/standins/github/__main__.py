"""`python -m codybatch.standins.github --root DIR`: serve until SIGTERM or the parent's end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from codybatch.standins.github.standin import GitHubStandin

SECONDS_BETWEEN_LOOKS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the stand-in; the first line on standard output is its address."""
    parent = os.getppid()
    options = _parser().parse_args(arguments)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with GitHubStandin(options.root, options.port) as github:
        if options.port_file is not None:
            _write_whole(options.port_file, f"{github.port}\n")
        sys.stdout.write(f"{github.url}\n")
        sys.stdout.flush()
        # A parent that is gone leaves its child to another process.
        while os.getppid() == parent and not ending.wait(SECONDS_BETWEEN_LOOKS):
            pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m codybatch.standins.github", description=__doc__
    )
    parser.add_argument("--root", type=Path, required=True, help="folder of what it remembers")
    parser.add_argument("--port", type=int, default=0, help="0 (default) lets the system choose")
    parser.add_argument("--port-file", type=Path, help="file to write the port to")
    return parser


def _write_whole(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


if __name__ == "__main__":
    sys.exit(main())

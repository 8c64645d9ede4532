"""The stand-in as a process of its own: ``python -m codybatch.standins.anthropic --port-file F``.

It listens on 127.0.0.1, writes its port into the file once it answers, and ends with SIGTERM, with
SIGINT, or when the process that started it is gone.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import cast

from codybatch.standins.anthropic.reply import Brain
from codybatch.standins.anthropic.server import AnthropicStandin
from codybatch.standins.anthropic.service import DEMONSTRATION_KEY

_SECONDS_BETWEEN_LOOKS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 0 as the exit status."""
    options = _options(arguments)
    ended = threading.Event()
    _end_on_signals(ended)
    parent = os.getppid()
    keys = [DEMONSTRATION_KEY]
    if options.api_keys_file:
        keys = options.api_keys_file.read_text(encoding="utf-8").split()
    standin = AnthropicStandin(
        _load_brain(options.brain),
        api_keys=keys,
        port=options.port,
        pause_seconds=options.pause_seconds,
    )
    with standin:
        _announce(standin, options.port_file)
        while os.getppid() == parent and not ended.wait(_SECONDS_BETWEEN_LOOKS):
            pass
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m codybatch.standins.anthropic",
        description="A stand-in for Anthropic's Messages API, on loopback, for demonstrations.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--port-file", type=Path, help="is written once the server answers")
    parser.add_argument(
        "--brain",
        default="codybatch.standins.demonstration:DemonstrationModel",
        help="MODULE:NAME of a function from requests to replies, or of a class of such",
    )
    parser.add_argument("--api-keys-file", type=Path, help="accepted keys, one a line")
    parser.add_argument(
        "--pause-seconds", type=float, default=0.0, help="how long it thinks before each reply"
    )
    return parser.parse_args(arguments)


def _load_brain(name: str) -> Brain:
    module, _, attribute = name.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    return cast("Brain", found() if isinstance(found, type) else found)


def _end_on_signals(ended: threading.Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _announce(standin: AnthropicStandin, port_file: Path | None) -> None:
    if port_file:
        whole = port_file.with_name(port_file.name + ".new")
        whole.write_text(f"{standin.port}\n", encoding="utf-8")
        whole.replace(port_file)
    print(standin.url, flush=True)  # noqa: T201 - the one line that a starter reads


if __name__ == "__main__":
    sys.exit(main())

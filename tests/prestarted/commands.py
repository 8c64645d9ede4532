"""The command line of Cody Batch, whose workers and conversations are forked and not imported anew.

As a program of ``server`` it is the command line itself, in a fork. As a script it is the command
line in a fresh interpreter: ``python commands.py ADDRESS ARGUMENTS…``, with the server's address.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])

from tests.prestarted.server import forked_at

WARMING = "tests.worker.crashing.aws_calls"
LATE = (
    "anthropic",
    "codybatch.claude.connection",
    "codybatch.cli.processes",
    "codybatch.composition",
    "codybatch.github.code_host",
    "codybatch.services.publication",
    "codybatch.worker.converse",
    "codybatch.stores.aws.store",
    "codybatch.worker.run",
    "requests",
)
"""What the workers' commands import when they run."""


def import_all() -> None:
    """Import whatever workers do, so that copies of this process need not."""
    for name in LATE:
        importlib.import_module(name)
    importlib.import_module(WARMING).warm_up()


def main(arguments: list[str]) -> int:
    """Run one command in a fork of the server's process; its exit status."""
    return run(ADDRESS, arguments)


def run(address: str, arguments: list[str]) -> int:
    """Run one command, whose workers are forks of a server's; its exit status.

    A dispatcher is an interpreter of its own in any case, since its pid is looked for.
    """
    backing: Any = importlib.import_module("codybatch.backing")
    composition: Any = importlib.import_module("codybatch.composition")
    command_line: Any = importlib.import_module("codybatch.cli.main")
    is_dispatcher = arguments[:1] == ["dispatcher"]
    backing.PROGRAM = forked_at(address) if is_dispatcher else interpreter_at(address)
    composition.PROGRAM = forked_at(address)
    try:
        command_line.main(arguments)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0


def interpreter_at(address: str) -> tuple[str, ...]:
    """The arguments that start the command line in a fresh interpreter."""
    return (sys.executable, __file__, address)


ADDRESS = sys.argv[1] if len(sys.argv) > 1 else ""
"""Of the server: where it imports this, and where this is the script."""

if __name__ == "__main__":
    sys.exit(run(ADDRESS, sys.argv[2:]))

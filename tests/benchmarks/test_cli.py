"""How long a person waits for ``codybatch --help``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

pytestmark = pytest.mark.benchmark

ROUNDS = 7
MOST_SECONDS = 0.3
"""On a machine of today; a ratio holds it on a slower one."""
MOST_TIMES_TYPER = 2.0


def fastest(*arguments: str) -> float:
    """Seconds of the fastest of some runs: what the machine needs when nothing else wants it."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], env=os.environ, capture_output=True, check=True
        )
        times.append(time.perf_counter() - begun)
    return min(times)


def test_help_costs_little_more_than_the_library_that_prints_it(
    record_property: Callable[[str, object], None],
) -> None:
    bare = fastest("-c", "import typer")
    ours = fastest("-m", "codybatch", "--help")

    record_property("help_seconds", round(ours, 3))
    measured = f"codybatch --help: {ours * 1000:.0f} ms; import typer: {bare * 1000:.0f} ms"
    sys.stdout.write(measured + "\n")
    assert ours < MOST_TIMES_TYPER * bare, measured
    assert ours < MOST_SECONDS, measured

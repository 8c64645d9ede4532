"""Fresh Python processes for tests, which begin as nothing but what they are given to do."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext
from types import ModuleType

MAIN = "__main__"


@contextmanager
def spawning() -> Iterator[SpawnContext]:
    """What starts processes inside the block.

    A spawned process first runs its parent's ``__main__`` again. Here that would be pytest, or
    whatever a test put in its place, so that a process would be slower or fail by the order of
    tests; inside the block it is an empty module.
    """
    with main_given_back():
        sys.modules[MAIN] = ModuleType(MAIN)
        yield multiprocessing.get_context("spawn")


@contextmanager
def main_given_back() -> Iterator[None]:
    """After the block ``__main__`` is the module that it was before.

    Streamlit's script runner puts the script that it runs there, and leaves it.
    """
    before = sys.modules[MAIN]
    try:
        yield
    finally:
        sys.modules[MAIN] = before

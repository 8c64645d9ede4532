"""What a process of ours logs: our own code's lines alone, each made fit to be read."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable


def log_ours(level: int, made_fit: Callable[[str], str]) -> None:
    """Send what our own code logs, tracebacks included, to standard error.

    Only ours: what libraries log may hold headers with credentials.

    Args:
        level: from which level on.
        made_fit: takes out of each line what it must not hold.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Discreet(made_fit))
    ours = logging.getLogger("codybatch")
    ours.handlers = [handler]  # in place of what an earlier call in this process set up
    ours.setLevel(level)
    ours.propagate = False  # a handler on the root, as Lambda's, would say it again, not made fit


class _Discreet(logging.Formatter):
    """Lines without what they must not hold."""

    def __init__(self, made_fit: Callable[[str], str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._made_fit = made_fit

    def format(self, record: logging.LogRecord) -> str:
        return self._made_fit(super().format(record))

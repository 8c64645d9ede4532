"""Looking at the schedules, in whatever process lives long enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codybatch.settings import Settings


@contextmanager
def schedules_looked_at(settings: Settings) -> Iterator[None]:
    """Start what is due in a home directory while the block runs."""
    from codybatch.composition import application
    from codybatch.services.timekeeper import Timekeeper

    app = application(settings)
    try:
        with Timekeeper(app.schedules.runs.tick):
            yield
    finally:
        app.close()

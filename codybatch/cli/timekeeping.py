"""Looking at schedules and experiments in whatever process lives long enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codybatch.settings import Settings


@contextmanager
def time_kept(settings: Settings) -> Iterator[None]:
    """Start what is due, and let experiments go on, while the block runs. Where AWS Batch runs the
    jobs, the deployment's own tick does, with its credentials and its caps: this process may have
    others, or none.
    """
    from codybatch.composition import application
    from codybatch.services.timekeeper import Timekeeper

    if settings.runs_on_batch:
        yield
        return
    app = application(settings)
    try:
        with Timekeeper(app.schedules.runs.tick), Timekeeper(app.experiments.runs.tick):
            yield
    finally:
        app.close()

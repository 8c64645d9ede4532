"""Looking at the schedules, and after AWS Batch, in whatever process lives long enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codybatch.settings import Settings


BATCH_SECONDS = 60.0
"""Between two looks at AWS Batch, as often as the tick in AWS; of the rest events tell at once."""


@contextmanager
def schedules_looked_at(settings: Settings) -> Iterator[None]:
    """Start what is due while the block runs; where AWS Batch runs the jobs, no dispatcher brings
    it and the records together, so that is done, too.
    """
    from codybatch.api.cloud_events import upkeep_of
    from codybatch.composition import application
    from codybatch.services.timekeeper import Timekeeper

    app = application(settings)
    try:
        if settings.runs_on_batch:
            keeper = Timekeeper(upkeep_of(app).tick, BATCH_SECONDS)
        else:
            keeper = Timekeeper(app.schedules.runs.tick)
        with keeper:
            yield
    finally:
        app.close()

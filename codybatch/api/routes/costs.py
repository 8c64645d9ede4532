"""Costs: what many jobs cost together."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked
from codybatch.api.call import Reading
from codybatch.api.routing import router
from codybatch.services.moments import moment_of
from codybatch.services.spending import By, spending
from codybatch.services.wire.requests import GroupedSpending

routes = router("costs")

MOST_JOBS = 10_000
"""That one answer sums up: each is read, and behind a gateway a call may take half a minute."""


class Grouping(Asked):
    """Which jobs, and by what they are summed up."""

    since: Annotated[str, Field(max_length=40)] = "30d"
    """``2026-01-31``, ``30d`` or ``6w``."""
    by: By = By.DAY


@routes.get("/costs", response_model=GroupedSpending)
def costs(call: Reading, wanted: Annotated[Grouping, Query()]) -> Response:
    """Sum up what jobs cost, by the day on which they were submitted or by what they were; at most
    10,000 jobs at once.
    """
    app = call.app
    since = moment_of(wanted.since, app.clock.now())
    parts = spending(app.store.records, since, wanted.by, MOST_JOBS)
    return call.answer(GroupedSpending.by_group(wanted.by, parts))

"""How often a page looks again."""

from __future__ import annotations

from collections.abc import Iterable

from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState

BUSY_SECONDS, WAITING_SECONDS = 2.0, 10.0
"""While something runs, and while something only waits."""


def refresh_seconds(states: Iterable[JobState]) -> float | None:
    """How soon a page that shows jobs in these states should look again; None for never."""
    active = {state for state in states if not state.is_terminal}
    if active & {JobState.QUEUED, JobState.RUNNING}:
        return BUSY_SECONDS
    return WAITING_SECONDS if active else None


def refresh_seconds_of(counts: Iterable[JobCounts]) -> float | None:
    """The same for a page that shows requests with these counts of jobs."""
    every = list(counts)
    return refresh_seconds(state for state in JobState if any(one.of(state) for one in every))

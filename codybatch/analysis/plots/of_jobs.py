"""Pictures of jobs, out of the frame of jobs: what ``Workspace.plot`` gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import pandas as pd

from codybatch.analysis.frames.choice import JobChoice, taking
from codybatch.analysis.frames.jobs import JOBS
from codybatch.analysis.plots.distribution import Written, distribution
from codybatch.analysis.plots.outcomes import outcomes
from codybatch.analysis.plots.picture import Picture
from codybatch.analysis.plots.units import dollars, duration
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from codybatch.analysis.recorded import Recorded

ALL = "all jobs"


class Measure(NamedTuple):
    """A column whose values are spread."""

    column: str
    title: str
    axis: str
    written: Written


COST = Measure("cost_usd", "Cost of a job", "US dollars", dollars)
WORK = Measure("worked_seconds", "Work of a job", "Time of work", duration)
TURNS = Measure("turns", "Turns of a job", "Replies of the model", lambda number: f"{number:.4g}")


class Plots:
    """Pictures of how jobs are spread.

    Each takes a frame of jobs, whole or narrowed, or else the filters of ``jobs()``; ``by`` is the
    column whose values are the groups, and None takes all jobs together.
    """

    def __init__(self, workspace: Recorded) -> None:
        """See ``Workspace.plot``."""
        self._workspace = workspace

    @taking(JobChoice)
    def costs(
        self,
        jobs: pd.DataFrame | None = None,
        *,
        by: str | None = "prompt",
        **of: Unpack[JobChoice],
    ) -> Picture:
        """What jobs cost, in US dollars."""
        return self._spread(COST, jobs, by, of)

    @taking(JobChoice)
    def times(
        self,
        jobs: pd.DataFrame | None = None,
        *,
        by: str | None = "prompt",
        **of: Unpack[JobChoice],
    ) -> Picture:
        """How long jobs worked, waiting not counted."""
        return self._spread(WORK, jobs, by, of)

    @taking(JobChoice)
    def turns(
        self,
        jobs: pd.DataFrame | None = None,
        *,
        by: str | None = "prompt",
        **of: Unpack[JobChoice],
    ) -> Picture:
        """How many replies of the model jobs took."""
        return self._spread(TURNS, jobs, by, of)

    @taking(JobChoice)
    def outcomes(
        self,
        jobs: pd.DataFrame | None = None,
        *,
        by: str | None = "prompt",
        **of: Unpack[JobChoice],
    ) -> Picture:
        """How jobs ended, or where they stand."""
        frame = self._frame(jobs, ("state",), by, of)
        counted: dict[str, Counter[str]] = {}
        for group, state in zip(frame["group"], frame["state"], strict=True):
            counted.setdefault(str(group), Counter())[str(state)] += 1
        return outcomes(counted, _titled("How jobs ended", by))

    def _spread(
        self, measure: Measure, jobs: pd.DataFrame | None, by: str | None, of: Any
    ) -> Picture:
        column = measure.column
        frame = self._frame(jobs, (column, "started_at"), by, of)
        begun = frame[frame["started_at"].notna()]
        groups = {
            str(name): [float(value) for value in values.dropna()]
            for name, values in begun.groupby("group")[column]
        }
        title = _titled(measure.title, by)
        return distribution(groups, title, measure.axis, measure.written)

    def _frame(
        self, jobs: pd.DataFrame | None, needed: tuple[str, ...], by: str | None, of: Any
    ) -> pd.DataFrame:
        """The needed columns, and ``group``.

        Raises:
            UsageError: a column is not there, or a frame and filters are given together.
        """
        wanted = (*needed, *((by,) if by else ()))
        if jobs is None:
            JOBS.chosen(wanted)
            jobs = self._workspace.jobs(columns=wanted, **of)
        elif any(value is not None for value in of.values()):
            raise UsageError("Give a frame of jobs or filters, not both: a frame can be narrowed.")
        if missing := [name for name in wanted if name not in jobs.columns]:
            raise UsageError(f"The frame has no column {', '.join(map(repr, missing))}.")
        group = jobs[by].astype("str").fillna("none") if by else ALL
        return jobs.assign(group=group)


def _titled(title: str, by: str | None) -> str:
    return f"{title}, by {by.replace('_', ' ')}" if by else title

"""All that is recorded in one place, as frames."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, Unpack

import pandas as pd

from codybatch.analysis.frames.choice import (
    JobChoice,
    RequestChoice,
    When,
    job_filter,
    jobs_named,
    limit_of,
    moment,
    request_filter,
    taking,
)
from codybatch.analysis.frames.column import Frame
from codybatch.analysis.frames.costs import COSTS, rows_of_charges
from codybatch.analysis.frames.experiments import EXPERIMENTS
from codybatch.analysis.frames.findings import FINDINGS, rows_of_findings
from codybatch.analysis.frames.jobs import JOBS
from codybatch.analysis.frames.requests import REQUESTS
from codybatch.analysis.frames.spending import SPENDING
from codybatch.analysis.frames.threads import Problems, in_pages
from codybatch.analysis.frames.tool_calls import TOOL_CALLS, rows_of_calls
from codybatch.analysis.frames.turns import TURNS, rows_of_turns
from codybatch.analysis.frames.verdicts import VERDICTS, rows_of_verdicts
from codybatch.analysis.plots.of_jobs import Plots
from codybatch.analysis.progress import counted
from codybatch.clients import prices
from codybatch.composition import Application
from codybatch.domain.errors import UsageError
from codybatch.domain.jobs import Job
from codybatch.services.job_lists import pages_of_jobs
from codybatch.services.request_lists import pages_of_requests
from codybatch.services.spending import By, spending

R = TypeVar("R")
Columns = Iterable[str] | None
"""Names of the columns that are wanted; all by default, and fewer are there sooner."""


class UnreadRecords(UserWarning):
    """Of some jobs not everything could be read; the frame has the rest."""


class Recorded:
    """Frames of what is recorded.

    They are plain pandas with the same columns and types whatever is in them (docs/notebooks.md
    lists them); they are read in pages, through the same services as the workbench and the command
    line use. Filters are named as there, and all of them hold at once.
    """

    def __init__(self, app: Application) -> None:
        """See ``codybatch.connect``."""
        self.application = app
        """Everything behind it: settings, services, the exact records."""

    @taking(RequestChoice)
    def requests(self, *, columns: Columns = None, **of: Unpack[RequestChoice]) -> pd.DataFrame:
        """A row a request, newest first."""
        app = self.application
        wanted = request_filter(of, app.clock.now(), app.settings.code_host_name)
        pages = pages_of_requests(app.store.records, wanted, limit_of(of))
        return REQUESTS.filled(pages, app.net.clean, columns)

    @taking(JobChoice)
    def jobs(self, *, columns: Columns = None, **of: Unpack[JobChoice]) -> pd.DataFrame:
        """A row a job, newest first; of one request, in the order of its repositories."""
        return JOBS.filled(self._pages(of), self.application.net.clean, columns)

    @taking(JobChoice)
    def turns(self, *, columns: Columns = None, **of: Unpack[JobChoice]) -> pd.DataFrame:
        """A row a reply of the model, with what it used and how long it took."""
        return self._of_threads(
            TURNS,
            of,
            columns,
            lambda jobs, problems: rows_of_turns(self.application.jobs, jobs, problems),
        )

    @taking(JobChoice)
    def tool_calls(self, *, columns: Columns = None, **of: Unpack[JobChoice]) -> pd.DataFrame:
        """A row a tool call. Whole conversations are read for it: filter, or take a while."""
        return self._of_threads(
            TOOL_CALLS,
            of,
            columns,
            lambda jobs, problems: rows_of_calls(self.application.jobs, jobs, problems),
        )

    @taking(JobChoice)
    def costs(self, *, columns: Columns = None, **of: Unpack[JobChoice]) -> pd.DataFrame:
        """A row a request to the model: its tokens, its cost, and what the cache saved."""
        price = prices(self.application.settings).price
        return self._of_threads(
            COSTS,
            of,
            columns,
            lambda jobs, problems: rows_of_charges(self.application.jobs, jobs, price, problems),
        )

    @taking(JobChoice)
    def findings(self, *, columns: Columns = None, **of: Unpack[JobChoice]) -> pd.DataFrame:
        """A row a finding of an audit, the worst of each job first."""
        rows = rows_of_findings(self._jobs(of))
        return FINDINGS.filled(in_pages(rows), self.application.net.clean, columns)

    @taking(JobChoice)
    def verdicts(self, *, columns: Columns = None, **of: Unpack[JobChoice]) -> pd.DataFrame:
        """A row what one person thinks of one job."""
        rows = rows_of_verdicts(self.application.jobs, counted(self._jobs(of), "jobs"))
        return VERDICTS.filled(in_pages(rows), self.application.net.clean, columns)

    def experiments(self, *, columns: Columns = None) -> pd.DataFrame:
        """A row an experiment, newest first."""
        found = self.application.experiments.list()
        return EXPERIMENTS.filled([found], self.application.net.clean, columns)

    def spending(self, by: str = "model", since: When = "30d") -> pd.DataFrame:
        """What jobs cost together, the dearest first (days in their order).

        Args:
            by: ``day``, ``model``, ``prompt``, ``repository`` or ``person``.
            since: submitted at or after.

        Raises:
            UsageError: there is no such group, or the moment cannot be understood.
        """
        if by not in set(By):
            raise UsageError(f"{by!r} is no group: {', '.join(By)}.")
        app = self.application
        parts = spending(app.store.records, moment(since, app.clock.now()), By(by))
        return SPENDING.filled([parts], app.net.clean)

    @property
    def plot(self) -> Plots:
        """Pictures of what jobs cost, how long they took and how they ended."""
        return Plots(self)

    def _pages(self, of: Any) -> Iterator[tuple[Job, ...]]:
        """The jobs of a choice, some at a time."""
        app = self.application
        wanted = job_filter(of, app.clock.now(), app.settings.code_host_name)
        most, named = limit_of(of), jobs_named(of)
        if named is None:
            return pages_of_jobs(app.store.records, wanted, most)
        found = (app.jobs.find(one) for one in named)
        return iter([tuple(job for job in found if wanted.fits(job))[:most]])

    def _jobs(self, of: Any) -> Iterator[Job]:
        return (job for page in self._pages(of) for job in page)

    def _of_threads(
        self,
        frame: Frame[R],
        of: Any,
        columns: Columns,
        rows: Callable[[Iterable[Job], Problems], Iterable[R]],
    ) -> pd.DataFrame:
        """A frame for which each job's thread is looked at, whatever is wrong with some."""
        clean = self.application.net.clean
        problems = Problems(clean)
        found = rows(counted(self._jobs(of), "jobs"), problems)
        filled = frame.filled(in_pages(found), clean, columns)
        filled.attrs["problems"] = problems.found
        if problems.found:
            warnings.warn(str(problems), UnreadRecords, stacklevel=3)
        return filled

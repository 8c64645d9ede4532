"""What ``codybatch.connect()`` gives: frames of what is recorded, results to read, and requests to
submit where that was asked for.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Unpack

import pandas as pd

from codybatch.analysis.display.cards import forecast_html, forecast_text
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
from codybatch.analysis.results import JobResult, RequestResult
from codybatch.analysis.submission import Wishes, form_of, understood
from codybatch.clients import prices
from codybatch.composition import Application, application, verdicts
from codybatch.domain.errors import PolicyError, UsageError
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import job_id, request_id
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.records import JsonObject
from codybatch.services.estimates import Forecast
from codybatch.services.job_lists import pages_of_jobs
from codybatch.services.prompt_files import draft_of
from codybatch.services.request_lists import pages_of_requests
from codybatch.services.spending import By, spending
from codybatch.settings import load_settings

R = TypeVar("R")
Columns = Iterable[str] | None
"""Names of the columns that are wanted; all by default, and fewer are there sooner."""


class UnreadRecords(UserWarning):
    """Of some jobs not everything could be read; the frame has the rest."""


def opened(home: Path | str | None, *, demo: bool, allow_changes: bool) -> Workspace:
    """See ``codybatch.connect``."""
    if demo and allow_changes:
        raise PolicyError(
            "demo=True only looks at the demonstration's results. Leave it out to work on your "
            "own, or work on the demonstration in its workbench: `codybatch up --demo`."
        )
    settings = load_settings(**({} if home is None else {"home": Path(home)}))
    wanted = settings.for_demonstration() if demo else settings
    return Workspace(application(wanted), allows_changes=allow_changes)


class Workspace:
    """What is recorded in one place, as frames and for reading.

    Frames are plain pandas with the same columns and types whatever is in them
    (docs/notebooks.md lists them); they are read in pages, through the same services as the
    workbench and the command line use. Filters are named as there, and all of them hold at once.
    """

    def __init__(self, app: Application, *, allows_changes: bool) -> None:
        """See ``codybatch.connect``."""
        self.application = app
        """Everything behind it: settings, services, the exact records."""
        self.allows_changes = allows_changes
        """Whether requests can be submitted, cancelled and judged."""

    # --- frames --------------------------------------------------------------------------------

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

    # --- results to read -----------------------------------------------------------------------

    def job(self, job: str) -> JobResult:
        """One job: result, diff, conversation.

        Args:
            job: its id, as ``jobs()`` has it.

        Raises:
            UnknownIdentifier, NotFound: there is none with this id.
        """
        return JobResult(self, self.application.jobs.find(job_id(job)))

    def request(self, request: str) -> RequestResult:
        """One request with its jobs.

        Args:
            request: its id, as ``requests()`` has it.

        Raises:
            UnknownIdentifier, NotFound: there is none with this id.
        """
        requests = self.application.requests
        found = requests.find(request_id(request))
        return RequestResult(self, found, requests.jobs_of(found.id))

    # --- requests to submit --------------------------------------------------------------------

    def draft(
        self, name: str, text: str, *, kind: str = "change", schema: JsonObject | None = None
    ) -> PromptDraft:
        """A prompt that is not saved yet, for ``submit`` and ``estimate``; nothing is stored.

        Args:
            name: of the prompt: lowercase letters, digits and dashes.
            text: what Claude is asked; it may hold ``{{variables}}``.
            kind: ``change``, ``audit`` or ``ask``.
            schema: of an ask: the JSON Schema of its answer.

        Raises:
            UsageError: it cannot be a prompt; the message says why.
        """
        if kind not in set(Kind):
            raise UsageError(f"{kind!r} is no kind of prompt: {', '.join(Kind)}.")
        with understood():
            return draft_of(text, name=name, kind=Kind(kind), answer_schema=schema)

    @taking(Wishes)
    def estimate(
        self,
        prompt: str | PromptDraft,
        repositories: str | Sequence[str],
        **wishes: Unpack[Wishes],
    ) -> ShownForecast:
        """Say what a request may cost; nothing is run and nothing is stored.

        Args:
            prompt: a saved prompt (``name`` or ``name@3``), or what ``draft`` gives.
            repositories: ``owner/name`` or ``owner/name@ref``, one or several.
            wishes: what ``submit`` takes.

        Raises:
            CodyBatchError: what ``submit`` would refuse, too.
        """
        app = self._with_services("estimate a request")
        form = form_of(app, prompt, repositories, wishes)
        return ShownForecast(app.requests.forecast(form))

    @taking(Wishes)
    def submit(
        self,
        prompt: str | PromptDraft,
        repositories: str | Sequence[str],
        **wishes: Unpack[Wishes],
    ) -> RequestResult:
        """Submit a request: one prompt over a few repositories, a durable job each. This costs
        money. ``.wait()`` of what it gives waits for the jobs.

        Args:
            prompt: a saved prompt (``name`` or ``name@3``), or what ``draft`` gives.
            repositories: ``owner/name`` or ``owner/name@ref``, one or several.
            wishes: variables, title, model, effort, caps in US dollars (``max_cost``,
                ``job_cost``) and more, named like the options of ``codybatch submit``.

        Raises:
            PolicyError: the workspace is read-only, or the request is refused.
            CodyBatchError: it is wrong, or a service could not be asked; nothing is stored.
        """
        app = self.to_change("submit a request")
        created = app.requests.submit(form_of(app, prompt, repositories, wishes))
        for notice in app.requests.hindrances(created):
            warnings.warn(notice, UserWarning, stacklevel=2)
        return RequestResult(self, created.request, created.jobs)

    def rate(
        self,
        job: str,
        verdict: str,
        *,
        rating: int | None = None,
        reasons: Sequence[str] = (),
        comment: str = "",
    ) -> Verdict:
        """Judge an ended job's result, in place of one's earlier verdict.

        Args:
            job: its id.
            verdict: ``accept`` or ``reject``.
            rating: 1 (bad) to 5 (good).
            reasons: some of CODYBATCH_VERDICT_REASONS.
            comment: anything more.

        Raises:
            PolicyError: the workspace is read-only.
            UsageError: something that cannot be; the message says what can.
        """
        app = self.to_change("judge a job")
        if verdict not in set(Decision):
            raise UsageError(f"A verdict is accept or reject; not {verdict!r}.")
        return verdicts(app).rate(
            *(job_id(job), app.person, Decision(verdict)),
            rating=rating,
            reasons=[reasons] if isinstance(reasons, str) else reasons,
            comment=comment,
        )

    def to_change(self, act: str) -> Application:
        """The application, to change something.

        Args:
            act: what is to be done, in words.

        Raises:
            PolicyError: the workspace is read-only.
        """
        if not self.allows_changes:
            raise PolicyError(
                f"This workspace is read-only, so it cannot {act}. "
                "Say codybatch.connect(allow_changes=True) where that is meant."
            )
        return self._with_services(act)

    # --- itself --------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the store and of every client."""
        self.application.close()

    def __enter__(self) -> Workspace:
        """Use it in a ``with``."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Where it looks, and whether it may change anything."""
        settings = self.application.settings
        what = "the demonstration in " if settings.is_demonstration else ""
        how = "may change it" if self.allows_changes else "read-only"
        return f"Workspace({what}{settings.home}, {how})"

    def _with_services(self, act: str) -> Application:
        if self.application.settings.standins_have_ended:
            raise PolicyError(
                f"The demonstration's stand-ins have ended, so nobody can {act} there. "
                "Its workbench starts them: `codybatch up --demo`."
            )
        return self.application

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


class ShownForecast:
    """What a request may cost, for reading; ``forecast`` has the exact amounts."""

    def __init__(self, forecast: Forecast) -> None:
        """See ``Workspace.estimate``."""
        self.forecast = forecast

    def __repr__(self) -> str:
        """The forecast as plain text."""
        return forecast_text(self.forecast)

    def _repr_html_(self) -> str:
        return forecast_html(self.forecast)

"""What ``codybatch.connect()`` gives: frames of what is recorded, results to read, and requests to
submit where that was asked for.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Unpack

from codybatch.analysis.comparison import ComparisonResult
from codybatch.analysis.display.cards import forecast_html, forecast_text
from codybatch.analysis.experiments import ArmResult, ExperimentResult
from codybatch.analysis.frames.choice import (
    taking,
)
from codybatch.analysis.planning import Design, PlannedExperiment
from codybatch.analysis.planning import form_of as design_of
from codybatch.analysis.recorded import Recorded
from codybatch.analysis.results import JobResult, RequestResult
from codybatch.analysis.sides import Named, material_for
from codybatch.analysis.submission import Wishes, form_of, understood
from codybatch.composition import Application, application, verdicts
from codybatch.demonstration_home import why_it_is_only_looked_at
from codybatch.domain.errors import PolicyError, UsageError
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import job_id, request_id
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.records import JsonObject
from codybatch.services.estimates import Forecast
from codybatch.services.prompt_files import draft_of
from codybatch.settings import load_settings


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


class Workspace(Recorded):
    """What is recorded in one place, as frames and for reading."""

    def __init__(self, app: Application, *, allows_changes: bool) -> None:
        """See ``codybatch.connect``."""
        super().__init__(app)
        self.allows_changes = allows_changes
        """Whether requests can be submitted, cancelled and judged."""

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

    def compare(
        self, a: Named, b: Named, *, metric: str = "accepted", by: str = "repository"
    ) -> ComparisonResult:
        """Which of two is better, by how much, and how sure that is (docs/statistics.md).

        Jobs are paired by repository; several on one repository are repetitions. Follow-ups are
        left out, and of a job that was retried the retry counts.

        Args:
            a: a prompt (``hints@2``), a request (its id, or what ``request`` gives), several of
                these, or an arm of an experiment (``experiment(…).arm(…)``).
            b: the same of the other, which is compared with ``a``.
            metric: what is asked about: ``accepted``, ``rating``, ``correct``, ``cost`` or
                ``duration``.
            by: ``repository``, or ``owner`` where repositories of one owner resemble each other.

        Raises:
            UsageError: a side has no job, both have the same, or there is no such metric.
            NotFound, UnknownPrompt: there is no such request or prompt.
        """
        if isinstance(a, ArmResult) and isinstance(b, ArmResult) and a.is_beside(b):
            return a.experiment.compare(b.name, a.name, metric=metric, by=by)
        return ComparisonResult(self, material_for(self.application, a, b, metric, by))

    def experiment(self, experiment: str) -> ExperimentResult:
        """One experiment: its answer, its arms, its jobs.

        Args:
            experiment: its id or its name.

        Raises:
            UnknownExperiment: there is none.
        """
        return ExperimentResult(self, self.application.experiments.find(experiment))

    @taking(Design)
    def plan_experiment(
        self,
        prompts: str | Sequence[str],
        repositories: str | Sequence[str],
        **design: Unpack[Design],
    ) -> PlannedExperiment:
        """Say what an experiment would run and may cost; ``.begin()`` of what it gives sets it up.
        Nothing is published by it.

        Args:
            prompts: saved ones: ``name`` or ``name@3``.
            repositories: ``owner/name`` or ``owner/name@ref``, one or several.
            design: name, question, repetitions, baseline, metric, budget in US dollars, models,
                efforts and more.

        Raises:
            CodyBatchError: it is wrong or refused, or a service could not be asked.
        """
        app = self._with_services("plan an experiment")
        form = design_of(app, prompts, repositories, design)
        return PlannedExperiment(self, form, app.experiments.preview(form, app.person))

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
            reasons: some of the list, which `codybatch verdicts reasons` shows.
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
        settings = self.application.settings
        if settings.standins_have_ended:
            raise PolicyError(why_it_is_only_looked_at(settings.home, act))
        return self.application


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

"""``codybatch demo``: the whole job on stand-ins, labelled as what it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from codybatch.cli.invocation import command, program
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import INTERRUPTED, ended_by_sigterm, fail, guarded

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.identifiers import JobId
    from codybatch.domain.jobs import Job
    from codybatch.settings import Settings
    from codybatch.standins.anthropic import AnthropicStandin
    from codybatch.standins.github import GitHubStandin

REPOSITORIES = (
    "demo-org/weather-client",
    "demo-org/invoice-ledger",
    "demo-org/job-queue",
    "demo-org/csv-importer",
    "upstream/holiday-calendar",
)
PROMPT = """\
Replace the deprecated datetime.utcnow() and datetime.utcfromtimestamp() by timezone-aware calls.

Keep the behaviour otherwise, touch no other line, and leave comments and strings as they are.
"""
LABEL = (
    "DEMONSTRATION: a stand-in takes the model's place and sample repositories take GitHub's, all\n"
    "on this machine. The clones, edits, patches and pushes are real; no key is used, nothing is\n"
    "spent (costs are what Claude would have cost), and nothing leaves this machine."
)
FIRST_REQUEST = """\
A first request of your own:
  export ANTHROPIC_API_KEY=...                            # pays for the model
  export GITHUB_TOKEN=...                                 # may push where you want pull requests
  export CODYBATCH_ALLOWED_REPOSITORIES='my-org/*'        # what may be worked on
  {program} doctor
  {program} submit --prompt-file prompt.md -r my-org/my-repository --wait"""
CAPS: dict[str, object] = {
    "max_repositories_per_request": 5,
    "job_cost_cap_usd": 2,
    "request_cost_cap_usd": 10,
    "daily_cost_cap_usd": None,
    "max_turns": 60,
    "max_minutes": 45,
}
"""The demonstration always runs the same, whatever one's own settings are."""
CANCEL_SECONDS = 30.0
"""How long running jobs may take to heed that they are cancelled."""
THINKING_SECONDS = 0.15
"""How long the stand-in thinks before each reply, so that a person can watch."""


@guarded
def demo(as_json: AsJson = False) -> None:
    """Run a labelled demonstration on stand-ins: real git, the real loop, no key.

    It has a home directory of its own (demo, inside CODYBATCH_HOME) and uses no key, whatever is
    set. Exit status 1 where one of its jobs failed.
    """
    from codybatch.cli.context import choose_demo, settings
    from codybatch.cli.live import watch
    from codybatch.cli.report import leave_with
    from codybatch.cli.wire import request_as_json

    (hint if as_json else say)(LABEL + "\n")
    choose_demo()
    try:
        with ended_by_sigterm(), _stage(settings()) as app:
            created = _submit(app)
            jobs = watch(app, [job.id for job in created])
            request = app.requests.find(jobs[0].request)
            patch = next((app.jobs.patch(job.id) for job in jobs if job.patch), b"")
    except KeyboardInterrupt:
        again = f"`make run` or `{program()} demo` starts it again."
        fail(f"The demonstration was stopped; {again}", INTERRUPTED)
    if as_json:
        print_json({"demonstration": True, **request_as_json(request, jobs)})
    else:
        _show(jobs, patch)
    leave_with(jobs)


@contextmanager
def _stage(settings: Settings) -> Iterator[Application]:
    """The stand-ins and an application that knows nothing else; all end with the demonstration."""
    from codybatch.composition import application
    from codybatch.standins.anthropic import AnthropicStandin
    from codybatch.standins.demonstration import DemonstrationModel
    from codybatch.standins.github import GitHubStandin
    from codybatch.standins.repositories import materialise

    with (
        _alone(settings.home),
        tempfile.TemporaryDirectory(prefix="codybatch-demo-") as folder,
        AnthropicStandin(DemonstrationModel(), pause_seconds=THINKING_SECONDS) as model,
        GitHubStandin(Path(folder)) as github,
    ):
        # Whatever proxy is set: it cannot reach this machine's loopback, and all else is elsewhere.
        os.environ.update(NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost")
        materialise(github)
        app = application(_settings_for(settings, model, github))
        try:
            _cancel_unfinished(app)  # of a demonstration that was killed: its stand-ins are gone
            yield app
        finally:
            _end(app)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One demonstration at a time: each has stand-ins of its own.

    Raises:
        EngineError: another one runs.
        StoreError: its home directory cannot be made.
    """
    from filelock import FileLock, Timeout

    from codybatch.domain.errors import EngineError, StoreError

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "demonstration.lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise EngineError("A demonstration runs already; wait until it has ended.") from None
    except OSError as error:
        raise StoreError(
            f"{home} cannot be used ({error.strerror}). "
            "Set CODYBATCH_HOME to a folder that you may write to."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _settings_for(settings: Settings, model: AnthropicStandin, github: GitHubStandin) -> Settings:
    """The demonstration's settings, leading to the stand-ins."""
    from codybatch.settings import load_settings
    from codybatch.standins.anthropic import DEMONSTRATION_KEY

    return load_settings(
        home=settings.home,
        is_demonstration=True,
        person=settings.acting_person,
        anthropic_api_key=DEMONSTRATION_KEY,
        anthropic_base_url=model.url,
        github_token=github.tokens["service"],
        github_api_url=github.api_url,
        github_server_url=github.url,
        allowed_repositories=settings.allowed_repositories,
        price_overrides=None,
        model=settings.model,
        publish="none",
        **CAPS,
    )


def _end(app: Application) -> None:
    """Cancel what has not ended, and let the dispatcher leave once that has been heeded."""
    try:
        _wait_until_ended(app, _cancel_unfinished(app))
    finally:
        app.engine.stop()
        app.close()


def _wait_until_ended(app: Application, jobs: list[JobId]) -> None:
    if not jobs:
        return
    hint("Stopping the demonstration …")
    latest = app.clock.monotonic() + CANCEL_SECONDS
    for _ in app.jobs.follow(jobs, every_seconds=0.1):
        if app.clock.monotonic() > latest:
            return


def _cancel_unfinished(app: Application) -> list[JobId]:
    """Ask every job that has not ended to stop; which were asked."""
    from codybatch.domain.states import JobState
    from codybatch.ports import PageRequest, Partition, PartitionKind

    asked: list[JobId] = []
    for state in JobState:
        if not state.is_terminal:
            unfinished = Partition(PartitionKind.STATE, state)
            found = app.jobs.list(unfinished, PageRequest(limit=1000)).items
            asked.extend(app.jobs.cancel(job.id, app.person).id for job in found)
    return asked


def _submit(app: Application) -> tuple[Job, ...]:
    from codybatch.domain.prompts import PromptDraft
    from codybatch.domain.publication import PublishMode
    from codybatch.services.submission_form import SubmissionForm

    form = SubmissionForm(
        prompt=PromptDraft(name="replace-utcnow", template=PROMPT),
        repositories=REPOSITORIES,
        options=app.default_options().with_(publish=PublishMode.DRAFT),
        request_cost_cap_usd=app.settings.request_cost_cap_usd,
        requester=app.person,
        title="Replace the deprecated datetime.utcnow()",
    )
    return app.requests.submit(form).jobs


def _show(jobs: tuple[Job, ...], patch: bytes) -> None:
    from codybatch.cli.report import print_jobs
    from codybatch.cli.results import print_diff

    print_jobs(jobs)
    if patch:
        say("\nThe first patch begins:")
        print_diff(patch.decode(errors="replace"), most_lines=24)
    first = next((job for job in jobs if job.patch), jobs[0])
    say("\nLook further, in a second terminal (the stand-ins and their pull requests have ended):")
    say(f"  {command(f'jobs diff {first.id}')}")
    say(f"  {command(f'jobs thread {first.id}')}")
    say(f"  {program()} up --demo    # the workbench, where it does not run already")
    hint("\n" + FIRST_REQUEST.format(program=program()))

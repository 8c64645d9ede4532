"""``codybatch demo``: the whole job on stand-ins, labelled as what it is; and the stand-ins."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from codybatch.cli.demonstration import (
    LABEL,
    alone,
    cancel_and_wait,
    cancel_unfinished,
    submit_first_request,
)
from codybatch.cli.invocation import command, program
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import INTERRUPTED, ended_by_sigterm, fail, guarded

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.jobs import Job
    from codybatch.settings import Settings
    from codybatch.standins.anthropic import AnthropicStandin
    from codybatch.standins.github import GitHubStandin

Standin = TypeVar("Standin")

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
    from codybatch.services.wire.requests import RequestInFull

    (hint if as_json else say)(LABEL + "\n")
    choose_demo()
    mine = settings()
    try:
        with ended_by_sigterm(), alone(mine.home), stage(mine) as app:
            created = [job.id for job in submit_first_request(app)]
            try:
                jobs = watch(app, created)
            finally:
                cancel_and_wait(app, created)
            request = app.requests.find(jobs[0].request)
            patch = next((app.jobs.patch(job.id) for job in jobs if job.patch), b"")
    except KeyboardInterrupt:
        again = f"`make run` or `{program()} demo` starts it again."
        fail(f"The demonstration was stopped; {again}", INTERRUPTED)
    if as_json:
        print_json({"demonstration": True, **RequestInFull.with_jobs(request, jobs).as_json()})
    else:
        _show(jobs, patch)
    leave_with(jobs)


@contextmanager
def stage(settings: Settings) -> Iterator[Application]:
    """The stand-ins, and an application that knows nothing else; all end together.

    Pull requests stay where they are from one demonstration to the next, and so do jobs: those that
    have not ended go on.

    Args:
        settings: the demonstration's, whose home this process holds alone.
    """
    from codybatch.composition import application, pull_requests
    from codybatch.standins.anthropic import AnthropicStandin
    from codybatch.standins.demonstration import DemonstrationModel
    from codybatch.standins.github import GitHubStandin

    # Whatever proxy is set: it cannot reach this machine's loopback, and all else is elsewhere.
    os.environ.update(NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost")
    world, is_fresh = _world(settings.home)
    before = _ports(settings.home)
    with ExitStack() as running:
        model = _on_port(
            running,
            before.get("model", 0),
            lambda port: AnthropicStandin(
                DemonstrationModel(), port=port, pause_seconds=THINKING_SECONDS
            ),
        )
        github = _on_port(running, before.get("github", 0), lambda port: GitHubStandin(world, port))
        now = {"model": model.port, "github": github.port}
        (settings.home / "ports.json").write_text(json.dumps(now))
        app = application(_settings_for(settings, model, github))
        try:
            if is_fresh:
                cancel_unfinished(app)  # what they worked on is gone
            elif now != before:
                pulls = pull_requests(app)
                pulls.refresh(pulls.open_ones())  # they have another address now
            app.take_over()
            yield app
        finally:
            app.local_engine.stop()
            app.close()


def _world(home: Path) -> tuple[Path, bool]:
    """The folder of the GitHub stand-in, and whether it begins anew; made whole or not at all."""
    from codybatch.standins.github import GitHubStandin
    from codybatch.standins.repositories import digest, materialise

    world = home / f"github-{digest()}"
    if world.is_dir():
        return world, False
    for former in home.glob("github-*/"):  # of another release
        shutil.rmtree(former)
    draft = home / "github.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    materialise(GitHubStandin(draft))
    draft.rename(world)
    return world, True


def _ports(home: Path) -> dict[str, int]:
    """The ports of the demonstration before, so that what it left open keeps its address."""
    with suppress(OSError, ValueError):
        found = json.loads((home / "ports.json").read_text())
        return {name: int(found[name]) for name in ("model", "github") if name in found}
    return {}


def _on_port(
    running: ExitStack, port: int, made: Callable[[int], AbstractContextManager[Standin]]
) -> Standin:
    """A stand-in, on this port where nobody else has taken it meanwhile."""
    with suppress(OSError):
        return running.enter_context(made(port))
    return running.enter_context(made(0))


def _settings_for(settings: Settings, model: AnthropicStandin, github: GitHubStandin) -> Settings:
    """The demonstration's settings, leading to the stand-ins."""
    from codybatch.aws_settings import NO_AWS
    from codybatch.code_host_settings import NO_APP
    from codybatch.settings import load_settings
    from codybatch.standins.anthropic import DEMONSTRATION_KEY
    from codybatch.telemetry_settings import NO_COLLECTOR

    return load_settings(
        home=settings.home,
        is_demonstration=True,
        person=settings.acting_person,
        anthropic_api_key=DEMONSTRATION_KEY,
        anthropic_base_url=model.url,
        github_token=github.tokens["service"],
        github_api_url=github.api_url,
        github_server_url=github.url,
        github_write_pause_seconds=0,
        allowed_repositories=settings.allowed_repositories,
        price_overrides=None,
        model=settings.model,
        publish="draft",
        **NO_APP,
        **NO_AWS,
        **NO_COLLECTOR,
        **CAPS,
    )


def _show(jobs: tuple[Job, ...], patch: bytes) -> None:
    from codybatch.cli.report import print_jobs
    from codybatch.cli.results import print_diff

    print_jobs(jobs)
    if patch:
        say("\nThe first patch begins:")
        print_diff(patch.decode(errors="replace"), most_lines=24)
    first = next((job for job in jobs if job.patch), jobs[0])
    say("\nLook further:")
    say(f"  {command(f'jobs diff {first.id}')}")
    say(f"  {command(f'jobs thread {first.id}')}")
    say(f"  {program()} up --demo    # the workbench, with the stand-ins and their pull requests")
    hint("\n" + FIRST_REQUEST.format(program=program()))

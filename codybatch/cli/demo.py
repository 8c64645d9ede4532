"""``codybatch demo``: the whole job on stand-ins, labelled as what it is; and the stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.backdrop import THINKING_SECONDS, backdrop
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

FIRST_REQUEST = """\
A first request of your own:
  export ANTHROPIC_API_KEY=...                            # pays for the model
  export GITHUB_TOKEN=...                                 # may push where you want pull requests
  export CODYBATCH_ALLOWED_REPOSITORIES='my-org/*'        # what may be worked on
  {program} doctor
  {program} submit --prompt-file prompt.md -r my-org/my-repository --wait"""


@guarded
def demo(
    experiment: Annotated[
        bool,
        typer.Option(
            "--experiment",
            help="Compare prompts instead: 180 jobs, judged by scripts; "
            "about ten minutes on two cores.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a labelled demonstration on stand-ins: real git, the real loop, no key.

    It has a home directory of its own (demo, inside CODYBATCH_HOME) and uses no key, whatever is
    set. Exit status 1 where one of its jobs failed.
    """
    if experiment:
        _compare_prompts(as_json=as_json)
        return
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


def _compare_prompts(*, as_json: bool) -> None:
    from codybatch.cli.context import choose_demo, settings
    from codybatch.cli.demonstrated_experiment import run_experiment

    (hint if as_json else say)(f"{LABEL}\nWho judges is a script, too, and is called so.\n")
    choose_demo()
    mine = settings()
    try:
        with ended_by_sigterm(), alone(mine.home), stage(mine, thinking_seconds=0) as app:
            name, upshots = run_experiment(app)
    except KeyboardInterrupt:
        again = f"`{program()} demo --experiment` goes on."
        fail(f"The demonstration was stopped; {again}", INTERRUPTED)
    if as_json:
        told = [{"sentence": one.sentence, "reasons": list(one.reasons)} for one in upshots]
        print_json({"demonstration": True, "experiment": name, "upshots": told})
        return
    for one in upshots:
        say("\n" + "\n".join((one.sentence, *(f"  {reason}" for reason in one.reasons))))
    say("\nLook further:")
    say(f"  {program()} --demo experiments show {name!r}")
    say(f"  {program()} --demo experiments report {name!r}    # a page that needs nothing else")
    say(f"  {program()} up --demo    # the workbench: Experiments")


@contextmanager
def stage(settings: Settings, thinking_seconds: float = THINKING_SECONDS) -> Iterator[Application]:
    """The stand-ins, and an application that knows nothing else; all end together.

    Pull requests stay where they are from one demonstration to the next, and so do jobs: those that
    have not ended go on.

    Args:
        settings: the demonstration's, whose home this process holds alone.
        thinking_seconds: how long the model thinks before each reply.
    """
    from codybatch.composition import application, pull_requests

    with backdrop(settings.home, thinking_seconds=thinking_seconds) as behind:
        app = application(behind.settings_for(settings))
        try:
            if behind.is_fresh:
                cancel_unfinished(app)  # what they worked on is gone
            elif behind.has_moved:
                pulls = pull_requests(app)
                pulls.refresh(pulls.open_ones())  # they have another address now
            app.take_over()
            yield app
        finally:
            app.local_engine.stop()
            app.close()


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

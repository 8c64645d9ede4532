"""What several commands end with: watch jobs, print them, leave with their status."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import typer

from codybatch.cli.invocation import command
from codybatch.cli.output import hint, print_json, print_table, say
from codybatch.cli.run import FAILED, INTERRUPTED

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.jobs import Job
    from codybatch.domain.requests import Request


def wait_for(app: Application, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """Watch jobs to their end; Ctrl-C leaves them running and says how to come back."""
    from codybatch.cli.live import watch

    ids = [job.id for job in jobs]
    try:
        return watch(app, ids)
    except KeyboardInterrupt:
        hint(f"\nThe jobs go on. Come back with: {command('jobs wait ' + ' '.join(ids))}")
        raise typer.Exit(INTERRUPTED) from None


def show_request(request: Request, jobs: tuple[Job, ...], *, as_json: bool) -> None:
    """Print a request with its jobs."""
    from codybatch.cli.wire import request_as_json

    if as_json:
        print_json(request_as_json(request, jobs))
    else:
        print_jobs(jobs, request.budget.cap_usd)


def print_jobs(jobs: tuple[Job, ...], cap: Decimal | None = None) -> None:
    """Print a request's jobs as a table, and what they come to."""
    from codybatch.cli.words import JOB_COLUMNS, job_row, outcome
    from codybatch.services.wording import money

    print_table(JOB_COLUMNS, [job_row(job) for job in jobs])
    spent = sum((job.cost_usd for job in jobs), start=Decimal(0))
    of = f" of at most {money(cap)}" if cap is not None else ""
    say(f"{outcome(jobs)} · {money(spent)}{of}")


def leave_with(jobs: tuple[Job, ...]) -> None:
    """Leave with 0 where every job succeeded, else with 1 and what to do next."""
    from codybatch.domain.states import JobState
    from codybatch.services.wording import next_step

    rest = [job for job in jobs if job.state is not JobState.SUCCEEDED]
    for job in rest:
        hint(f"{job.repository.full_name}: {next_step(job)} {command(f'jobs show {job.id}')}")
    if rest:
        raise typer.Exit(FAILED)

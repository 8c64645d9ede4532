"""What several commands end with: watch jobs, print them, leave with their status."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import typer

from codybatch.cli.invocation import command
from codybatch.cli.output import hint, print_json, print_table, say
from codybatch.cli.run import FAILED, INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codybatch.composition import Application
    from codybatch.domain.estimates import Estimate
    from codybatch.domain.jobs import Job
    from codybatch.domain.requests import Request
    from codybatch.ports import Created


def wait_for(app: Application, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """Watch jobs to their end; Ctrl-C leaves them running and says how to come back."""
    from codybatch.cli.live import watch

    ids = [job.id for job in jobs]
    try:
        return watch(app, ids)
    except KeyboardInterrupt:
        hint(f"\nThe jobs go on. Come back with: {command('jobs wait ' + ' '.join(ids))}")
        raise typer.Exit(INTERRUPTED) from None


def report_created(
    app: Application,
    created: Created,
    *,
    wait: bool,
    as_json: bool,
    notices: Sequence[str],
) -> None:
    """Say what was submitted, with ``wait`` once its jobs have ended, and leave with their status.

    Args:
        app: to wait with.
        created: what was submitted.
        wait: whether to watch the jobs to their end.
        as_json: whether to print JSON.
        notices: what a person should know of it beforehand.
    """
    from codybatch.services.estimates import in_words as estimate_in_words
    from codybatch.services.wire.requests import Submitted

    request, jobs = created.request, created.jobs
    if not as_json:
        again = "This request was submitted before" if created.replayed else "Submitted request"
        hint(f"{again}: {request.id} ({request.title})")
    if request.estimate and not created.replayed:
        hint(f"Estimate: {estimate_in_words(request.estimate)}.")
    for skipped in request.skipped:
        hint(f"Left out: {skipped.repository}, where {skipped.url} is open.")
    for notice in notices:
        hint(f"Note: {notice}")
    if wait:
        jobs = wait_for(app, jobs)
        request = app.requests.find(request.id)
    if as_json:
        print_json(Submitted.noticing(request, jobs, notices).as_json())
    else:
        print_jobs(jobs, request.budget.cap_usd, request.estimate if wait else None)
    if wait:
        leave_with(jobs)
    elif not as_json:
        ids = " ".join(job.id for job in jobs)
        hint(f"Watch it:   {command(f'jobs wait {ids}')}")
        hint(f"Look at it: {command(f'requests show {request.id}')}")


def show_request(request: Request, jobs: tuple[Job, ...], *, as_json: bool) -> None:
    """Print a request with its jobs."""
    from codybatch.services.wire.requests import RequestInFull

    if as_json:
        print_json(RequestInFull.with_jobs(request, jobs).as_json())
    else:
        print_jobs(jobs, request.budget.cap_usd, request.estimate)


def print_jobs(
    jobs: tuple[Job, ...], cap: Decimal | None = None, estimate: Estimate | None = None
) -> None:
    """Print a request's jobs as a table, what they come to, and what they were estimated at."""
    from codybatch.cli.words import JOB_COLUMNS, job_row, outcome
    from codybatch.services.estimates import range_in_words
    from codybatch.services.wording import money

    print_table(JOB_COLUMNS, [job_row(job) for job in jobs])
    spent = sum((job.cost_usd for job in jobs), start=Decimal(0))
    of = f" of at most {money(cap)}" if cap is not None else ""
    expected = f", estimated at {range_in_words(estimate)}" if estimate else ""
    say(f"{outcome(jobs)} · {money(spent)}{of}{expected}")


def leave_with(jobs: tuple[Job, ...]) -> None:
    """Leave with 0 where every job succeeded, else with 1 and what to do next."""
    from codybatch.domain.states import JobState
    from codybatch.services.wording import next_step

    rest = [job for job in jobs if job.state is not JobState.SUCCEEDED]
    for job in rest:
        hint(f"{job.repository.full_name}: {next_step(job)} {command(f'jobs show {job.id}')}")
    if rest:
        raise typer.Exit(FAILED)

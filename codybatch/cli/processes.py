"""What engines start: the worker, its conversation, the dispatcher. People need none of these."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.run import guarded, log_everything
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from codybatch.domain.identifiers import JobId
    from codybatch.domain.jobs import AttemptOwner
    from codybatch.settings import Settings
    from codybatch.worker.surroundings import Surroundings

SIGNALLED = 128
"""What a shell adds to a signal's number where it tells an exit status."""


@guarded
def run_worker(
    job: Annotated[str, typer.Argument(help="The job's id.", show_default=False)] = "",
    submission: Annotated[
        str, typer.Option(help="The submission's id: AWS Batch says which of its jobs.")
    ] = "",
    engine_job: Annotated[str, typer.Option(help="The engine's id of the job.")] = "",
    attempt: Annotated[int, typer.Option(help="The engine's count of attempts, from 1.")] = 1,
) -> None:
    """Work on one job as far as it goes."""
    from codybatch.composition import surroundings, worker_owner
    from codybatch.domain.identifiers import job_id
    from codybatch.settings import load_settings

    # A container's first process is deaf to a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(SIGNALLED + number))
    if bool(job) == bool(submission):
        raise UsageError("Give a job's id, or --submission with a submission's: one of the two.")
    around = surroundings(load_settings())
    # The net that learns the tokens which this process is given.
    log_everything(logging.INFO, around.net.clean)
    if submission:
        raise typer.Exit(_work(*_given_by_batch(submission, around)))
    found = job_id(job)
    raise typer.Exit(_work(found, worker_owner(engine_job or f"hand:{found}", attempt), around))


def _given_by_batch(
    submission: str, around: Surroundings
) -> tuple[JobId, AttemptOwner, Surroundings]:
    """What this container of AWS Batch is to work on, and as whom."""
    from codybatch.clients import batch_container
    from codybatch.domain.identifiers import SubmissionId

    container = batch_container()
    job = container.job_in(around.records.submission(SubmissionId(submission)))
    around = replace(around, log=container.log_address())
    return job, container.owner(socket.gethostname()), around


def _work(job: JobId, owner: AttemptOwner, around: Surroundings) -> int:
    """Claim a job and work on it; the exit status."""
    from codybatch.worker.attempt import StopReason
    from codybatch.worker.run import Work, claim
    from codybatch.worker.tracing import do_traced

    taken = claim(job, owner, around)
    if taken is None:
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: taken.stop_soon(StopReason.SHUTDOWN))
    try:
        with taken:
            return do_traced(Work(taken, around))
    finally:
        around.tracing.close()  # when the lease is given back: a collector may be slow


@guarded
def hold_conversation(
    traced: Annotated[bool, typer.Option("--traced", help="Hand spans to the worker.")] = False,
) -> None:
    """Hold one conversation over standard input and output."""
    from codybatch.clock import SystemClock
    from codybatch.settings import load_settings
    from codybatch.tracing import conversation_model, conversation_tracing
    from codybatch.worker.converse import run_conversation

    settings = load_settings()
    _log_to_stderr(settings)
    source = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not break the pipe
    tracing = conversation_tracing(traced=traced)
    run_conversation(
        source, target, lambda: conversation_model(settings, tracing), SystemClock(), tracing
    )


@guarded
def run_dispatcher() -> None:
    """Dispatch queued jobs of this home directory until there is nothing to do."""
    from codybatch.cli.timekeeping import time_kept
    from codybatch.composition import dispatcher
    from codybatch.settings import load_settings

    settings = load_settings()
    _log_to_stderr(settings)
    with time_kept(settings):
        dispatcher(settings).run()


def _log_to_stderr(settings: Settings) -> None:
    """Log through the second net: job logs are read by people, and errors may quote anything."""
    from codybatch.composition import net

    log_everything(logging.INFO, net(settings).clean)

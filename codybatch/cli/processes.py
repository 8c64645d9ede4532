"""What engines start: the worker, its conversation, the dispatcher. People need none of these."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.run import guarded, log_everything

if TYPE_CHECKING:
    from codybatch.settings import Settings


@guarded
def run_worker(
    job: Annotated[str, typer.Argument(help="The job's id.")],
    engine_job: Annotated[str, typer.Option(help="The engine's id of the job.")] = "",
    attempt: Annotated[int, typer.Option(help="The engine's count of attempts, from 1.")] = 1,
) -> None:
    """Work on one job as far as it goes."""
    from codybatch.composition import surroundings, worker_owner
    from codybatch.domain.identifiers import job_id
    from codybatch.settings import load_settings
    from codybatch.worker.attempt import StopReason
    from codybatch.worker.run import Work, claim
    from codybatch.worker.tracing import do_traced

    found = job_id(job)
    around = surroundings(load_settings())
    # The net that learns the tokens which this process is given.
    log_everything(logging.INFO, around.net.clean)
    taken = claim(found, worker_owner(engine_job or f"hand:{found}", attempt), around)
    if taken is None:
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: taken.stop_soon(StopReason.SHUTDOWN))
    try:
        with taken:
            left = do_traced(Work(taken, around))
    finally:
        around.tracing.close()  # when the lease is given back: a collector may be slow
    raise typer.Exit(left)


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
    from codybatch.cli.timekeeping import schedules_looked_at
    from codybatch.composition import dispatcher
    from codybatch.settings import load_settings

    settings = load_settings()
    _log_to_stderr(settings)
    with schedules_looked_at(settings):
        dispatcher(settings).run()


def _log_to_stderr(settings: Settings) -> None:
    """Log through the second net: job logs are read by people, and errors may quote anything."""
    from codybatch.composition import net

    log_everything(logging.INFO, net(settings).clean)

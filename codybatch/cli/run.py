"""The one place that turns errors into sentences and exit statuses."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import typer

from codybatch.domain.errors import CodyBatchError

P = ParamSpec("P")

WRONG_USAGE = 2
INTERRUPTED = 130
"""128 and SIGINT's number, as shells have it."""

log = logging.getLogger(__name__)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors end in one sentence on standard error and the right exit status."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CodyBatchError as error:
            log.debug("the command failed", exc_info=True)
            fail(error.message, error.exit_status)
        except BrokenPipeError:
            # Whoever read our output has enough of it; nothing may be flushed into it any more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            fail("Interrupted.", INTERRUPTED)

    return run


def fail(message: str, status: int) -> NoReturn:
    """Say what went wrong, and leave with ``status``."""
    typer.secho(f"codybatch: {message}", fg=typer.colors.RED, err=True)
    raise typer.Exit(status)

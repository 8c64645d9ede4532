"""The one place that turns errors into sentences and exit statuses."""

from __future__ import annotations

import functools
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, ParamSpec

import typer

from codybatch.cli.context import without_secrets
from codybatch.cli.invocation import continued
from codybatch.cli.output import harmless, styled
from codybatch.domain.errors import CodyBatchError
from codybatch.web.logs import log_ours

P = ParamSpec("P")

FAILED = 1
INTERRUPTED = 130
"""128 and SIGINT's number, as shells have it."""

log = logging.getLogger(__name__)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors end in one sentence on standard error and the right exit status.

    A traceback goes to the log alone: with ``-v`` to standard error, and to the file of a worker
    or dispatcher.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except CodyBatchError as error:
            log.debug("the command failed", exc_info=True)
            fail(error.message, error.exit_status)
        except BrokenPipeError:
            _forget_output()
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            fail("Interrupted.", INTERRUPTED)
        except typer.Exit:
            raise
        except Exception as error:  # the last place that can say it in words
            log.info("the command failed", exc_info=True)
            fail(
                f"Something went wrong inside Cody Batch ({type(error).__name__}: {error}). "
                "Run the command again as `codybatch -v …` to see where, and report it.",
                FAILED,
            )

    return run


def fail(message: str, status: int) -> NoReturn:
    """Say what went wrong, and leave with ``status``."""
    shown = harmless(without_secrets(continued(message)))
    typer.echo(styled(f"codybatch: {shown}", fg=typer.colors.RED), err=True)
    raise typer.Exit(status)


def log_everything(level: int = logging.DEBUG, clean: Callable[[str], str] | None = None) -> None:
    """Send what our own code logs, tracebacks included, to standard error.

    Only ours: what libraries log may hold headers with credentials.

    Args:
        level: from which level on.
        clean: takes secrets out of each line; our own credentials are taken out in any case.
    """
    log_ours(level, lambda text: harmless((clean or str)(without_secrets(text))))


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end what is inside like Ctrl-C, so that what was started is ended, too."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _forget_output() -> None:
    """Whoever read our output has enough of it; nothing may be flushed into it any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

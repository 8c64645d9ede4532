"""Looking at schedules and experiments in whatever process lives long enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codybatch.cli.output import hint
from codybatch.cli.run import ended_by_sigterm

if TYPE_CHECKING:
    from codybatch.ports import Clock
    from codybatch.settings import Settings


@contextmanager
def time_kept(settings: Settings) -> Iterator[None]:
    """Start what is due, and let experiments go on, while the block runs. Where AWS Batch runs the
    jobs, the deployment's own tick does, with its credentials and its caps: this process may have
    others, or none.
    """
    from codybatch.composition import application
    from codybatch.services.timekeeper import Timekeeper

    if settings.runs_on_batch:
        yield
        return
    app = application(settings)
    try:
        with Timekeeper(app.schedules.runs.tick), Timekeeper(app.experiments.runs.tick):
            yield
    finally:
        app.close()


def keep_looking(what: str, look: Callable[[], None], clock: Clock) -> None:
    """Look every few seconds, until somebody ends it.

    Args:
        what: is looked at, for people: "the schedules".
        look: looks once, and tells what came of it.
        clock: waits in between.
    """
    from codybatch.services.timekeeper import TICK_SECONDS

    hint(f"Looking at {what} every few seconds (Ctrl-C ends it; jobs go on)")
    try:
        with ended_by_sigterm():
            while True:
                look()
                clock.sleep(TICK_SECONDS)
    except KeyboardInterrupt:
        return

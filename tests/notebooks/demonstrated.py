"""The demonstration's data for notebooks: requests, submitted and judged by the notebook API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codybatch.analysis.results import RequestResult
from codybatch.analysis.workspace import Workspace
from codybatch.cli.backdrop import THINKING_SECONDS
from codybatch.cli.demo import stage
from codybatch.cli.demonstration import alone
from codybatch.services.starters import starter_named
from codybatch.settings import load_settings

CHANGED = ("demo-org/weather-client", "demo-org/csv-importer", "upstream/holiday-calendar")
AUDITED = ("demo-org/session-store", "demo-org/job-queue")


@contextmanager
def staged(home: Path, thinking_seconds: float = THINKING_SECONDS) -> Iterator[Workspace]:
    """A workspace that may change things, over the demonstration's stand-ins.

    Args:
        home: what is CODYBATCH_HOME for whoever looks at the results.
        thinking_seconds: how long the model thinks before each reply.
    """
    settings = load_settings(home=home).for_demonstration()
    with alone(settings.home), stage(settings, thinking_seconds) as app:
        yield Workspace(app, allows_changes=True)


def demonstrate(cb: Workspace) -> tuple[RequestResult, ...]:
    """A change, an audit and a change that ends too early; the first change is accepted."""
    change, audit = starter_named("replace-utcnow"), starter_named("find-unsafe-deserialisation")
    requests = (
        cb.submit(change, CHANGED, title="Replace utcnow()", publish="draft"),
        cb.submit(audit, AUDITED, title="Unsafe deserialisation", publish="none"),
        cb.submit(change, "demo-org/invoice-ledger", title="Too few turns", max_turns=1),
    )
    ended = tuple(request.wait(progress=False) for request in requests)
    cb.rate(ended[0].jobs[0].id, "accept", rating=5, comment="As asked.")
    return ended

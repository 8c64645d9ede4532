"""Watching jobs: a bar and a line a job on a terminal, a line a change in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from codybatch.cli.output import hint, on_one_line
from codybatch.cli.words import what_now
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.services.wording import money

if TYPE_CHECKING:
    from rich.console import RenderableType

    from codybatch.composition import Application


def watch(app: Application, jobs: Sequence[JobId]) -> tuple[Job, ...]:
    """Show the jobs' progress on standard error until they have ended or wait for a person."""
    snapshots = app.jobs.follow(jobs)
    return _drawn(snapshots) if sys.stderr.isatty() else _told(snapshots)


def _told(snapshots: Iterator[tuple[Job, ...]]) -> tuple[Job, ...]:
    said: dict[str, str] = {}
    now: tuple[Job, ...] = ()
    for now in snapshots:
        for job in now:
            line = f"{job.repository.full_name}: {_what(job)}"
            if said.get(job.id) != line:
                said[job.id] = line
                hint(on_one_line(line))
    return now


def _drawn(snapshots: Iterator[tuple[Job, ...]]) -> tuple[Job, ...]:
    from rich.console import Console
    from rich.live import Live

    now: tuple[Job, ...] = ()
    with Live(console=Console(stderr=True), refresh_per_second=8, transient=True) as screen:
        for now in snapshots:
            screen.update(_picture(now))
    return now


def _picture(jobs: Sequence[Job]) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    from codybatch.cli.terminal import COLORS

    ended = sum(job.state.is_terminal for job in jobs)
    head = Table.grid(padding=(0, 2))
    total = sum((_spent(job) for job in jobs), start=Decimal(0))
    head.add_row(
        ProgressBar(total=len(jobs), completed=ended, width=30),
        Text(f"{ended} of {len(jobs)} jobs ended · {money(total)}"),
    )
    lines = Table.grid(padding=(0, 2))
    for job in jobs:
        lines.add_row(
            Text(job.state.value, style=COLORS.get(job.state, "dim")),
            Text(on_one_line(job.repository.full_name, 40)),
            Text(money(_spent(job))),
            Text(on_one_line(what_now(job), 70), style="dim"),
        )
    return Group(head, lines)


def _what(job: Job) -> str:
    cost = money(_spent(job)) if _spent(job) else ""
    return " · ".join(part for part in (job.state.value, cost, what_now(job)) if part)


def _spent(job: Job) -> Decimal:
    return max(job.cost_usd, job.progress.cost_usd)

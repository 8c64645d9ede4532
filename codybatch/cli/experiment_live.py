"""Watching an experiment: a bar and a line an arm on a terminal, a line a change in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codybatch.cli.output import hint, on_one_line
from codybatch.services.experiment_standing import Standing
from codybatch.services.wording import money

if TYPE_CHECKING:
    from rich.console import RenderableType


def watched(standings: Iterator[Standing]) -> Standing:
    """Show an experiment's progress on standard error until it rests; gives back how it stands."""
    return _drawn(standings) if sys.stderr.isatty() else _told(standings)


def _told(standings: Iterator[Standing]) -> Standing:
    said = ""
    for standing in standings:
        line = f"{standing.experiment.name}: {standing.counts.in_words}"
        if standing.experiment.trouble:
            line += f". {standing.sentence}"
        if line != said:
            hint(f"{line} · {money(standing.cost_usd)}")
            said = line
    return standing


def _drawn(standings: Iterator[Standing]) -> Standing:
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as screen:
        for standing in standings:
            screen.update(_picture(standing))
    return standing


def _picture(standing: Standing) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    counts = standing.counts
    ended = counts.total - counts.missing - counts.running
    head = Table.grid(padding=(0, 2))
    head.add_row(
        ProgressBar(total=counts.total, completed=ended, width=30),
        Text(f"{ended} of {counts.total} cells ended · {money(standing.cost_usd)}"),
    )
    lines = Table.grid(padding=(0, 2))
    for one in standing.arms:
        lines.add_row(
            Text(on_one_line(one.arm.name, 50)),
            Text(one.counts.in_words, style="dim"),
            Text(money(one.cost_usd)),
        )
    return Group(head, lines, Text(on_one_line(standing.sentence, 100), style="dim"))

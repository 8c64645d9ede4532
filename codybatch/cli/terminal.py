"""Tables on a terminal, as wide as it is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from codybatch.domain.states import JobState

NUMBERS = frozenset(
    {"#", "CHANGE", "COST", "ENDED", "SIZE", "SPENT", "VERSION"}
    | {"TURNS", "LOW", "LIKELY", "HIGH", "JOBS", "SUCCEEDED", "CACHED"}
    | {"TURN", "FRESH", "TO CACHE", "FROM CACHE", "WRITTEN", "TOTAL"}
)
"""Columns that are set to the right."""
COLORS: dict[str, str] = {
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.PARTIAL: "yellow",
    JobState.WAITING: "yellow",
    JobState.RUNNING: "blue",
    JobState.CANCELLED: "dim",
}
"""Of the words of states; other words keep the terminal's own colour."""
_GAP = 2


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headings.

    Args:
        columns: the headings.
        rows: cells on one line each, made harmless before.
    """
    console = Console(highlight=False)
    lines = [columns, *rows]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    fits = sum(widths) + _GAP * (len(widths) - 1) <= console.width
    first, last = (0, len(columns)) if fits or len(columns) < 3 else (1, len(columns) - 1)
    _print(console, _line(columns, columns, widths, first, last), heading=True)
    for row in rows:
        _print(console, _line(row, columns, widths, first, last))
        if first:
            rest = (" " * _GAP).join(cell for cell in (row[0], row[-1]) if cell)
            console.print(Text("  " + rest, style="dim"), overflow="fold")


def _line(
    cells: Sequence[str], columns: Sequence[str], widths: Sequence[int], first: int, last: int
) -> Text:
    line = Text()
    for place in range(first, last):
        room = " " * (widths[place] - cell_len(cells[place]))
        shown = Text(cells[place], style=COLORS.get(cells[place], ""))
        line.append(" " * _GAP if place > first else "")
        line.append_text(Text(room) + shown if columns[place] in NUMBERS else shown + Text(room))
    return line


def _print(console: Console, line: Text, *, heading: bool = False) -> None:
    line.rstrip()
    if heading:
        line.stylize("bold")
    console.print(line, overflow="fold")

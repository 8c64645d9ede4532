"""Repositories x arms with every repetition: filtered, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from urllib.parse import quote

from codybatch.analysis.report.cells import ArmCells, Cell, MatrixRow, Standing
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import Metric
from codybatch.domain.states import JobState
from codybatch.services.wording import counted, money
from codybatch.ui.experiments.numbers import value_of
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import STATE_BADGES

ROWS = 25
"""Repositories of one page."""


class Order(StrEnum):
    """How rows are sorted."""

    DIFFERENCE = "difference"
    """Where the arm did worst beside the baseline first."""
    GAIN = "gain"
    NAME = "name"


FILTERS: dict[str, tuple[Standing, ...]] = {
    "all": (),
    "regressed": (Standing.REGRESSED,),
    "improved": (Standing.IMPROVED,),
    "differ": (Standing.REGRESSED, Standing.IMPROVED),
    "equal": (Standing.EQUAL,),
}
"""What a filter leaves, by how an arm stands beside the baseline."""


@dataclass(frozen=True)
class Mark:
    """One repetition as a sign with a word."""

    sign: str
    word: str
    kind: str
    """Of the colour, in the style sheet."""


_MARKS: dict[Outcome, Mark] = {
    Outcome.ACCEPTED: Mark("✓", "accepted", "good"),
    Outcome.REJECTED: Mark("✗", "rejected", "bad"),
    Outcome.ERROR: Mark("!", "failed", "error"),
    Outcome.UNJUDGED: Mark("?", "not judged", "open"),
    Outcome.MISSING: Mark("·", "no result", "none"),
}
_DISPUTED = Mark("±", "raters are tied", "open")
_SIGNS: dict[Standing, tuple[str, str]] = {
    Standing.IMPROVED: ("▲", "better than the baseline"),
    Standing.REGRESSED: ("▼", "worse than the baseline"),
}


@dataclass(frozen=True)
class Place:
    """One arm on one repository."""

    value: str
    count: str
    """``2 of 3``: of the repetitions, those that were accepted."""
    standing: Standing | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Line:
    """One repository."""

    owner: str
    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class MatrixView:
    """What the tab shows."""

    arms: tuple[str, ...]
    lines: tuple[Line, ...]
    found: int
    """Rows that pass the filter, on all pages."""
    counts: dict[str, int]
    """Rows of each filter."""


def matrix(
    report: Report, clean: Clean, against: str, which: str, order: Order, page: int = 1
) -> MatrixView:
    """A page of the matrix.

    Args:
        report: what it is made of.
        clean: takes secrets out of names.
        against: the arm whose standing filters and sorts; of none that is there: any arm's.
        which: one of ``FILTERS``.
        order: how rows are sorted.
        page: which, from 1.
    """
    metric = report.setup.metric
    rows = [row for row in report.matrix if _passes(row, against, FILTERS[which])]
    rows.sort(key=lambda row: _rank(row, against, order, report))
    begin = (page - 1) * ROWS
    return MatrixView(
        arms=tuple(shown_on_one_line(one.name, clean) for one in report.setup.arms),
        lines=tuple(_line(row, metric, clean) for row in rows[begin : begin + ROWS]),
        found=len(rows),
        counts={
            name: sum(_passes(row, against, wanted) for row in report.matrix)
            for name, wanted in FILTERS.items()
        },
    )


def _passes(row: MatrixRow, against: str, wanted: tuple[Standing, ...]) -> bool:
    return not wanted or any(one.standing in wanted for one in _compared(row, against))


def _compared(row: MatrixRow, against: str) -> Sequence[ArmCells]:
    named = [one for one in row.arms if one.arm == against]
    return named or [one for one in row.arms if one.standing is not None]


def _rank(row: MatrixRow, against: str, order: Order, report: Report) -> tuple[float, str]:
    if order is Order.NAME:
        return 0.0, row.repository.casefold()
    base = row.of(report.setup.baseline).value
    gains = [
        (one.value - base) * (-1 if report.setup.metric.less_is_better else 1)
        for one in _compared(row, against)
        if one.value is not None and base is not None
    ]
    if not gains:
        return float("inf"), row.repository.casefold()
    gain = min(gains) if order is Order.DIFFERENCE else -max(gains)
    return gain, row.repository.casefold()


def _line(row: MatrixRow, metric: Metric, clean: Clean) -> Line:
    owner, _, name = shown_on_one_line(row.repository, clean).partition("/")
    return Line(owner, name, tuple(_place(one, metric) for one in row.arms))


def _place(one: ArmCells, metric: Metric) -> Place:
    judged = one.count(Outcome.ACCEPTED)
    return Place(
        value=value_of(one.value, metric),
        count=f"{judged} of {len(one.cells)}",
        standing=one.standing,
        cells=one.cells,
    )


def mark_of(cell: Cell) -> Mark:
    """The sign of one repetition."""
    if cell.is_disputed:
        return _DISPUTED
    if cell.outcome is Outcome.MISSING and cell.state is not None and not cell.state.is_terminal:
        return Mark("…", STATE_BADGES[cell.state].label.lower(), "going")
    if cell.outcome is Outcome.MISSING and cell.state is JobState.CANCELLED:
        return Mark("·", "cancelled", "none")
    return _MARKS[cell.outcome]


def as_html(view: MatrixView, address: str = "/job") -> str:
    """The table: names of arms and repositories, escaped, and marks that lead to their jobs.

    Args:
        view: what it shows.
        address: of a job's page.
    """
    arms = "".join(f'<th scope="col" title="{escape(arm)}">{escape(arm)}</th>' for arm in view.arms)
    lines = "".join(_line_as_html(line, view.arms, address) for line in view.lines)
    return (
        '<div class="cb-matrix" tabindex="0" role="region" aria-label="Repositories by arms">'
        f'<table><thead><tr><th scope="col">Repository</th>{arms}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _line_as_html(line: Line, arms: Sequence[str], address: str) -> str:
    full = f"{line.owner}/{line.name}"
    places = "".join(
        _place_as_html(place, f"{full}, {arm}", address)
        for arm, place in zip(arms, line.places, strict=True)
    )
    return (
        f'<tr><th scope="row" title="{escape(full)}"><span>{escape(line.owner)}/</span>'
        f"{escape(line.name)}</th>{places}</tr>"
    )


def _place_as_html(place: Place, where: str, address: str) -> str:
    sign = ""
    if place.standing in _SIGNS:
        drawn, told = _SIGNS[place.standing]
        kind = place.standing.value
        named = f'title="{told}" role="img" aria-label="{told}"'
        sign = f'<span class="cb-{kind}" {named}>{drawn}</span>'
    marks = "".join(_mark_as_html(cell, where, address) for cell in place.cells)
    return f"<td><div>{marks}</div><small>{escape(place.value)}{sign}</small></td>"


def _mark_as_html(cell: Cell, where: str, address: str) -> str:
    mark = mark_of(cell)
    cost = f", {money(cell.cost_usd)}" if cell.cost_usd else ""
    told = escape(f"{where}, repetition {cell.repetition}: {mark.word}{cost}")
    drawn = f'class="cb-mark cb-{mark.kind}" title="{told}" aria-label="{told}"'
    if cell.job is None:
        return f'<span role="img" {drawn}>{mark.sign}</span>'
    to = f"{address}?id={quote(cell.job, safe='-')}"
    return f'<a href="{to}" target="_self" {drawn}>{mark.sign}</a>'


def legend() -> tuple[tuple[Mark, str], ...]:
    """The marks that need a word, in the order of the legend."""
    shown = (*_MARKS.values(), _DISPUTED)
    return tuple((mark, mark.word) for mark in shown)


def counts_in_words(view: MatrixView, *, of_any: bool) -> str:
    """How many rows there are, and how many each filter leaves.

    Args:
        view: what is shown.
        of_any: whether a row is counted where any of several arms is like that.
    """
    told = ", ".join(f"{count} {name}" for name, count in view.counts.items() if name != "all")
    where = "in at least one arm: " if of_any else ""
    return f"{counted(view.found, 'repository', 'repositories')} shown; {where}{told}"

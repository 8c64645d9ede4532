"""The frames of a comparison: repository by repository, and where both did otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from codybatch.analysis.frames.column import NUMBER, TEXT, WHOLE, Column, Frame, levels
from codybatch.analysis.report.cells import ArmCells, Cell, Disagreement, Standing
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.trials import Outcome


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One repository with both arms."""

    repository: str
    a: ArmCells
    b: ArmCells


def rows_of(report: Report, b: str) -> Iterator[ComparedRow]:
    """A row a repository, in the order of the matrix.

    Args:
        report: that compares them.
        b: the name of the arm that is compared with the baseline.
    """
    baseline = report.setup.baseline
    for row in report.matrix:
        yield ComparedRow(row.repository, row.of(baseline), row.of(b))


def _count(arm: str, outcome: Outcome) -> Callable[[ComparedRow], int]:
    return lambda row: getattr(row, arm).count(outcome)


def _difference(row: ComparedRow) -> float | None:
    if row.a.value is None or row.b.value is None:
        return None
    return row.b.value - row.a.value


def _of_arm(arm: str, who: str) -> tuple[Column[ComparedRow], ...]:
    return (
        Column(
            f"{arm}_value",
            NUMBER,
            f"What {who} came to by the metric: a share (0 to 1), a rating, a cost or seconds.",
            lambda row: getattr(row, arm).value,
        ),
        Column(f"{arm}_jobs", WHOLE, f"{who}'s jobs there.", lambda row: _jobs(row, arm)),
        Column(f"{arm}_accepted", WHOLE, f"{who}'s accepted jobs.", _count(arm, Outcome.ACCEPTED)),
        Column(
            f"{arm}_rejected",
            WHOLE,
            f"{who}'s rejected jobs, those on which raters are tied included.",
            _count(arm, Outcome.REJECTED),
        ),
        Column(
            f"{arm}_failed",
            WHOLE,
            f"{who}'s jobs that ended without anything to judge.",
            _count(arm, Outcome.ERROR),
        ),
        Column(
            f"{arm}_unjudged",
            WHOLE,
            f"{who}'s jobs without a verdict.",
            _count(arm, Outcome.UNJUDGED),
        ),
    )


def _jobs(row: ComparedRow, arm: str) -> int:
    cells: tuple[Cell, ...] = getattr(row, arm).cells
    return sum(cell.job is not None for cell in cells)


COMPARED: Frame[ComparedRow] = Frame(
    name="compare(a, b).frame",
    row="A row is a repository, the one where B did worst against A first.",
    columns=(
        Column("repository", TEXT, "`owner/name`.", lambda row: row.repository),
        *_of_arm("a", "A"),
        *_of_arm("b", "B"),
        Column("difference", NUMBER, "`b_value` less `a_value`.", _difference),
        Column(
            "standing",
            levels(Standing),
            "How B stands there beside A, by the metric.",
            lambda row: row.b.standing,
        ),
    ),
)


def _cell(side: str, name: str) -> Callable[[Disagreement], Any]:
    return lambda row: getattr(getattr(row, side), name)


def _comments(side: str) -> Callable[[Disagreement], str]:
    def of(row: Disagreement) -> str:
        cell: Cell = getattr(row, side)
        return "\n".join(one.comment for one in cell.verdicts if one.comment)

    return of


def _reasons(side: str) -> Callable[[Disagreement], str]:
    def of(row: Disagreement) -> str:
        cell: Cell = getattr(row, side)
        return ", ".join(dict.fromkeys(why for one in cell.verdicts for why in one.reasons))

    return of


def _shown(side: str, field: str, who: str) -> tuple[Column[Disagreement], ...]:
    return (
        Column(
            f"{side}_job",
            TEXT,
            f"A job of {who} that shows it: joins with `jobs()`.",
            _cell(field, "job"),
        ),
        Column(
            f"{side}_outcome",
            TEXT,
            "`accepted`, `rejected`, `error` or `unjudged`.",
            _cell(field, "outcome"),
        ),
        Column(f"{side}_rating", NUMBER, "Mean of its raters', 1 to 5.", _cell(field, "rating")),
        Column(
            f"{side}_reasons",
            TEXT,
            "Reasons of its verdicts, with commas.",
            _reasons(field),
            is_foreign=True,
        ),
        Column(
            f"{side}_comments",
            TEXT,
            "Comments of its verdicts.",
            _comments(field),
            is_foreign=True,
        ),
        Column(
            f"{side}_title",
            TEXT,
            "Its result in one line.",
            _cell(field, "title"),
            is_foreign=True,
        ),
    )


DISAGREEMENTS: Frame[Disagreement] = Frame(
    name="compare(a, b).regressions",
    row=(
        "A row is a repository where B did worse than A, the worst first; with a job of each that "
        "shows it. `improvements()` has the same of those where B did better, the best first."
    ),
    columns=(
        Column("repository", TEXT, "`owner/name`.", lambda row: row.repository),
        *_shown("a", "baseline", "A"),
        *_shown("b", "arm", "B"),
    ),
)

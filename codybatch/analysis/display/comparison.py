"""A comparison as a notebook shows it."""

from __future__ import annotations

from codybatch.analysis.display.sheet import Html, Sheet, cut_text, joined, table, tag
from codybatch.analysis.plots.picture import Picture
from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.cells import ArmCells, MatrixRow
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.trials import Outcome
from codybatch.analysis.statistics.wilson import Share

ARM_HEADINGS = ("Arm", "Accepted", "95 % interval", "Jobs", "Failed", "Rating", "Cost of a job")
_MARKS = {
    Outcome.ACCEPTED: "✓",
    Outcome.REJECTED: "✗",
    Outcome.ERROR: "!",
    Outcome.UNJUDGED: "?",
    Outcome.MISSING: "·",
}
_KEY = "✓ accepted  ✗ rejected  ± raters are tied  ! failed  ? not judged  · missing"
_MOST_ROWS = 300
NONE = "\N{EN DASH}"


def comparison_html(report: Report, *pictures: Picture) -> Html:
    """The answer, the arms, pictures, the matrix, cautions and how it was worked out."""
    sheet = Sheet(report.title)
    sheet.add(
        tag(
            "div",
            tag("strong", report.upshot.sentence),
            tag("span", report.title, class_="cb-quiet"),
            class_="cb-head",
        )
    )
    for sentence in (*report.upshot.reasons, *report.upshot.would_settle):
        sheet.add(tag("p", sentence))
    for caution in report.cautions:
        sheet.add(tag("p", caution, class_="cb-note"))
    numbers = frozenset(range(1, len(ARM_HEADINGS)))
    sheet.add(table(ARM_HEADINGS, [_arm(one) for one in report.arms], numbers))
    for picture in pictures:
        sheet.add(picture.drawn())
    rows = [_row(one) for one in report.matrix[:_MOST_ROWS]]
    headings = ("Repository", *(one.arm for one in report.arms))
    if not sheet.add(_folded("Every repetition", table(headings, rows, frozenset()), _KEY)):
        sheet.note("The matrix of repositories is too long to show; .frame has it.")
    elif len(report.matrix) > _MOST_ROWS:
        sheet.note(
            f"Only {_MOST_ROWS} of {len(report.matrix)} repositories are shown; .frame has all."
        )
    told = [tag("p", one) for one in (*report.methods, *report.limits)]
    sheet.add(tag("details", tag("summary", "How it was worked out"), *told))
    return sheet.html()


def comparison_text(report: Report) -> str:
    """The same as plain text."""
    upshot = report.upshot
    lines = [upshot.sentence, *upshot.reasons, *upshot.would_settle, ""]
    lines += [f"Caution: {one}" for one in report.cautions]
    lines += ["  ".join(ARM_HEADINGS)]
    lines += ["  ".join(_arm(one)) for one in report.arms]
    lines += ["", _KEY]
    lines += ["  ".join(_row(one)) for one in report.matrix]
    return cut_text("\n".join(lines), ".frame has all of it.")


def _folded(summary: str, content: Html, note: str) -> Html:
    return tag(
        "details", tag("summary", summary), joined(tag("p", note, class_="cb-quiet"), content)
    )


def _arm(arm: ArmSummary) -> tuple[str, ...]:
    health = arm.health
    return (
        arm.arm,
        *_share(arm.acceptance),
        f"{health.planned - health.missing} of {health.planned}",
        str(health.failed),
        NONE if isinstance(arm.ratings, CannotBeSaid) else f"{arm.ratings.mean:.1f}",
        NONE if isinstance(arm.cost, CannotBeSaid) else f"${arm.cost.mean:,.2f}",
    )


def _share(share: Share | CannotBeSaid) -> tuple[str, str]:
    if isinstance(share, CannotBeSaid):
        return NONE, NONE
    bounds = share.interval
    told = (
        f"{100 * bounds.low:.0f} to {100 * bounds.high:.0f} %"
        if isinstance(bounds, Interval)
        else NONE
    )
    return f"{100 * share.value:.0f} %", told


def _row(row: MatrixRow) -> tuple[str, ...]:
    return (row.repository, *map(_marks, row.arms))


def _marks(cells: ArmCells) -> str:
    return "".join("±" if one.is_disputed else _MARKS[one.outcome] for one in cells.cells) or NONE

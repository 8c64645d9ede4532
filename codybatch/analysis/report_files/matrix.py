"""The matrix: a row a repository, a column an arm, a sign a repetition; and a list of all jobs."""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.plots.units import dollars
from codybatch.analysis.report.cells import ArmCells, Cell, MatrixRow, Standing
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.links import Links, safe_link
from codybatch.analysis.report_files.page import Section, fit, fold, link, scrolled
from codybatch.analysis.report_files.words import (
    NOTHING,
    outcome_of,
    sign_of,
    signs_explained,
    value_of,
)
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import Metric

MOST_ROWS = 200
MOST_JOBS = 2_000
"""With more, the list of jobs stands in the file of cells alone."""
_SHADES = 5
_STANDINGS = {
    Standing.IMPROVED: "\N{BLACK UP-POINTING TRIANGLE}",
    Standing.REGRESSED: "\N{BLACK DOWN-POINTING TRIANGLE}",
}
_SHADE_OF = {Standing.IMPROVED: 4, Standing.REGRESSED: 0, Standing.EQUAL: 2}
_JOBS = ("Repository", "Arm", "Repetition", "Came to", "Rating", "Cost", "Job", "To read")


def matrix_section(report: Report, links: Links) -> Section:
    """Every repetition of every arm on every repository."""
    arms = [one.name for one in report.setup.arms]
    caption = "What each repetition came to; the repositories where the first arm lost most first"
    head = tag("tr", *(tag("th", fit(one), scope="col") for one in ("Repository", *arms)))
    shown = report.matrix[:MOST_ROWS]
    rows = (_row(row, report.setup.metric, links) for row in shown)
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", *rows),
        class_="matrix",
    )
    left = len(report.matrix) - len(shown)
    note = [tag("p", f"{left:,} more repositories stand in the file of cells.")] if left else []
    body = joined(_key(report), scrolled(whole, caption), *note, _jobs(report, links))
    return Section("matrix", "Every repetition", body)


def _key(report: Report) -> Html:
    entries = [tag("li", tag("b", sign), f" {told}") for sign, told in signs_explained()]
    if report.against_baseline:
        entries += [
            tag("li", tag("b", sign), f" {standing.value} against {fit(report.setup.baseline)}")
            for standing, sign in _STANDINGS.items()
        ]
    return tag("ul", *entries, class_="key")


def _row(row: MatrixRow, metric: Metric, links: Links) -> Html:
    cells = (_cells(one, metric, links) for one in row.arms)
    return tag("tr", tag("th", fit(row.repository), scope="row"), *cells)


def _cells(one: ArmCells, metric: Metric, links: Links) -> Html:
    signs = [_sign(cell, links) for cell in one.cells]
    told = ""
    if metric is not Metric.ACCEPTED and one.value is not None:
        told = f" {value_of(one.value, metric)}"
    mark = _STANDINGS.get(one.standing, "") if one.standing else ""
    shade = _shade(one, metric)
    return tag(
        "td",
        *(signs or [joined(NOTHING)]),
        told,
        f" {mark}" if mark else "",
        class_=f"h{shade}" if shade is not None else False,
    )


def _sign(cell: Cell, links: Links) -> Html:
    sign = sign_of(cell)
    told = f"{cell.repetition}: {outcome_of(cell)}"
    address = links.diff(cell.job)
    if address:
        return tag("a", sign, href=address, title=told)
    return tag("span", sign, title=told)


def _shade(one: ArmCells, metric: Metric) -> int | None:
    """From 0, the worst, to 4; None where there is nothing to show."""
    if one.value is None:
        return None
    if metric.less_is_better:
        return _SHADE_OF.get(one.standing) if one.standing else 2
    share = (one.value - 1) / 4 if metric is Metric.RATING else one.value
    return min(_SHADES - 1, max(0, int(share * _SHADES)))


def listed_jobs(report: Report) -> tuple[Cell, ...]:
    """The cells with jobs that the report lists, in the matrix's order; none where there are too
    many.
    """
    cells = tuple(cell for cell in report.cells() if cell.job is not None)
    return cells if len(cells) <= MOST_JOBS else ()


def _jobs(report: Report, links: Links) -> Html:
    cells = listed_jobs(report)
    if not cells:
        return tag("p", "All jobs stand in the file of cells, a row each.", class_="quiet")
    caption = "All jobs, in the order of the matrix"
    head = tag("tr", *(tag("th", one, scope="col") for one in _JOBS))
    rows = (_job(cell, links) for cell in cells)
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))
    seen = joined(
        "Look at one by ",
        tag("code", "codybatch jobs diff JOB"),
        " and ",
        tag("code", "codybatch jobs thread JOB"),
        ".",
    )
    # Pages of ids are no use on paper: the style leaves this list out there.
    return fold(f"All {len(cells):,} jobs", tag("p", seen), scrolled(whole, caption), id_="jobs")


def _job(cell: Cell, links: Links) -> Html:
    rating = f"{cell.rating:.2g}" if cell.rating is not None else NOTHING
    cost = dollars(float(cell.cost_usd)) if cell.cost_usd is not None else NOTHING
    place = links.place(cell.job)
    return tag(
        "tr",
        tag("th", fit(cell.repository), scope="row"),
        tag("td", fit(cell.arm)),
        tag("td", str(cell.repetition)),
        tag("td", _outcome(cell)),
        tag("td", rating),
        tag("td", cost),
        tag("td", tag("code", str(cell.job))),
        tag("td", *_to_read(cell, links)),
        id=place or False,
    )


def _outcome(cell: Cell) -> str:
    if cell.outcome is Outcome.ERROR and cell.ended_because:
        return cell.ended_because.value.replace("_", " ")
    return outcome_of(cell)


def _to_read(cell: Cell, links: Links) -> Iterator[Html]:
    if links.workbench:
        yield link("diff", links.diff(cell.job))
        yield joined(" ")
        yield link("conversation", links.conversation(cell.job))
    pull = safe_link(cell.pull_request)
    if pull:
        yield joined(" ")
        yield link("pull request", pull)

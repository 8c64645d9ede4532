"""The tab Disagreements: where an arm did otherwise than the baseline, both diffs side by side."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from codybatch.analysis.report.cells import Cell, Disagreement, Standing
from codybatch.analysis.report.contents import Report
from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.services.wording import counted
from codybatch.ui.components import badge, empty_state, muted
from codybatch.ui.diff.choices import Chosen
from codybatch.ui.diff.component import draw, is_installed
from codybatch.ui.diff.sections import read_diff, show_plain
from codybatch.ui.experiments.matrix import mark_of
from codybatch.ui.navigation import JOB
from codybatch.ui.plain_text import Clean, literal, shown, shown_on_one_line
from codybatch.ui.words import Badge, duration

_BADGES = {
    Standing.REGRESSED: Badge("Regressed", ":material/trending_down:", "red"),
    Standing.IMPROVED: Badge("Improved", ":material/trending_up:", "green"),
}
_UNIFIED = Chosen(frozenset(), False, False)
"""Two diffs stand side by side already."""


@dataclass(frozen=True)
class Pair:
    """One place where two arms differ."""

    arm: str
    baseline: str
    found: Disagreement


def pairs(report: Report) -> tuple[Pair, ...]:
    """All of them: regressions of every arm first."""
    every = [
        Pair(one.arm, report.setup.baseline, found)
        for one in report.against_baseline
        for found in one.disagreements
    ]
    return tuple(sorted(every, key=lambda pair: pair.found.standing is not Standing.REGRESSED))


def show_disagreements(app: Application, report: Report) -> None:
    """The whole tab: one pair at a time, its number in the address."""
    every = pairs(report)
    if not every:
        title, said = "Nothing differs", "Every arm did on every repository what the baseline did."
        if report.unfinished:
            title, said = "Nothing is known to differ", "Not all jobs are finished and judged yet."
        empty_state("disagreements", title, said, ":material/drag_handle:")
        return
    worse = sum(one.found.standing is Standing.REGRESSED for one in every)
    muted(
        "experiments-pairs",
        f"{counted(worse, 'regression')}, {counted(len(every) - worse, 'improvement')}; "
        "of each the two repetitions that show it most",
    )
    number = st.pagination(len(every), key="pair", bind="query-params") if len(every) > 1 else 1
    _show_pair(app, every[number - 1])


def _show_pair(app: Application, pair: Pair) -> None:
    clean = app.net.clean
    with st.container(horizontal=True, vertical_alignment="center", key="experiments-pair"):
        name = shown_on_one_line(pair.found.repository, clean)
        st.subheader(literal(name), anchor=False, width="content")
        badge(_BADGES[pair.found.standing])
    left, right = st.columns(2, gap="medium")
    with left:
        _show_side(app, f"{pair.baseline} (baseline)", pair.found.baseline, "baseline")
    with right:
        _show_side(app, pair.arm, pair.found.arm, "arm")


def _show_side(app: Application, arm: str, cell: Cell, name: str) -> None:
    clean = app.net.clean
    with st.container(border=True, key=f"experiments-side-{name}", gap="small"):
        with st.container(key=f"strong-experiments-{name}"):
            st.text(shown_on_one_line(arm, clean))
        mark = mark_of(cell)
        rated = f" · rated {cell.rating:.1f}" if cell.rating is not None else ""
        muted(f"experiments-{name}", f"{mark.sign} {mark.word}{rated} · {_figures(cell)}")
        if cell.title:
            st.text(shown_on_one_line(cell.title, clean))
        for line in reasons(cell, clean):
            st.text(line)
        if cell.job:
            st.page_link(
                JOB,
                label="Diff and conversation",
                icon=":material/arrow_forward:",
                query_params={"id": cell.job},
            )
        _show_patch(app, cell)


def reasons(cell: Cell, clean: Clean) -> tuple[str, ...]:
    """What its raters said, a line each; and why it failed."""
    told = [
        f"{one.rater}: {', '.join((one.decision.value, *one.reasons))}"
        + (f" — {one.comment}" if one.comment else "")
        for one in cell.verdicts
    ]
    return tuple(shown(one, clean) for one in (*told, cell.ended_detail) if one)


def _figures(cell: Cell) -> str:
    told = [f"repetition {cell.repetition}"]
    if cell.cost_usd is not None:
        told.append(f"${cell.cost_usd:,.2f}")
    if cell.seconds is not None:
        told.append(duration(cell.seconds))
    if cell.patch is not None:
        told.append(counted(cell.patch.files, "file"))
    return " · ".join(told)


def _show_patch(app: Application, cell: Cell) -> None:
    if cell.job is None or cell.patch is None:
        muted(f"experiments-no-patch-{cell.arm}", "It made no patch.")
        return
    job = cell.job
    try:
        diff = read_diff(cell.patch.blob.sha256, lambda: app.jobs.patch(job), app.net.clean)
    except CodyBatchError as error:
        st.text(shown(error.message, app.net.clean))
        return
    if is_installed():
        name = f"pair-{job}-{cell.patch.blob.sha256[:12]}"
        draw(name, diff, lambda: _UNIFIED, lambda _before, _now: None)
    else:
        show_plain(app.jobs.patch(job), app.net.clean)

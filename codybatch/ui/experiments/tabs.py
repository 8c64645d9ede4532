"""The tabs of an experiment's page: each is a line in ``TABS``, and only the open one is filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from codybatch.analysis.report.contents import Report
from codybatch.composition import Application
from codybatch.ui.components import empty_state, notice
from codybatch.ui.experiments.amounts import show_amounts
from codybatch.ui.experiments.disagreements import show_disagreements
from codybatch.ui.experiments.matrix_part import show_matrix
from codybatch.ui.experiments.raters import show_raters
from codybatch.ui.experiments.report_part import show_report
from codybatch.ui.experiments.reports import Known
from codybatch.ui.experiments.result import result_view, show_result
from codybatch.ui.experiments.set_up import show_set_up
from codybatch.ui.plain_text import shown
from codybatch.ui.workbench import errors_told

KEY = "tab"
"""Of the tabs' widget, and so the name in the address: ``/experiment?id=…&tab=Matrix``."""


@dataclass(frozen=True)
class Tab:
    """One tab.

    Args:
        name: as people read it and as the address has it.
        show: fills it.
    """

    name: str
    show: Callable[[Application, Report], None]


def _show_result(app: Application, report: Report) -> None:
    show_result(result_view(report, app.net.clean))


def _show_matrix(app: Application, report: Report) -> None:
    show_matrix(report, app.net.clean)


def _show_amounts(app: Application, report: Report) -> None:
    show_amounts(report, app.net.clean)


def _show_raters(app: Application, report: Report) -> None:
    show_raters(report, app.net.clean)


def _show_set_up(app: Application, report: Report) -> None:
    show_set_up(report, app.net.clean)


TABS = (
    Tab("Result", _show_result),
    Tab("Matrix", _show_matrix),
    Tab("Disagreements", show_disagreements),
    Tab("Cost and time", _show_amounts),
    Tab("Verdicts", _show_raters),
    Tab("Set-up", _show_set_up),
    Tab("Report", show_report),
)


def show_tabs(app: Application, known: Known) -> None:
    """All tabs, the open one filled with what is known by now."""
    containers = st.tabs(
        [tab.name for tab in TABS], key=KEY, on_change="rerun", bind="query-params"
    )
    for tab, container in zip(TABS, containers, strict=True):
        if container.open:
            with container, errors_told(f"The tab {tab.name}"):
                _fill(app, known, tab)


def _fill(app: Application, known: Known, tab: Tab) -> None:
    if known.failed:
        said = shown(known.failed, app.net.clean)
        notice("experiments-failed", "red", "It could not be worked out", said)
    if known.report is not None:
        tab.show(app, known.report)
    elif not known.failed:
        told = "The jobs and their verdicts are being read."
        empty_state("experiments-tab", "This is being worked out", told, ":material/hourglass_top:")

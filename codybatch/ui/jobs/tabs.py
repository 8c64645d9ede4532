"""The tabs of a job's page. A new one is a line in ``TABS``; only the open one is filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.activity.sections import show_activity
from codybatch.ui.conversation.sections import show_conversation
from codybatch.ui.cost.sections import show_cost
from codybatch.ui.diff.sections import show_diff
from codybatch.ui.jobs.result import job_result
from codybatch.ui.jobs.sections import (
    show_answer,
    show_files,
    show_findings,
    show_nothing,
    show_outlook,
    show_summary,
)
from codybatch.ui.jobs.verdict_form import VerdictForm, show_others
from codybatch.ui.jobs.view import JobView
from codybatch.ui.workbench import errors_told, time_zone

KEY = "tab"
"""Of the tabs' widget, and so the name in the address: ``/job?id=…&tab=Diff``."""


@dataclass(frozen=True)
class Tab:
    """One tab.

    Args:
        name: as people read it and as the address has it.
        show: fills it; called inside of the page's live part, each time that is drawn.
    """

    name: str
    show: Callable[[Application, JobView], None]


def _show_result(app: Application, view: JobView) -> None:
    job, result = view.job, job_result(app.jobs, app.net.clean, view.job)
    if not view.judged.may_judge:
        show_nothing(job)
        return
    wide, narrow = st.columns([5, 2], gap="medium")
    with wide:
        if result.is_empty:
            show_nothing(job)
        show_summary(result)
        show_answer(result)
        show_findings(app, job, result)
        show_files(result)
        show_outlook(result)
    with narrow:
        VerdictForm(app, job.id, view.judged).show()
        show_others(view.judged, may_ask=True)


def _show_diff(app: Application, view: JobView) -> None:
    show_diff(app, view.job)


def _show_conversation(app: Application, view: JobView) -> None:
    show_conversation(app, view.job, time_zone())


def _show_activity(app: Application, view: JobView) -> None:
    show_activity(app, view.job, time_zone())


def _show_cost(app: Application, view: JobView) -> None:
    show_cost(app, view.job)


TABS = (
    Tab("Result", _show_result),
    Tab("Diff", _show_diff),
    Tab("Conversation", _show_conversation),
    Tab("Activity", _show_activity),
    Tab("Cost", _show_cost),
)


def show_tabs(app: Application, view: JobView) -> None:
    """All tabs, the open one filled."""
    names = [tab.name for tab in TABS]
    containers = st.tabs(names, key=KEY, on_change="rerun", bind="query-params")
    for tab, container in zip(TABS, containers, strict=True):
        if container.open:
            with container, errors_told(f"The tab {tab.name}"):
                tab.show(app, view)

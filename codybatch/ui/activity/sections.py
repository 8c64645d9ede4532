"""The activity of a job, from its view model to widgets."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.events import KEPT_FOR, EventKind, EventLevel
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.services.wording import counted, sentence
from codybatch.ui.activity.event_log import event_log
from codybatch.ui.activity.timeline import (
    ROWS,
    PhaseStep,
    Row,
    Standing,
    Timeline,
    timeline,
)
from codybatch.ui.components import empty_state, muted
from codybatch.ui.plain_text import shown

PAGE, PROBLEMS = "activity-page", "activity-problems"
_STYLE = Path(__file__).with_name("style.css")
_BEFORE = {JobState.QUEUED: "Waiting for a machine", JobState.WAITING: "Not begun yet"}
_ICONS = {
    Standing.TO_COME: ":gray[:material/radio_button_unchecked:]",
    Standing.AT_WORK: ":blue[:material/progress_activity:]",
    Standing.DONE: ":green[:material/check_circle:]",
    Standing.STOPPED: ":orange[:material/stop_circle:]",
}
_LEVELS = {
    EventLevel.INFO: "",
    EventLevel.WARNING: ":orange[:material/warning: **Problem**]",
    EventLevel.ERROR: ":red[:material/error: **Error**]",
}


def show_activity(app: Application, job: Job, zone: tzinfo = UTC) -> None:
    """What happens and happened to a job, in words.

    To be called inside the page's one fragment, whose clock makes it live.

    Args:
        app: the application.
        job: as it stands now.
        zone: in which times are told.
    """
    st.html(_STYLE)
    events = event_log(job.id).now(app, job.id)
    now = app.clock.now()
    if not any(event.kind is EventKind.CLAIMED for event in events):
        _show_empty(app, job, now)
    if not events:
        return
    steps = st.container()
    choice = st.container(key="activity-choice", horizontal=True, vertical_alignment="center")
    only_problems = choice.toggle("Problems only", key=PROBLEMS, bind="query-params")
    found = timeline(job, events, app.net.clean, now, zone, only_problems=only_problems)
    with steps:
        _show_steps(found.steps)
    with choice:
        _show_order(found)
        _show_log(job)
    _show_rows(found)


def _show_empty(app: Application, job: Job, now: datetime) -> None:
    if job.state.is_terminal:
        kept = f"What happens to a job is kept for {KEPT_FOR.days} days."
        empty_state("activity", "No machine is noted", kept, ":material/history:")
        return
    title = _BEFORE.get(job.state, "Nothing is noted yet")
    why = shown(sentence(job, now), app.net.clean)
    empty_state("activity", title, why, ":material/schedule:")


def _show_steps(steps: tuple[PhaseStep, ...]) -> None:
    with st.container(key="activity-steps", horizontal=True, gap="medium"):
        for step in steps:
            with st.container(key=f"activity-step-{step.name}", gap=None, width="content"):
                st.markdown(f"{_ICONS[step.standing]} **{step.name}**")
                muted(f"activity-{step.name}", step.took or step.standing.value)


def _show_order(found: Timeline) -> None:
    parts = (
        counted(found.problems, "problem"),
        counted(found.attempts, "attempt"),
        "newest first" if found.is_newest_first else "oldest first",
    )
    muted("activity-order", " · ".join(parts))
    pages = -(-len(found.rows) // ROWS)
    if pages > 1:
        st.space("stretch")
        st.pagination(pages, key=PAGE, bind="query-params")


def _show_log(job: Job) -> None:
    """A link to the log of the newest attempt, where that is kept on the web."""
    if job.log and job.log.startswith("https://"):
        st.link_button("Worker's log", job.log, icon=":material/terminal:", type="tertiary")


def _show_rows(found: Timeline) -> None:
    if not found.rows:
        st.info("Nothing went wrong.", icon=":material/task_alt:")
        return
    pages = -(-len(found.rows) // ROWS)
    page = min(max(1, int(st.session_state.get(PAGE) or 1)), pages)
    with st.container(key="activity-rows", gap=None):
        for row in found.rows[(page - 1) * ROWS : page * ROWS]:
            _show_row(row)


def _show_row(row: Row) -> None:
    """One event on one line; the style sheet counts these two."""
    kind = "attempt" if row.is_heading else row.level.value
    with st.container(key=f"activity-row-{kind}-{row.sequence}", gap=None):
        st.text(f"{row.day} {row.time}".strip())
        with st.container(key=f"activity-said-{row.sequence}", gap=None):
            if _LEVELS[row.level]:
                st.markdown(_LEVELS[row.level])
            st.text(row.text)
            if row.detail:
                muted(f"activity-detail-{row.sequence}", row.detail)

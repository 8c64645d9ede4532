"""From one job of a request to the next, by button or key."""

from __future__ import annotations

import streamlit as st

from codybatch.domain.jobs import Job
from codybatch.ui.jobs.view import JobView
from codybatch.ui.navigation import JOB, go_to


def show_steps(view: JobView) -> None:
    """The ways to the job before and after it, where its request has several."""
    if len(view.siblings) < 2:
        return
    place = [one.id for one in view.siblings].index(view.job.id) + 1
    with st.container(horizontal=True, key="jobs-steps", gap="small", vertical_alignment="center"):
        before = _step("Previous", ":material/chevron_left:", "k", view.beside(-1))
        st.text(f"{place} of {len(view.siblings)} jobs", width="content")
        after = _step("Next", ":material/chevron_right:", "j", view.beside(1))
    chosen = before or after
    if chosen:
        go_to(JOB, chosen.id, shown_on=JOB)


def _step(label: str, icon: str, key: str, to: Job | None) -> Job | None:
    """A button; the job that it leads to, where it was pressed."""
    pressed = st.button(
        label,
        key=f"job-{label.lower()}",
        icon=icon,
        shortcut=key,
        type="tertiary",
        disabled=to is None,
    )
    return to if pressed else None

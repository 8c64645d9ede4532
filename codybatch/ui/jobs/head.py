"""The head of a job's page, from its view model to widgets."""

from __future__ import annotations

from functools import partial

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.components import Crumb, badge, facts, muted, notice, page_header
from codybatch.ui.errand_card import show_errand
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs import deeds
from codybatch.ui.jobs.acts import LABELS, Act
from codybatch.ui.jobs.dialogs import ask
from codybatch.ui.jobs.heading import JobHeading, PullRequestLine, Relative
from codybatch.ui.jobs.view import JobView
from codybatch.ui.live import forget
from codybatch.ui.navigation import JOB, JOBS, PROMPT, REQUEST, go_to, seen
from codybatch.ui.plain_text import literal
from codybatch.ui.questions import open_question


def show_head(app: Application, view: JobView) -> None:
    """Which job, how it stands, what can be done, and what is being done."""
    head = view.heading
    way = Crumb("Jobs", JOBS, seen(JOBS))
    with page_header(f"{head.owner}/{head.name}", way, badges=[head.badge], meta=head.about):
        _show_acts(app, view)
    _show_belonging(head)
    _show_state(head)
    if view.errand:
        show_errand(app, view.job.id, view.errand, shown_on=JOB)
    if head.pull_request:
        _show_pull_request(app, view, head.pull_request)
    if head.family:
        _show_family(head.family)
    facts("job", head.facts)


def _show_acts(app: Application, view: JobView) -> None:
    busy = view.errand is not None and view.errand.is_active
    pull = view.heading.pull_request
    if pull and pull.url:
        st.link_button("Open pull request", pull.url, type="primary", icon=":material/open_in_new:")
    elif view.acts.primary:
        _act_button(app, view, view.acts.primary, busy=busy, primary=True)
    for act in view.acts.others:
        _act_button(app, view, act, busy=busy)


def _act_button(
    app: Application, view: JobView, act: Act, *, busy: bool, primary: bool = False
) -> None:
    label, icon = LABELS[act]
    key, kind = f"job-act-{act}", "primary" if primary else "secondary"
    if st.button(label, key=key, icon=icon, type=kind, disabled=busy):  # type: ignore[arg-type]
        open_question(partial(ask, app, view, act))


def _show_belonging(head: JobHeading) -> None:
    """Its request, its prompt and its commit."""
    with st.container(
        horizontal=True, key="jobs-belongs", gap="small", vertical_alignment="center"
    ):
        st.page_link(
            REQUEST,
            label="Request",
            icon=":material/stacks:",
            query_params={"id": head.request_id},
        )
        st.text(head.request, width="content")
        st.page_link(
            PROMPT,
            label="Prompt",
            icon=":material/edit_note:",
            query_params={"name": head.prompt_name, "v": str(head.prompt_version)},
        )
        st.text(head.prompt, width="content")
        st.code(head.commit, language=None, width="content")


def _show_state(head: JobHeading) -> None:
    if head.badge.color in {"red", "orange", "yellow"}:
        notice("state", head.badge.color, literal(head.doing), head.detail, head.next_step)
    else:
        st.text(" ".join(filter(None, (head.doing, head.detail, head.next_step))))
    if head.asked:
        muted("jobs-asked", f"Asked to: {head.asked}")
    if head.publication:
        st.text(" ".join(filter(None, (head.publication, head.publication_next))))


def _show_pull_request(app: Application, view: JobView, pull: PullRequestLine) -> None:
    with st.container(horizontal=True, key="jobs-pull", gap="small", vertical_alignment="center"):
        st.text(pull.name)
        for one in pull.badges:
            badge(one)
        st.text(f"{pull.next_step} ({pull.seen})")
        busy = view.errand is not None and view.errand.is_active
        if st.button(
            "Refresh", key="job-refresh", type="tertiary", icon=":material/refresh:", disabled=busy
        ):
            the_errands(app).begin(view.job.id, "Refresh", deeds.refresh(app, view.job))
            forget(app)
            st.rerun()


def _show_family(family: tuple[Relative, ...]) -> None:
    """The lineage, oldest first."""
    with st.container(horizontal=True, key="jobs-family", gap="small", vertical_alignment="center"):
        st.text("Lineage")
        for one in family:
            if one.is_this:
                st.text(f"{one.label} (this)")
            elif st.button(one.label, key=f"job-family-{one.id}", type="tertiary"):
                go_to(JOB, one.id, shown_on=JOB)
            badge(one.badge)

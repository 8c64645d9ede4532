"""The parts of the job list's page, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.domain.states import JobState
from codybatch.ui.components import badge
from codybatch.ui.job_list import JobList, JobQuery, JobRow
from codybatch.ui.navigation import JOB, LIST
from codybatch.ui.plain_text import literal
from codybatch.ui.words import STATE_BADGES


def ask() -> JobQuery:
    """The filters and the page, all kept in the address."""
    search, states = st.columns([2, 5], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        key="q",
        type="search",
        bind="query-params",
        on_change=begin_at_newest,
        placeholder="Words of the request, repository or summary",
    )
    state = states.pills(
        "State",
        [state.value for state in JobState],
        key="state",
        bind="query-params",
        on_change=begin_at_newest,
        format_func=lambda value: STATE_BADGES[JobState(value)].label,
        disabled=bool(words),
        help="A search looks through all states." if words else None,
    )
    return JobQuery(state, words or "", st.query_params.get("cursor"))


def begin_at_newest() -> None:
    """Forget the page: it is of another list."""
    st.query_params.pop("cursor", None)


def show_rows(found: JobList) -> None:
    """One card of rows."""
    if found.begins_again:
        st.caption("That page of the list does not exist; these are the newest jobs.")
    with st.container(border=True, key="rows", gap=None):
        for row in found.rows:
            show_row(row)


def show_row(row: JobRow) -> None:
    """One job on one line; all of it leads to its result. The style sheet counts these six."""
    with st.container(key=f"row-{row.id}", gap=None):
        name = f":gray[{literal(row.owner)}/]**{literal(row.name)}**"
        st.page_link(JOB, label=name, query_params={"id": row.id})
        st.text(row.doing)
        badge(row.badge)
        st.text(row.outcome)
        st.text(row.cost)
        st.text(row.when)


def show_paging(asked: JobQuery, found: JobList) -> None:
    """The way to older jobs and back."""
    with st.container(horizontal=True, key="paging"):
        if asked.cursor:
            newest = asked.address(None)
            st.page_link(LIST, label="Newest", icon=":material/first_page:", query_params=newest)
        if found.cursor:
            older = asked.address(found.cursor)
            st.page_link(LIST, label="Older", icon=":material/arrow_forward:", query_params=older)


def show_empty(asked: JobQuery) -> None:
    """What to do where there is nothing to show."""
    if asked.is_filtered:
        st.info(
            "No job matches. Clear the search or choose another state.",
            icon=":material/search_off:",
        )
    elif asked.cursor:
        st.info("There are no older jobs.", icon=":material/task_alt:")
    else:
        st.info(
            "No jobs yet. Submit a first request from the command line:",
            icon=":material/rocket_launch:",
        )
        st.code("codybatch submit --prompt-file prompt.md -r OWNER/NAME --wait", language="bash")

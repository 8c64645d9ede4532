"""The parts of the job list's page, from its view model to widgets."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from codybatch.domain.identifiers import experiment_id
from codybatch.domain.states import JobState
from codybatch.ui.components import empty_state
from codybatch.ui.jobs.listing import SINCE, JobList, JobQuery, JobRow
from codybatch.ui.navigation import COMPOSE, EXPERIMENT, JOB
from codybatch.ui.paging import CURSOR, begin_at_newest
from codybatch.ui.plain_text import literal
from codybatch.ui.rows import Row, row_list
from codybatch.ui.words import STATE_BADGES

VIEWS = ("Rows", "Table")


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
        wrap=True,
    )
    asked = JobQuery(state, words or "", cursor=st.query_params.get(CURSOR))
    return _ask_more(asked)


def _ask_more(asked: JobQuery) -> JobQuery:
    """The filters that are seldom used, out of the way until one of them is."""
    names = ("repository", "prompt", "by", "since")
    is_open = any(st.query_params.get(name) for name in names)
    with st.expander("More filters", expanded=is_open, icon=":material/tune:", key="jobs-more"):
        columns = st.columns(4, vertical_alignment="bottom")
        repository, prompt, requester = (
            column.text_input(
                label,
                key=name,
                bind="query-params",
                on_change=begin_at_newest,
                placeholder=hint,
            )
            or ""
            for column, label, name, hint in zip(
                columns[:3],
                ("Repository", "Prompt", "Made by"),
                names[:3],
                ("owner/name", "Its name", "A person"),
                strict=True,
            )
        )
        since = columns[3].selectbox(
            "Made since",
            list(SINCE),
            index=None,
            key="since",
            bind="query-params",
            on_change=begin_at_newest,
            placeholder="Any time",
        )
    experiment = experiment_id(st.query_params.get("experiment", "")) or ""
    if experiment:
        _show_narrowing(experiment)
    return JobQuery(
        *(asked.state, asked.words, repository, prompt, requester, since),
        experiment=experiment,
        cursor=asked.cursor,
    )


def _show_narrowing(experiment: str) -> None:
    """What a link from an experiment narrowed the list to, and the ways out of it."""
    with st.container(horizontal=True, key="jobs-narrowed", vertical_alignment="center"):
        st.page_link(
            EXPERIMENT,
            label="Only jobs of this experiment",
            icon=":material/science:",
            query_params={"id": experiment},
            width="content",
        )
        st.button(
            "Show all", key="jobs-all", type="tertiary", icon=":material/close:", on_click=_widen
        )


def _widen() -> None:
    for name in ("experiment", CURSOR):
        st.query_params.pop(name, None)


def ask_view(file: Callable[[], str]) -> str:
    """Rows or a table, and all of it as a file.

    Args:
        file: the list as CSV; made when it is asked for.
    """
    with st.container(
        horizontal=True, key="jobs-view", horizontal_alignment="right", vertical_alignment="center"
    ):
        view = st.segmented_control(
            "View",
            VIEWS,
            default=VIEWS[0],
            required=True,
            key="view",
            bind="query-params",
            label_visibility="collapsed",
        )
        st.download_button(
            "CSV",
            file,
            "jobs.csv",
            "text/csv",
            key="jobs-csv",
            icon=":material/download:",
            help="Download the newest 1,000 jobs of this list",
            on_click="ignore",
        )
    return view or VIEWS[0]


def show_rows(found: JobList) -> None:
    """One card of rows."""
    row_list("jobs", [_row(row) for row in found.rows])


def _row(row: JobRow) -> Row:
    return Row(
        id=row.id,
        page=JOB,
        label=f":gray[{literal(row.owner)}/]**{literal(row.name)}**",
        note=row.doing,
        badge=row.badge,
        cells=(row.outcome, row.cost),
        when=row.when,
        parameters={"id": row.id},
    )


def show_empty(asked: JobQuery, found: JobList) -> None:
    """What to do where there is nothing to show."""
    if found.cursor:
        empty_state(
            "jobs",
            "None of the newer jobs match",
            "Older ones may: look further, or ask for less at once.",
            ":material/search:",
        )
    elif asked.is_filtered:
        empty_state(
            "jobs",
            "No job matches",
            "Clear the search or choose other filters.",
            ":material/search_off:",
        )
    elif asked.cursor:
        empty_state("jobs", "There are no older jobs", "", ":material/task_alt:")
    else:
        told = "Each repository of a request is one job."
        with empty_state("jobs", "No jobs yet", told, ":material/rocket_launch:"):
            st.page_link(COMPOSE, label="New request", icon=":material/add:")

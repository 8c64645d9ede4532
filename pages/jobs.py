"""The list of jobs: what runs, what ended, and how."""

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.states import JobState
from codybatch.ui.job_list import JobRow, job_list
from codybatch.ui.words import STATE_BADGES
from codybatch.ui.workbench import page


def show_row(row: JobRow) -> None:
    """One job on one line; the name leads to its result."""
    with st.container(border=True, key=f"row-{row.id}"):
        state, what, change, cost, when = st.columns(
            [1.2, 4.6, 1, 0.8, 1.1], vertical_alignment="center"
        )
        state.badge(row.badge.label, icon=row.badge.icon, color=row.badge.color)
        with what:
            st.page_link(
                "pages/job.py",
                label=f":gray[{row.owner}/]**{row.name}**",
                query_params={"id": row.id},
            )
            st.caption(row.doing)
        change.markdown(row.change or ":gray[no change]")
        cost.markdown(row.cost)
        when.caption(row.when)


def show_filters() -> tuple[str | None, str]:
    """The filters, kept in the address."""
    search, states = st.columns([2, 5], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        key="q",
        bind="query-params",
        placeholder="Words of the request, repository or summary",
    )
    state = states.pills(
        "State",
        [state.value for state in JobState],
        key="state",
        bind="query-params",
        format_func=lambda value: STATE_BADGES[JobState(value)].label,
    )
    return state, words


@st.fragment(run_every=2.0)
def show_live(app: Application, state: str | None, words: str) -> None:
    """The rows, fresh every two seconds."""
    cursor = st.query_params.get("cursor")
    found = job_list(app.jobs, app.clock.now(), state, words, cursor)
    if not found.rows:
        show_empty(bool(state or words))
    for row in found.rows:
        show_row(row)
    if found.cursor and st.button("Older jobs", icon=":material/arrow_forward:"):
        st.query_params["cursor"] = found.cursor
        st.rerun()


def show_empty(filtered: bool) -> None:
    """What to do where there is nothing to show."""
    if filtered:
        st.info(
            "No job matches. Clear the search or choose another state.",
            icon=":material/search_off:",
        )
        return
    st.info(
        "No jobs yet. Submit a first request from the command line:",
        icon=":material/rocket_launch:",
    )
    st.code("codybatch submit --prompt-file prompt.md -r OWNER/NAME --wait", language="bash")


with page("Jobs") as app:
    st.title("Jobs")
    if app.settings.is_demonstration:
        st.caption(
            "Demonstration: a stand-in model worked on sample repositories. "
            "No key was used, nothing was spent."
        )
    show_live(app, *show_filters())

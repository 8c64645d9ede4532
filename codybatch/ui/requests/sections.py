"""The parts of the request pages, from their view models to widgets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.services.wording import counted
from codybatch.ui.components import Crumb, empty_state, facts, muted, notice, page_header
from codybatch.ui.errand_card import show_errand
from codybatch.ui.navigation import COMPOSE, EXPERIMENT, JOB, JUDGE, REQUEST, REQUESTS, go_to, seen
from codybatch.ui.plain_text import literal
from codybatch.ui.questions import open_question
from codybatch.ui.requests.acts import LABELS, RequestAct
from codybatch.ui.requests.dialogs import ask
from codybatch.ui.requests.view import ROWS, RequestView, SideBySide
from codybatch.ui.rows import Row, row_list
from codybatch.ui.words import STATE_BADGES

SHOWN = {"all": "All", "active": "Active", "person": "Needs you"}
"""Which jobs of a request to show."""


def state_bar(counts: JobCounts, label: str) -> None:
    """One segment for each state that jobs are in, as wide as there are jobs in it.

    Args:
        counts: of the jobs.
        label: the same in words, for whoever does not see it; our own.
    """
    segments = "".join(
        f'<i class="cb-{STATE_BADGES[state].color}" style="flex:{counts.of(state)}"></i>'
        for state in _IN_BAR
        if counts.of(state)
    )
    st.html(f'<div class="cb-bar" role="img" aria-label="{label}">{segments}</div>')


_IN_BAR = (
    *(JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED),
    *(JobState.RUNNING, JobState.WAITING, JobState.QUEUED),
)


def show_request(app: Application, view: RequestView) -> None:
    """The whole page of a request."""
    way = Crumb("Requests", REQUESTS, seen(REQUESTS))
    with page_header(view.title, way, badges=[view.badge], meta=view.about):
        _show_acts(app, view)
    with st.container(border=True, key="requests-summary", gap="small"):
        st.text(view.standing)
        state_bar(view.request.counts, view.standing)
        facts("request", view.facts)
    if view.explanation:
        notice("partly", "orange", "Not all of it succeeded", view.explanation)
    if view.errand:
        show_errand(app, view.request.id, view.errand, shown_on=REQUEST)
    if view.skipped:
        title = "Left out: the prompt has an open pull request there"
        notice("skipped", "gray", title, *view.skipped)
    _show_jobs(view)
    _show_what_was_asked(view)


def _show_acts(app: Application, view: RequestView) -> None:
    busy = view.errand is not None and view.errand.is_active
    for act in filter(None, (view.acts.primary, *view.acts.others)):
        label, icon = LABELS[act]
        kind = "primary" if act is view.acts.primary else "secondary"
        pressed = st.button(
            label,
            key=f"request-act-{act}",
            icon=icon,
            type=kind,  # type: ignore[arg-type]
            disabled=busy,
        )
        if pressed and act is RequestAct.REVIEW:
            st.switch_page(JOB, query_params={"id": _first_to_judge(view)})
        elif pressed:
            open_question(partial(ask, app, view, act))
    if st.button("Use again", key="request-use-again", icon=":material/content_copy:"):
        st.switch_page(COMPOSE, query_params={"from": view.request.id})


def _first_to_judge(view: RequestView) -> str:
    return next((row.id for row in view.rows if row.needs_person), view.rows[0].id)


def _show_jobs(view: RequestView) -> None:
    st.subheader("Jobs, side by side", anchor=False)
    with st.container(horizontal=True, key="requests-which", vertical_alignment="center"):
        chosen = st.pills(
            "Which jobs",
            list(SHOWN),
            default="all",
            required=True,
            key="show",
            bind="query-params",
            format_func=SHOWN.__getitem__,  # stands in the address: no count, which changes
            label_visibility="collapsed",
        )
        muted("requests-counts", _counts(view.rows))
        if any(job.has_result for job in view.jobs):
            st.page_link(
                JUDGE,
                label="Judge one by one",
                icon=":material/thumbs_up_down:",
                query_params={"request": view.request.id},
            )
    rows = _chosen(view.rows, chosen or "all")
    if not rows:
        empty_state("side-by-side", _NOTHING[chosen or "all"], "", ":material/task_alt:")
        return
    pages = -(-len(rows) // ROWS)
    number = st.pagination(pages, key="pg", bind="query-params") if pages > 1 else 1
    row_list("requests-jobs", [_row(row) for row in rows[(number - 1) * ROWS : number * ROWS]])


_NOTHING = {
    "all": "This request has no job",
    "active": "Nothing runs or waits any more",
    "person": "Nothing needs you",
}


def _counts(rows: Sequence[SideBySide]) -> str:
    active, person = (len(_chosen(rows, name)) for name in ("active", "person"))
    return f"{counted(len(rows), 'job')} · {active} active · {counted(person, 'needs', 'need')} you"


def _chosen(rows: Sequence[SideBySide], name: str) -> list[SideBySide]:
    if name == "active":
        return [row for row in rows if row.is_active]
    return [row for row in rows if row.needs_person or name == "all"]


def _row(row: SideBySide) -> Row:
    return Row(
        id=row.id,
        page=JOB,
        label=f":gray[{literal(row.owner)}/]**{literal(row.name)}**",
        note=row.doing,
        badge=row.badge,
        cells=(row.outcome, row.verdict, row.cost),
        when=row.when,
        parameters={"id": row.id},
    )


def _show_what_was_asked(view: RequestView) -> None:
    cell = view.request.origin.cell
    if cell is not None:
        st.page_link(
            EXPERIMENT,
            label=f"Repetition {cell.repetition} of an arm of an experiment",
            icon=":material/science:",
            query_params={"id": cell.experiment},
        )
    origin = view.origin
    if origin and st.button(
        origin.label, key="request-origin", icon=":material/history:", type="tertiary"
    ):
        go_to(REQUEST, origin.request, shown_on=REQUEST)
    with st.expander("What was asked", icon=":material/description:", key="asked"):
        st.code(view.prompt_text, language=None, wrap_lines=True)
        facts("options", view.options)

"""The cost of a job, from its view model to widgets."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from codybatch.clients import prices
from codybatch.composition import Application
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job
from codybatch.services.explained_cost import ExplainedCost, explained
from codybatch.ui.components import empty_state, facts, muted, notice
from codybatch.ui.cost.breakdown import (
    Breakdown,
    TurnCost,
    bars,
    breakdown,
    cap_reached,
)

_STYLE = Path(__file__).with_name("style.css")
_CHART_PIXELS = 260


def show_cost(app: Application, job: Job) -> None:
    """What a job cost, turn by turn, against its cap and what was expected.

    To be called inside the page's one fragment, as its siblings are.

    Args:
        app: the application.
        job: as it stands now.
    """
    st.html(_STYLE)
    request = app.requests.find(job.request)
    if reached := cap_reached(job, request):
        notice("cost-waits", "yellow", "The request has reached its cost cap", reached)
    cost = _explained(job.id, job.version, app)
    found = breakdown(request, cost)
    if not found.rows:
        empty_state("cost", "Nothing spent yet", found.expected, ":material/savings:")
        return
    st.text(found.spent)
    if found.share_of_cap is not None:
        st.progress(found.share_of_cap)
    facts("cost", found.facts)
    for text in filter(None, (found.saved, found.expected)):
        muted(f"cost-{text[:4]}", text)
    if found.uncertain:
        notice(
            "cost-uncertain", "orange", "The usage of some replies is not known", found.uncertain
        )
    _show_chart(found)
    _show_table(found)


@st.cache_resource(max_entries=16, show_spinner=False)
def _explained(job: JobId, version: int, _app: Application) -> ExplainedCost:  # noqa: ARG001
    """The cost of a job as it stood at a version: the same for all who look at it."""
    found = _app.jobs.find(job)
    return explained(found, _app.jobs.steps(job), prices(_app.settings).price)


def _show_chart(found: Breakdown) -> None:
    st.header("Cost of each turn", anchor=False)
    drawn = bars(found.rows)
    charted: dict[str, tuple[object, ...]] = {"Turn": drawn.turns, "US dollars": drawn.costs}
    if drawn.replies:
        charted["Reply"] = drawn.replies
    st.bar_chart(
        charted,
        x="Turn",
        y="US dollars",
        color="Reply" if drawn.replies else "primary",
        x_label=drawn.title,
        y_label="US dollars",
        height=_CHART_PIXELS,
        alt=found.figures,
    )
    muted("cost-figures", found.figures)


def _show_table(found: Breakdown) -> None:
    column = st.column_config
    st.dataframe(
        _columns(found.rows),
        hide_index=True,
        key="cost-table",
        column_config={
            "Turn": column.NumberColumn(pinned=True),
            "Fresh": column.NumberColumn(format="localized", help="Tokens read fresh."),
            "To cache": column.NumberColumn(format="localized", help="Tokens written to it."),
            "From cache": column.NumberColumn(format="localized", help="Tokens read from it."),
            "Written": column.NumberColumn(format="localized", help="Tokens of the reply."),
            "Cached": column.NumberColumn(format="%d%%", help="Share of the prompt."),
            "Cost": column.NumberColumn(format="$%.4f"),
            "Total": column.NumberColumn(format="$%.4f", help="Of this and all before."),
        },
    )


def _columns(rows: tuple[TurnCost, ...]) -> dict[str, list[object]]:
    return {
        "Turn": [row.turn for row in rows],
        "Fresh": [row.fresh for row in rows],
        "To cache": [row.to_cache for row in rows],
        "From cache": [row.from_cache for row in rows],
        "Cached": [row.cached for row in rows],
        "Written": [row.written for row in rows],
        "Cost": [row.cost for row in rows],
        "Total": [row.total for row in rows],
        "Reply": [row.reply for row in rows],
    }

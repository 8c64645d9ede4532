"""The list of jobs as a table, to sort and to choose several jobs from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from codybatch.composition import Application, pull_requests
from codybatch.domain.errors import JobEnded
from codybatch.domain.identifiers import JobId
from codybatch.services.wording import counted, money
from codybatch.ui.acts import Question, confirm
from codybatch.ui.errands import Errand, Told, the_errands
from codybatch.ui.jobs.listing import JobList, JobRow
from codybatch.ui.live import forget
from codybatch.ui.navigation import JOB
from codybatch.ui.questions import open_question

TABLE = "jobs"
"""The table's name among a person's preferences."""
COLUMNS = (
    *("Repository", "State", "What", "Result", "Cost", "Time"),
    *("Prompt", "Model", "By", "When", "Job"),
)
SUBJECT = "jobs"
"""Of the errands that are about several jobs."""


def show_table(app: Application, found: JobList) -> None:
    """The rows as a table, and what can be done with those that are chosen."""
    ids = [row.id for row in found.rows]
    state: Any = st.dataframe(
        [_cells(row) for row in found.rows],
        key=f"jobs-table-{hashlib.sha256(' '.join(ids).encode()).hexdigest()[:12]}",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height="content",
        column_order=_columns(app),
        column_config={
            "Cost": st.column_config.NumberColumn(format="$%.2f"),
            "Repository": st.column_config.TextColumn(pinned=True),
        },
        alt="The jobs of this page, one a row",
    )
    # The key holds the ids in their order, so that a place always means the same job.
    show_choice(app, [found.rows[place] for place in state.selection.rows if place < len(ids)])


def _columns(app: Application) -> tuple[str, ...] | None:
    """Those that the person prefers; None for all."""
    return app.personal.preferences(app.person).value.table_columns.get(TABLE) or None


def show_choice(app: Application, chosen: Sequence[JobRow]) -> None:
    """What can be done with several jobs at once."""
    active = [row for row in chosen if not row.state.is_terminal]
    proposed = [row for row in chosen if row.has_pull_request]
    with st.container(horizontal=True, key="jobs-bulk", vertical_alignment="center"):
        st.text(f"{counted(len(chosen), 'job')} chosen", width="content")
        if len(chosen) == 1:
            st.page_link(
                JOB,
                label="Open",
                icon=":material/arrow_forward:",
                query_params={"id": chosen[0].id},
            )
        if active and st.button(
            f"Cancel {len(active)}", key="jobs-cancel", icon=":material/stop_circle:"
        ):
            open_question(partial(ask_cancel, app, active))
        if proposed and st.button(
            f"Refresh {counted(len(proposed), 'pull request')}",
            key="jobs-refresh",
            icon=":material/refresh:",
        ):
            begin_refresh(app, [row.id for row in proposed])


def ask_cancel(app: Application, rows: Sequence[JobRow]) -> None:
    """Before several jobs are cancelled."""
    jobs = counted(len(rows), "job")
    named = ", ".join(f"{row.owner}/{row.name}" for row in rows)
    spent = sum(row.cost_usd for row in rows)
    question = Question(
        title=f"Cancel {jobs}?",
        told=(
            f"Claude stops on {named}.",
            "What was changed so far is kept and shown; nothing of it is published.",
            f"Spent so far: {money(Decimal(str(round(spent, 6))))}.",
        ),
        act=f"Cancel {jobs}",
        keep="Keep them",
        done=f"{jobs.capitalize()} cancelled.",
    )
    confirm(app, question, lambda: cancel_each(app, [row.id for row in rows]))


def cancel_each(app: Application, jobs: Sequence[JobId]) -> None:
    """Cancel jobs; one that has ended meanwhile is no hindrance for the next."""
    for job in jobs:
        try:
            app.jobs.cancel(job, app.person)
        except JobEnded:
            continue


def begin_refresh(app: Application, jobs: Sequence[JobId]) -> Errand:
    """Look at the pull requests of jobs again."""

    def act(tell: Any) -> Told:
        tell(f"Asks the code host for {counted(len(jobs), 'pull request')}.")
        service = pull_requests(app)
        seen = service.refresh(service.of_jobs(jobs))
        changed = sum(one.changed for one in seen)
        return Told(f"{changed or 'None'} of {len(seen)} changed.")

    begun = the_errands(app).begin(SUBJECT, "Refresh", act)
    forget(app)
    return begun


def _cells(row: JobRow) -> dict[str, Any]:
    cells = (
        *(f"{row.owner}/{row.name}", row.badge.label, row.doing, row.outcome, row.cost_usd),
        *(row.worked, row.prompt, row.model, row.requester, row.when.exactly, row.id),
    )
    return dict(zip(COLUMNS, cells, strict=True))

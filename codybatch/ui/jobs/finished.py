"""The end of a judging queue: what is left, how far the raters agree, and what to do next."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from codybatch.analysis.agreement import Agreement, agreement, in_sentences
from codybatch.composition import Application
from codybatch.services.to_judge import JudgedJob, Scope, ToJudge
from codybatch.ui.components import badge, empty_state, muted
from codybatch.ui.jobs.queue import Queue
from codybatch.ui.jobs.verdict import DECISION_BADGES
from codybatch.ui.navigation import JOB, REQUEST
from codybatch.ui.plain_text import literal, shown_on_one_line
from codybatch.ui.words import counted

MOST_SHOWN = 50
"""Jobs on which the raters differ, of one page."""


def show_end(
    app: Application,
    of: Scope,
    queue: Queue,
    back: Callable[[], None],
    again: Callable[[], None],
) -> None:
    """What stands where no job is shown.

    Args:
        app: where everything comes from.
        of: whose jobs were judged.
        queue: the line that came to its end.
        back: shows the last job again.
        again: shows the first one that was skipped.
    """
    at_work = ToJudge(app.store.records).still_at_work(of)
    with empty_state("judge", _title(queue), _told(queue, of, at_work), ":material/task_alt:"):
        if queue.left:
            st.button("Go to the first of them", key="judge-skipped", on_click=again)
        if queue.ids:
            st.button("Back to the last one", key="judge-back", shortcut="k", on_click=back)
        if at_work:
            st.button("Look again", key="judge-again", icon=":material/refresh:")
        if of.request:
            st.page_link(REQUEST, label="Open the request", query_params={"id": of.request})
    if of.name and queue.ids:
        show_agreement(app, ToJudge(app.store.records).judged_jobs(of), queue)


def show_agreement(app: Application, jobs: tuple[JudgedJob, ...], queue: Queue) -> None:
    """How far the raters agree, and on which of the jobs that one judged oneself they do not."""
    found = agreement(jobs)
    st.subheader("Agreement between raters", anchor=False)
    if queue.left:
        muted("agreement-later", "Shown once you have judged all of them.")
        return
    for sentence in in_sentences(found):
        st.text(sentence)
    _show_differences(app, found)


def _show_differences(app: Application, found: Agreement) -> None:
    if not found.differ:
        return
    st.subheader(f"Where they differ ({len(found.differ)})", anchor=False)
    with st.container(border=True, key="list-differ", gap=None):
        for number, one in enumerate(found.differ[:MOST_SHOWN]):
            _show_difference(app, number, one)
    rest = len(found.differ) - MOST_SHOWN
    if rest > 0:
        muted(
            "differ-more", f"{counted(rest, 'more job')}: `codybatch verdicts agreement` lists all."
        )


def _show_difference(app: Application, number: int, one: JudgedJob) -> None:
    with st.container(horizontal=True, key=f"jobs-differ-{number}", vertical_alignment="center"):
        st.page_link(
            JOB,
            label=literal(one.job.repository.full_name),
            query_params={"id": one.job.id},
        )
        for place, verdict in enumerate(one.verdicts):
            with st.container(
                horizontal=True, width="content", key=f"jobs-differ-{number}-{place}"
            ):
                badge(DECISION_BADGES[verdict.decision])
                rating = f" · {verdict.rating} of 5" if verdict.rating else ""
                st.text(shown_on_one_line(f"{verdict.rater}{rating}", app.net.clean))


def _title(queue: Queue) -> str:
    if not queue.ids:
        return "Nothing to judge."
    if queue.left:
        return f"{counted(queue.left, 'job was', 'jobs were')} skipped."
    return "You have judged all of them."


def _told(queue: Queue, of: Scope, at_work: int) -> str:
    if at_work:
        what = ("cell is", "cells are") if of.experiment else ("job is", "jobs are")
        return f"{counted(at_work, *what)} still at work."
    if not queue.ids:
        return "Every result was judged, or there is none."
    if queue.left or not of.name:
        return "Nothing more is at work."
    if queue.others:
        return f"{counted(queue.others, 'other person has', 'other people have')} judged them, too."
    return "Ask another person to judge them, too: then it shows how far you agree."

"""The end of a judging queue: what is left, how far the raters agree, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from codybatch.analysis.agreement import Agreement, agreement, in_sentences
from codybatch.composition import Application
from codybatch.services.to_judge import JudgedJob, Scope, ToJudge
from codybatch.services.wording import counted
from codybatch.ui.components import badge, empty_state, muted
from codybatch.ui.jobs.queue import Queue
from codybatch.ui.jobs.verdict import DECISION_BADGES
from codybatch.ui.navigation import EXPERIMENT, JOB, REQUEST
from codybatch.ui.plain_text import literal, shown_on_one_line

MOST_SHOWN = 50
"""Jobs on which the raters differ, of one page."""


Move = Callable[[Callable[[Queue], Queue]], None]
"""Shows another job of the queue."""


def show_end(app: Application, of: Scope, queue: Queue, move: Move, *, blind: bool) -> None:
    """What stands where no job is shown.

    Args:
        app: where everything comes from.
        of: whose jobs were judged.
        queue: the line that came to its end.
        move: shows another of its jobs.
        blind: whether what made a job is hidden: then nothing here leads to its page.
    """
    move_to_first, move_back = partial(move, Queue.begun), partial(move, Queue.previous)
    at_work = ToJudge(app.store.records).still_at_work(of)
    with empty_state("judge", _title(queue), _told(queue, of, at_work), ":material/task_alt:"):
        if queue.left:
            st.button("Go to the first of them", key="judge-skipped", on_click=move_to_first)
        if queue.ids:
            st.button("Back to the last one", key="judge-back", shortcut="k", on_click=move_back)
        if at_work:
            st.button("Look again", key="judge-again", icon=":material/refresh:")
        if not (blind and queue.left):
            _show_way_up(of)
    if of.name and queue.ids:
        st.subheader("Agreement between raters", anchor=False)
        if queue.left:
            muted("agreement-later", "Shown once you have judged all of them.")
        else:
            found = agreement(ToJudge(app.store.records).judged_jobs(of))
            for sentence in in_sentences(found):
                st.text(sentence)
            _show_differences(app, found, move if blind else None)


def _show_way_up(of: Scope) -> None:
    """To what was judged."""
    if of.request:
        st.page_link(REQUEST, label="Open the request", query_params={"id": of.request})
    elif of.experiment:
        label = "Open the experiment"
        st.page_link(EXPERIMENT, label=label, query_params={"id": of.experiment})


def _show_differences(app: Application, found: Agreement, move: Move | None) -> None:
    if not found.differ:
        return
    st.subheader(f"Where they differ ({len(found.differ)})", anchor=False)
    with st.container(border=True, key="jobs-differences", gap=None):
        for number, one in enumerate(found.differ[:MOST_SHOWN]):
            with st.container(
                horizontal=True, key=f"jobs-differ-{number}", vertical_alignment="center"
            ):
                _show_way(one, number, move)
                _show_verdicts(app, one)
    rest = len(found.differ) - MOST_SHOWN
    if rest > 0:
        told = f"{counted(rest, 'more job')}: `codybatch verdicts agreement` lists all."
        muted("differ-more", told)


def _show_way(one: JudgedJob, number: int, move: Move | None) -> None:
    """The way to a job: blind, to its place in the queue."""
    job = one.job
    name = f":gray[{literal(job.repository.owner)}/]**{literal(job.repository.name)}**"
    if move is None:
        st.page_link(JOB, label=name, query_params={"id": job.id})
        muted(f"differ-by-{number}", f"{job.prompt.name} v{job.prompt.version}")
    else:
        st.button(
            name,
            key=f"judge-differ-{number}",
            type="tertiary",
            on_click=move,
            args=(lambda queue: queue.at(job.id),),
        )


def _show_verdicts(app: Application, one: JudgedJob) -> None:
    for verdict in one.verdicts:
        badge(DECISION_BADGES[verdict.decision])
        rating = f" · {verdict.rating} of 5" if verdict.rating else ""
        said = shown_on_one_line(f"{verdict.rater}{rating}", app.net.clean)
        st.text(said, width="content")


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

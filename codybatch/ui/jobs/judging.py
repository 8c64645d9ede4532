"""The judging queue's page, from its view models to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.identifiers import JobId, request_id
from codybatch.services.to_judge import ToJudge
from codybatch.ui.components import Crumb, badge, empty_state, facts, muted, page_header
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs.queue import Queue
from codybatch.ui.jobs.result import job_result, shown_patch
from codybatch.ui.jobs.sections import (
    show_answer,
    show_files,
    show_findings,
    show_outlook,
    show_patch,
    show_summary,
)
from codybatch.ui.jobs.verdict_form import VerdictForm
from codybatch.ui.jobs.view import JobView, job_view
from codybatch.ui.navigation import JOB, JOBS, seen
from codybatch.ui.plain_text import literal
from codybatch.ui.words import counted
from codybatch.ui.workbench import time_zone

SMALL_PATCH_BYTES = 8_000
"""What of a patch is shown in the queue; the job's own page shows all."""


class Judging:
    """One session's way through a queue."""

    def __init__(self, app: Application, request: str, job: str) -> None:
        """Go on where the session is, or begin.

        Args:
            app: where jobs come from.
            request: whose jobs, as the address has it; where it is empty, all that nobody judged.
            job: the one that the address names.

        Raises:
            UnknownIdentifier: ``request`` is no request's id.
            NotFound: there is no such request.
        """
        self._app = app
        self._request = request_id(request) if request else None
        self._to_judge = ToJudge(app.store.records)
        if self._key not in st.session_state:
            self._queue = Queue(self._waiting()).at(job)
        if self._queue.current is None:
            self._queue = self._queue.with_more(self._waiting())

    def show(self) -> None:
        """The job whose turn it is."""
        way = Crumb("Jobs", JOBS, seen(JOBS))
        with page_header("Judge", way):
            if self._queue.current:
                self._show_steps()
        if self._queue.current is None:
            st.query_params.pop("job", None)
            self._show_end()
            return
        st.query_params["job"] = self._queue.current
        st.progress(self._queue.share, text=self._queue.progress)
        self._show_job(self._queue.current)

    @property
    def _key(self) -> str:
        return f"jobs-queue-{self._request or 'all'}"

    @property
    def _queue(self) -> Queue:
        queue: Queue = st.session_state[self._key]
        return queue

    @_queue.setter
    def _queue(self, queue: Queue) -> None:
        st.session_state[self._key] = queue

    def _waiting(self) -> tuple[JobId, ...]:
        if self._request is None:
            waiting = self._to_judge.of_all()
        else:
            waiting = self._to_judge.of_request(self._request, self._app.person)
        return tuple(job.id for job in waiting)

    def _next(self) -> None:
        self._queue = self._queue.next()

    def _previous(self) -> None:
        self._queue = self._queue.previous()

    def _show_steps(self) -> None:
        st.button(
            "Previous",
            key="judge-previous",
            icon=":material/chevron_left:",
            shortcut="k",
            disabled=self._queue.place == 0,
            on_click=self._previous,
        )
        st.button(
            "Skip",
            key="judge-next",
            icon=":material/chevron_right:",
            shortcut="j",
            on_click=self._next,
        )

    def _show_end(self) -> None:
        at_work = self._to_judge.still_at_work(self._request)
        jobs = counted(at_work, "job is", "jobs are")
        later = f"{jobs} still at work." if at_work else "Every result was shown or judged."
        with empty_state("judge", "Nothing to judge.", later, ":material/task_alt:"):
            if self._queue.ids:
                st.button("Back to the last one", key="judge-back", on_click=self._previous)
            if at_work:
                st.button("Look again", key="judge-again", icon=":material/refresh:")

    def _show_job(self, job: JobId) -> None:
        view = job_view(self._app, the_errands(self._app), job, time_zone())
        with st.container(
            horizontal=True, key="jobs-judged", vertical_alignment="center", gap="small"
        ):
            name = f":gray[{literal(view.heading.owner)}/]**{literal(view.heading.name)}**"
            st.page_link(JOB, label=name, query_params={"id": job})
            badge(view.heading.badge)
            muted("judged-about", view.heading.request)
        wide, narrow = st.columns([5, 2], gap="medium")
        with wide:
            self._show_result(view)
        with narrow:
            VerdictForm(self._app, job, view.judged, then=self._next).show()
            facts("judged", view.heading.facts)

    def _show_result(self, view: JobView) -> None:
        app, job = self._app, view.job
        result = job_result(app.jobs, app.net.clean, job)
        if view.heading.badge.color != "green":
            muted("judged-state", view.heading.doing)
        show_summary(result)
        show_answer(result)
        show_findings(app, job, result)
        show_files(result)
        if job.patch is not None:
            patch = shown_patch(app.jobs, job, app.net.clean, SMALL_PATCH_BYTES)
            show_patch(patch)
            st.page_link(
                JOB,
                label="The whole diff",
                icon=":material/difference:",
                query_params={"id": job.id, "tab": "Diff"},
            )
        show_outlook(result)

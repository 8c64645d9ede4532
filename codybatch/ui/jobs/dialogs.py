"""The questions before an act on a job: what it does, what it costs, and what it is to do."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.publication import PublishMode
from codybatch.domain.states import WaitingReason
from codybatch.services.continuations import MAX_INSTRUCTIONS
from codybatch.services.wishes import written_wishes
from codybatch.ui.acts import Question, answered, confirm, refused, tell
from codybatch.ui.budget_dialog import ask_raise
from codybatch.ui.components import notice
from codybatch.ui.errands import Act as Errand
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs import deeds
from codybatch.ui.jobs.acts import (
    MODES,
    Act,
    before_cancel,
    before_follow_up,
    before_publishing,
    before_release,
    before_retry,
)
from codybatch.ui.jobs.result import gate_lines
from codybatch.ui.jobs.view import JobView
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.questions import close_question


def ask(app: Application, view: JobView, act: Act) -> None:
    """Open the dialog of an act."""
    {
        Act.CANCEL: ask_cancel,
        Act.RELEASE: ask_release,
        Act.RETRY: ask_retry,
        Act.FOLLOW_UP: ask_follow_up,
        Act.PUBLISH: ask_publish,
        Act.RAISE_BUDGET: _ask_raise,
    }[act](app, view)


def ask_cancel(app: Application, view: JobView) -> None:
    """Before a job is cancelled."""
    job, warned = view.job, before_cancel(view.job)
    question = Question(
        title=warned.question,
        told=warned.lines,
        act="Cancel the job",
        keep="Keep it",
        done="The job is being cancelled.",
    )
    confirm(app, question, lambda: app.jobs.cancel(job.id, app.person))


def ask_release(app: Application, view: JobView) -> None:
    """Before the held jobs of a rehearsal run."""
    reasons = [one.waiting.reason for one in view.siblings if one.waiting]
    held = reasons.count(WaitingReason.HELD)
    warned = before_release(view.job, held)
    question = Question(
        title=warned.question,
        told=warned.lines,
        act="Release",
        keep="Keep held",
        done="Released.",
        is_loss=False,
    )
    confirm(app, question, lambda: app.requests.release(view.job.request, app.person))


def ask_retry(app: Application, view: JobView) -> None:
    """Before a job is run again."""
    job, warned = view.job, before_retry(view.job)

    @st.dialog(literal(warned.question), on_dismiss=close_question)
    def dialog() -> None:
        tell(warned.lines)
        same = st.checkbox(
            f"On the same commit ({job.commit[:10]})",
            key="job-retry-same",
            help=f"Else it works on the head of {job.base_branch} as it is now.",
        )
        if answered("Retry", "job-retry"):
            _begin(app, view, "Retry", deeds.retry(app, job.id, same_commit=same))

    dialog()


def ask_follow_up(app: Application, view: JobView) -> None:
    """What a follow-up is to do."""
    job, warned = view.job, before_follow_up(view.job)

    @st.dialog(literal(warned.question), width="medium", on_dismiss=close_question)
    def dialog() -> None:
        tell(warned.lines)
        text = st.text_area(
            "What to do now",
            key=f"job-follow-{job.id}",
            height=160,
            max_chars=MAX_INSTRUCTIONS,
            placeholder="Also update the tests.",
        )
        for number, suggestion in enumerate(job.follow_ups):
            with st.container(horizontal=True, key=f"jobs-suggestion-{number}"):
                st.text(shown(suggestion, app.net.clean))
                st.button(
                    "Use",
                    key=f"job-suggest-{number}",
                    help="Put this suggestion of Claude's into the text",
                    on_click=_use,
                    args=(f"job-follow-{job.id}", suggestion),
                )
        if answered("Follow up", "job-follow"):
            if text.strip():
                _begin(app, view, "Follow-up", deeds.follow_up(app, job.id, text))
            st.error("Say what to do.", icon=":material/edit_note:")

    dialog()


def _ask_raise(app: Application, view: JobView) -> None:
    ask_raise(app, view.request)


def ask_publish(app: Application, view: JobView) -> None:
    """Before a patch goes out: what was found, what that means, and how far it goes."""
    job, options = view.job, view.request.options
    before = before_publishing(job, gate_lines(job.gate, app.net.clean))
    asked = PublishMode.DRAFT if options.publish is PublishMode.NONE else options.publish

    @st.dialog(literal(before.question), width="medium", on_dismiss=close_question)
    def dialog() -> None:
        if before.needs_override:
            title = "The gate found this" if before.found else "Look at this first"
            notice("job-publish-gate", "orange", title, *before.found)
            notice("job-publish-means", "red", "What publishing it means", *before.consequences)
        mode = st.segmented_control(
            "As",
            list(MODES),
            default=asked,
            required=True,
            key="job-publish-mode",
            format_func=lambda one: MODES[one],
        )
        labels = reviewers = assignees = ""
        if mode is not PublishMode.BRANCH:
            labels = st.text_input("Labels", ", ".join(options.labels), key="job-publish-labels")
            reviewers = st.text_input(
                "Reviewers", ", ".join(options.reviewers), key="job-publish-reviewers"
            )
            assignees = st.text_input(
                "Assignees", ", ".join(options.assignees), key="job-publish-assignees"
            )
        override = before.needs_override and st.checkbox(
            f"I have looked at it; publish it to {literal(job.repository.full_name)} all the same. "
            "My name is recorded.",
            key=f"job-publish-override-{job.id}",
        )
        enabled = override or not before.needs_override
        if answered("Publish", "job-publish", enabled=enabled, is_loss=before.needs_override):
            _publish(app, view, mode or asked, (labels, reviewers, assignees), override=override)

    dialog()


def _publish(
    app: Application,
    view: JobView,
    mode: PublishMode,
    written: tuple[str, str, str],
    *,
    override: bool,
) -> None:
    try:
        wishes = written_wishes(*written)
    except CodyBatchError as error:
        refused(app, error)
        return
    act = deeds.publish(app, view.job.id, mode, wishes, override=override)
    _begin(app, view, "Publishing", act)


def _begin(app: Application, view: JobView, title: str, act: Errand) -> None:
    """Begin an errand, and show the page with it."""
    the_errands(app).begin(view.job.id, title, act)
    forget(app)
    close_question()
    st.rerun()


def _use(key: str, suggestion: str) -> None:
    st.session_state[key] = suggestion

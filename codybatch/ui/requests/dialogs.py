"""The questions before an act on a request: what it does, what it costs, and what it is to do."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.services.continuations import MAX_INSTRUCTIONS
from codybatch.ui.acts import Question, answered, confirm, tell
from codybatch.ui.budget_dialog import ask_raise
from codybatch.ui.errands import Act as Errand
from codybatch.ui.errands import the_errands
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal
from codybatch.ui.questions import close_question
from codybatch.ui.requests import deeds
from codybatch.ui.requests.acts import (
    RequestAct,
    before_cancel,
    before_follow_up,
    before_release,
    before_retry,
)
from codybatch.ui.requests.view import RequestView


def ask(app: Application, view: RequestView, act: RequestAct) -> None:
    """Open the dialog of an act."""
    {
        RequestAct.CANCEL: ask_cancel,
        RequestAct.RELEASE: ask_release,
        RequestAct.RAISE_BUDGET: _ask_raise,
        RequestAct.RETRY: ask_retry,
        RequestAct.FOLLOW_UP: ask_follow_up,
    }[act](app, view)


def ask_cancel(app: Application, view: RequestView) -> None:
    """Before all jobs that have not ended are cancelled."""
    warned = before_cancel(view.jobs)
    question = Question(
        title=warned.question,
        told=warned.lines,
        act=warned.act,
        keep="Keep running",
        done="The jobs are being cancelled.",
    )
    confirm(app, question, lambda: app.requests.cancel(view.request.id, app.person))


def ask_release(app: Application, view: RequestView) -> None:
    """Before the held jobs of a rehearsal run."""
    warned = before_release(view.request, view.jobs)
    question = Question(
        title=warned.question,
        told=warned.lines,
        act=warned.act,
        keep="Keep held",
        done="The held jobs run now.",
        is_loss=False,
    )
    confirm(app, question, lambda: app.requests.release(view.request.id, app.person))


def ask_retry(app: Application, view: RequestView) -> None:
    """Before all that did not succeed is run again."""
    warned = before_retry(view.request, view.jobs)

    @st.dialog(literal(warned.question), on_dismiss=close_question)
    def dialog() -> None:
        tell(warned.lines)
        if answered(warned.act, "request-retry"):
            _begin(app, view, "Retry", deeds.retry(app, view.request.id))

    dialog()


def ask_follow_up(app: Application, view: RequestView) -> None:
    """What a follow-up in every repository is to do."""
    warned = before_follow_up(view.jobs)

    @st.dialog(literal(warned.question), width="medium", on_dismiss=close_question)
    def dialog() -> None:
        tell(warned.lines)
        text = st.text_area(
            "What to do now",
            key=f"request-follow-{view.request.id}",
            height=160,
            max_chars=MAX_INSTRUCTIONS,
            placeholder="Also update the tests.",
        )
        if answered(warned.act, "request-follow"):
            if text.strip():
                _begin(app, view, "Follow-up", deeds.follow_up(app, view.request.id, text))
            st.error("Say what to do.", icon=":material/edit_note:")

    dialog()


def _ask_raise(app: Application, view: RequestView) -> None:
    ask_raise(app, view.request)


def _begin(app: Application, view: RequestView, title: str, act: Errand) -> None:
    """Begin an errand, and show the page with it."""
    the_errands(app).begin(view.request.id, title, act)
    forget(app)
    close_question()
    st.rerun()

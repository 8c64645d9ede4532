"""One schedule, from its view model to widgets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import Overlap
from codybatch.services.wording import money
from codybatch.ui.acts import Question, confirm
from codybatch.ui.components import Crumb, badge, facts, muted, notice, page_header
from codybatch.ui.done import say_done
from codybatch.ui.errand_card import show_errand
from codybatch.ui.errands import Errand, Told, the_errands
from codybatch.ui.live import forget
from codybatch.ui.navigation import REQUEST, SCHEDULES
from codybatch.ui.questions import open_question
from codybatch.ui.schedules.rows import show_trouble, turn
from codybatch.ui.schedules.view import PastRun, ScheduleView
from codybatch.ui.schedules.wishes import wish, wished_for


def show_schedule(app: Application, view: ScheduleView) -> None:
    """The whole schedule."""
    actions = page_header(
        view.name, Crumb("Schedules", SCHEDULES), badges=view.badges, meta=view.meta
    )
    with actions:
        _show_actions(app, view)
    show_trouble()
    if view.errand:
        show_errand(app, view.schedule.id, view.errand)
    if view.trouble:
        again = "It is tried again by itself."
        notice(
            "schedules-again",
            "yellow",
            "The run that is due could not begin yet",
            view.trouble,
            again,
        )
    facts("schedules", view.facts)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _show_past(view)
    with right:
        _show_next(view)
        _show_template(view)


def _show_actions(app: Application, view: ScheduleView) -> None:
    one = view.schedule
    st.button(
        "Resume" if one.paused else "Pause",
        key="schedules-turn",
        icon=":material/play_arrow:" if one.paused else ":material/pause:",
        on_click=turn,
        args=(app, one.id, one.paused),
    )
    wish("Remove", "remove", ":material/delete:")
    wish("Run now", "run", ":material/bolt:", is_primary=True)
    wished = wished_for()
    if wished == "remove":
        open_question(partial(_ask_remove, app, view))
    elif wished == "run":
        open_question(partial(_ask_run, app, view))


def _ask_remove(app: Application, view: ScheduleView) -> None:
    def remove() -> None:
        app.schedules.remove(view.schedule.id)
        forget(app)
        say_done("Schedule removed")
        st.switch_page(SCHEDULES)  # there is nothing left to show here

    question = Question(
        title=f"Remove the schedule {view.name}?",
        told=(
            "It starts nothing any more, and its rule and its template are gone.",
            "The requests that it submitted stay, and what runs goes on.",
        ),
        act="Remove the schedule",
        keep="Keep it",
        done="Schedule removed",
    )
    confirm(app, question, remove)


def _ask_run(app: Application, view: ScheduleView) -> None:
    one, template = view.schedule, view.schedule.template
    cap = template.request_cost_cap_usd
    replaces = one.overlap is Overlap.REPLACE and one.last_started is not None
    question = Question(
        title=f"Run {view.name} now?",
        told=(
            f"A request over {', '.join(template.repositories)} is submitted at once.",
            f"It may cost {money(cap)} at most." if cap else "It has no cost cap of its own.",
            "Where the request before has not ended, it is cancelled." if replaces else "",
            "The calendar goes on as before.",
        ),
        act="Run now",
        keep="Not now",
        done="The run is on its way",
        is_loss=replaces,
    )
    confirm(app, question, lambda: begin_run(app, one.id))


def begin_run(app: Application, schedule: ScheduleId) -> Errand:
    """Submit a schedule's request now, which asks the code host."""

    def act(tell: Callable[[str], None]) -> Told:
        tell("Looks at the repositories.")
        made = app.schedules.run_now(schedule, app.person)
        return Told("The request is submitted.", request=made.id)

    return the_errands(app).begin(schedule, "Run", act)


def _show_past(view: ScheduleView) -> None:
    st.subheader("Last runs", anchor=False)
    if not view.past:
        muted("schedules-none", "It has not run yet.")
        return
    with st.container(border=True, key="schedules-past", gap=None):
        for number, run in enumerate(view.past):
            _show_run(number, run)


def _show_run(number: int, run: PastRun) -> None:
    with st.container(key=f"schedules-run-{number}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(run.badge)
            st.text(run.due, width="content")
            st.space("stretch")
            if run.request:
                st.page_link(
                    REQUEST,
                    label="Look at it",
                    icon=":material/arrow_forward:",
                    query_params={"id": run.request},
                )
        if run.reason:
            muted(f"schedules-reason-{number}", run.reason)


def _show_next(view: ScheduleView) -> None:
    if view.next_runs:
        st.subheader("Next runs", anchor=False)
        with st.container(border=True, key="schedules-next", gap="xsmall"):
            for due in view.next_runs:
                st.text(due)


def _show_template(view: ScheduleView) -> None:
    st.subheader("What it submits", anchor=False)
    with st.container(border=True, key="schedules-template", gap="xsmall"):
        for name, value in view.submits:
            with st.container(key=f"schedules-fact-{name}", gap=None):
                st.text(name)
                st.text(value)

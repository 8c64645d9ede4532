"""The list of schedules, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.identifiers import ScheduleId
from codybatch.ui.components import empty_state, notice
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.navigation import NEW_SCHEDULE, SCHEDULE
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.rows import Row, row_list
from codybatch.ui.schedules.listing import ScheduleList, ScheduleRow

_TROUBLE = "schedules-trouble"


def show_list(app: Application, found: ScheduleList) -> None:
    """The rows, or how to make the first."""
    show_trouble()
    if not found.rows:
        with empty_state(
            "schedules",
            "No schedules yet",
            "Run a request every night, every Monday, or every few hours.",
            ":material/event_repeat:",
        ):
            st.page_link(NEW_SCHEDULE, label="Add the first one", icon=":material/add:")
        return
    by_id = {row.id: row for row in found.rows}
    row_list(
        "schedules",
        [_row(row) for row in found.rows],
        lambda row: show_switch(app, by_id[ScheduleId(row.id)]),
    )


def _row(row: ScheduleRow) -> Row:
    return Row(
        id=row.id,
        page=SCHEDULE,
        label=f"**{literal(row.name)}**",
        note=row.rule,
        badge=row.last,
        cells=(row.next_run,),
        parameters={"id": row.id},
    )


def show_switch(app: Application, row: ScheduleRow) -> None:
    """Pauses a schedule, and resumes it.

    The key holds what is stored, so that a change from elsewhere moves the switch, too.
    """
    st.toggle(
        f"{literal(row.name)} is on",
        value=not row.paused,
        key=f"schedules-switch-{row.id}-{'off' if row.paused else 'on'}",
        label_visibility="collapsed",
        help="Paused: resume it" if row.paused else "On: pause it",
        on_change=turn,
        args=(app, row.id, row.paused),
    )


def turn(app: Application, schedule: ScheduleId, paused: bool) -> None:
    """Resume a paused schedule, or pause one that is on."""
    try:
        if paused:
            app.schedules.resume(schedule)
            say_done("Schedule resumed")
        else:
            app.schedules.pause(schedule)
            say_done("Schedule paused")
    except CodyBatchError as error:
        st.session_state[_TROUBLE] = shown(error.message, app.net.clean)
    finally:
        forget(app)


def show_trouble() -> None:
    """What was wrong with the last turn of a switch."""
    if trouble := st.session_state.pop(_TROUBLE, ""):
        notice("schedules-switch", "red", "That did not work", trouble)

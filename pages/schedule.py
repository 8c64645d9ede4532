"""One schedule: when it runs, what it submits, and what became of its runs."""

import streamlit as st

from codybatch.ui.components import empty_state
from codybatch.ui.errands import the_errands
from codybatch.ui.live import live
from codybatch.ui.navigation import SCHEDULES
from codybatch.ui.schedules.sections import show_schedule
from codybatch.ui.schedules.view import ScheduleView, schedule_view
from codybatch.ui.workbench import page, time_zone

TITLE = "This schedule"

with page(TITLE, area="schedules") as app:
    written_id = st.query_params.get("id", "")
    zone = time_zone()

    def read() -> ScheduleView:
        """The schedule as it stands at this moment."""
        view = schedule_view(app.schedules, app.net.clean, written_id, app.clock.now(), zone)
        return view.with_errand(the_errands(app).of(view.schedule.id))

    if written_id:
        live(
            app, TITLE, ("schedule", written_id, zone), read, lambda view: show_schedule(app, view)
        )
    else:
        with empty_state("no-schedule", "No schedule was named", "Choose one from the list."):
            st.page_link(SCHEDULES, label="Schedules", icon=":material/event_repeat:")

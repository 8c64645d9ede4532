"""The list of schedules: what is submitted again by the calendar, and when next."""

import streamlit as st

from codybatch.ui.components import page_header
from codybatch.ui.live import live
from codybatch.ui.navigation import NEW_SCHEDULE, SCHEDULES, restore
from codybatch.ui.schedules.listing import ScheduleList, schedule_list
from codybatch.ui.schedules.rows import show_list
from codybatch.ui.workbench import page, time_zone

TITLE = "The list of schedules"

with page(TITLE, area="schedules") as app:
    restore(SCHEDULES)
    with page_header(
        "Schedules",
        meta="They run while codybatch up does, or codybatch schedules tick --watch.",
    ):
        if st.button("New schedule", icon=":material/add:", type="primary", key="schedules-new"):
            st.switch_page(NEW_SCHEDULE)
    zone = time_zone()

    def read() -> ScheduleList:
        """What the list holds at this moment."""
        return schedule_list(app.schedules, app.net.clean, app.clock.now(), zone)

    live(app, TITLE, ("schedules", zone), read, lambda found: show_list(app, found))

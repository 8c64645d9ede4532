"""The first page: what runs now, what waits for me, what it costs, and how one begins."""

import streamlit as st

from codybatch.services.overview import overview
from codybatch.ui.components import page_header
from codybatch.ui.live import live
from codybatch.ui.navigation import COMPOSE
from codybatch.ui.overview.sections import show_front
from codybatch.ui.overview.view import Front, front
from codybatch.ui.workbench import page, time_zone

TITLE = "The overview"

with page(TITLE, area="overview") as app:
    with page_header("Overview"):
        if st.button("New request", key="new", type="primary", icon=":material/add:", shortcut="n"):
            st.switch_page(COMPOSE)
    zone = time_zone()

    def read() -> Front:
        """How things stand at this moment."""
        found = overview(app.store.records, app.clock, app.settings.daily_cost_cap_usd)
        return front(found, app.net.clean, app.clock.now(), zone)

    def show(found: Front) -> None:
        """All below the head."""
        show_front(app.settings, found)

    live(app, TITLE, ("overview", zone), read, show)

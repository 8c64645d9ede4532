"""The list of experiments: what was asked, how far it came, what it cost, and who won."""

import streamlit as st

from codybatch.ui.components import page_header
from codybatch.ui.experiments.listing import (
    ROWS,
    ExperimentList,
    ExperimentQuery,
    experiment_list,
)
from codybatch.ui.experiments.reports import the_reports
from codybatch.ui.experiments.rows import PAGE, ask, show_list
from codybatch.ui.live import current, live
from codybatch.ui.navigation import EXPERIMENTS, NEW_EXPERIMENT, remember, restore
from codybatch.ui.workbench import page, time_zone

TITLE = "The list of experiments"

with page(TITLE, area="experiments") as app:
    restore(EXPERIMENTS)
    with page_header("Experiments", meta="Prompts and models compared on your repositories."):
        new = st.button(
            "New experiment", icon=":material/add:", type="primary", key="experiments-new"
        )
    if new:
        st.switch_page(NEW_EXPERIMENT)
    words, zone = ask(), time_zone()

    def read(number: int = 1) -> ExperimentList:
        """What the list holds at this moment."""
        asked, brief = ExperimentQuery(words, number), the_reports(app).brief
        now = app.clock.now()
        return experiment_list(app.experiments, app.net.clean, now, asked, zone, brief)

    found = current(app, ("experiments", words, 1, zone), read)
    pages = -(-found.found // ROWS)
    number = st.pagination(pages, key=PAGE, bind="query-params") if pages > 1 else 1
    remember(EXPERIMENTS, {"q": words} if words else {})
    key = ("experiments", words, number, zone)
    live(app, TITLE, key, lambda: read(number), show_list)

"""One experiment: how far it is, what came of it, and what a person can do with it."""

import streamlit as st

from codybatch.ui.components import empty_state
from codybatch.ui.experiments.sections import show_head, show_known
from codybatch.ui.experiments.tabs import show_tabs
from codybatch.ui.experiments.view import ExperimentView, experiment_view
from codybatch.ui.live import current, live
from codybatch.ui.navigation import EXPERIMENTS, seen
from codybatch.ui.workbench import page, time_zone

TITLE = "This experiment"

with page(TITLE, area="experiments") as app:
    written = st.query_params.get("id", "")
    zone = time_zone()

    def read() -> ExperimentView:
        """The experiment as it stands at this moment."""
        return experiment_view(app, written, zone)

    def show(view: ExperimentView) -> None:
        """The head; what stands below it is drawn anew once another report is there."""
        show_head(app, view)
        show_known(view)
        if view.number != drawn.number:
            st.rerun()

    if written:
        key = ("experiment", written, zone)
        drawn = current(app, key, read)
        live(app, TITLE, key, read, show)
        show_tabs(app, drawn.known)
    else:
        with empty_state("no-experiment", "No experiment was named", "Choose one from the list."):
            st.page_link(
                EXPERIMENTS,
                label="Experiments",
                icon=":material/science:",
                query_params=seen(EXPERIMENTS),
            )

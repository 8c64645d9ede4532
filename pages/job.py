"""One job: how it stands, what came of it, and what a person can do with it."""

import streamlit as st

from codybatch.ui.components import empty_state
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs.head import show_head
from codybatch.ui.jobs.steps import show_steps
from codybatch.ui.jobs.tabs import show_tabs
from codybatch.ui.jobs.view import JobView, job_view
from codybatch.ui.live import live
from codybatch.ui.navigation import JOBS, seen
from codybatch.ui.workbench import page, time_zone

TITLE = "This job"

with page(TITLE, area="jobs") as app:
    written_id = st.query_params.get("id", "")
    zone = time_zone()

    def read() -> JobView:
        """The job as it stands at this moment."""
        return job_view(app, the_errands(app), written_id, zone)

    def show(view: JobView) -> None:
        """The whole job."""
        show_head(app, view)
        show_steps(view)
        show_tabs(app, view)

    if written_id:
        live(app, TITLE, ("job", written_id, zone), read, show)
    else:
        with empty_state("no-job", "No job was named", "Choose one from the list of jobs."):
            st.page_link(JOBS, label="Jobs", icon=":material/list_alt:", query_params=seen(JOBS))

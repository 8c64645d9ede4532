"""One job's result: what was found, what changed, what it cost, and what to do next."""

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.components import facts
from codybatch.ui.job_result import JobResult, job_result
from codybatch.ui.job_sections import (
    show_findings,
    show_header,
    show_patch,
    show_publication,
    show_summary,
)
from codybatch.ui.navigation import link_to_list
from codybatch.ui.workbench import errors_told, page


def result_now(app: Application, written_id: str) -> JobResult:
    """The job as it stands at this moment."""
    return job_result(app.jobs, app.net.clean, written_id, app.settings.is_demonstration)


def show_job(app: Application, written_id: str, every_seconds: float | None) -> None:
    """The whole job; run again every so many seconds while it is active."""
    with errors_told("This job"):
        result = result_now(app, written_id)
        if result.refresh_seconds != every_seconds:
            st.rerun()
        show_header(result)
        facts("job", result.facts)
        show_summary(result)
        show_findings(result)
        show_publication(result)
        if result.patch:
            show_patch(app.jobs, result, result.patch)
        elif result.lacks_patch:
            st.info("No change was needed, so there is no patch.", icon=":material/task_alt:")


with page("This job") as app:
    with st.container(key="back"):
        link_to_list()
    written_id = st.query_params.get("id", "")
    if written_id:
        every_seconds = result_now(app, written_id).refresh_seconds
        st.fragment(show_job, run_every=every_seconds)(app, written_id, every_seconds)
    else:
        st.info("Choose a job from the list.", icon=":material/list_alt:")

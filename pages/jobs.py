"""The list of jobs: what runs, what ended, and how."""

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.job_list import JobList, JobQuery, job_list
from codybatch.ui.job_rows import ask, show_empty, show_paging, show_rows
from codybatch.ui.navigation import remember_list, restore_list
from codybatch.ui.workbench import errors_told, page


def found_now(app: Application, asked: JobQuery) -> JobList:
    """What the list holds at this moment."""
    return job_list(app.jobs, app.net.clean, app.clock.now(), asked)


def show_list(app: Application, asked: JobQuery, every_seconds: float | None) -> None:
    """The rows; run again every so many seconds while something is active."""
    with errors_told("The list of jobs"):
        found = found_now(app, asked)
        if found.refresh_seconds != every_seconds:
            st.rerun()
        if found.rows:
            show_rows(found)
        else:
            show_empty(asked)
        show_paging(asked, found)


with page("The list of jobs") as app:
    st.title("Jobs", anchor=False)
    if app.settings.is_demonstration:
        st.caption(
            "Demonstration: a stand-in model worked on sample repositories. "
            "No key was used, nothing was spent."
        )
    restore_list()
    asked = ask()
    remember_list(asked.address(asked.cursor))
    every_seconds = found_now(app, asked).refresh_seconds
    st.fragment(show_list, run_every=every_seconds)(app, asked, every_seconds)

"""The queue in which a person judges job after job, with the keyboard alone."""

import streamlit as st

from codybatch.ui.jobs.judging import Judging
from codybatch.ui.workbench import page

with page("The queue", area="jobs") as app:
    Judging(app, st.query_params.get("request", ""), st.query_params.get("job", "")).show()

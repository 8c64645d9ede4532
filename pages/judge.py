"""The queue in which a person judges job after job, with the keyboard alone."""

import streamlit as st

from codybatch.ui.jobs.judging import Asked, Judging
from codybatch.ui.workbench import page

with page("The queue", area="jobs") as app:
    Judging(app, Asked.of(st.query_params)).show()

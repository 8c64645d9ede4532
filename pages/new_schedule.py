"""A new schedule: from a saved prompt, or from an earlier request that the address may name."""

import streamlit as st

from codybatch.ui.components import Crumb, page_header
from codybatch.ui.navigation import SCHEDULES
from codybatch.ui.schedules.form import show_form
from codybatch.ui.workbench import page, time_zone

with page("The form for a new schedule", area="schedules") as app:
    page_header("New schedule", Crumb("Schedules", SCHEDULES))
    show_form(app, st.query_params.get("like", ""), time_zone())

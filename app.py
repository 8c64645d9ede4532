"""The workbench's server: Streamlit's, behind our guard. ``codybatch up`` starts it."""

import streamlit as st

from codybatch.ui.server.serving import guard
from codybatch.ui.server.warming import warm
from codybatch.ui.workbench import tell_uncaught

app = st.App("router.py", middleware=guard(), lifespan=warm, on_script_error=tell_uncaught)

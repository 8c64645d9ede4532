"""The router: page configuration and navigation, nothing else."""

import streamlit as st

from codybatch.ui.navigation import route
from codybatch.ui.workbench import MARK, TITLE

st.set_page_config(page_title=TITLE, page_icon=MARK, layout="wide")
route()

"""The router: navigation and page configuration, nothing else."""

import streamlit as st

from codybatch.ui.workbench import MARK, TITLE

st.set_page_config(page_title=TITLE, page_icon=MARK, layout="wide")
st.navigation(
    [
        st.Page("pages/jobs.py", title="Jobs", icon=":material/list_alt:", default=True),
        st.Page("pages/job.py", title="Job", url_path="job", visibility="hidden"),
    ]
).run()

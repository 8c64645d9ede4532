"""Which pages there are, and how every way to one of them leads through the router."""

from __future__ import annotations

from contextvars import ContextVar

import streamlit as st
from streamlit.navigation.page import Page

_routed: ContextVar[bool] = ContextVar("_routed", default=False)
"""Whether the router ran in this thread, which Streamlit keeps for one run of the script."""


def route() -> None:
    """Run the page that the address names."""
    _routed.set(True)
    _navigation().run()


def ensure_routed() -> None:
    """Begin again through the router where a page was run without it.

    Until ``st.navigation`` was called once in a process, Streamlit finds the files of ``pages/`` by
    itself and runs a deep link's alone (``_mpa_v1`` in Streamlit 1.67's script_runner.py).
    """
    if not _routed.get():
        _navigation()
        st.rerun()


def _navigation() -> Page:
    return st.navigation(
        [
            st.Page("pages/jobs.py", title="Jobs", icon=":material/list_alt:", default=True),
            st.Page("pages/job.py", title="Job", url_path="job", visibility="hidden"),
        ]
    )

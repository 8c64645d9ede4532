"""Which pages there are, and how every way to one of them leads through the router."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

import streamlit as st
from streamlit.navigation.page import Page

LIST, JOB = "pages/jobs.py", "pages/job.py"
_SEEN = "list-address"
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


def link_to_list() -> None:
    """A link to the list of jobs as this session saw it last: its filters and its page."""
    st.page_link(
        LIST, label="Jobs", icon=":material/arrow_back:", query_params=st.session_state.get(_SEEN)
    )


def remember_list(address: Mapping[str, str]) -> None:
    """Keep the list's address for the way back."""
    st.session_state[_SEEN] = dict(address)


def restore_list() -> None:
    """Go to the list as it was, where the browser's Back brought the job's parameters along.

    Streamlit 1.67 runs the page before with the query of the page that was left.
    """
    if "id" in st.query_params:
        st.switch_page(LIST, query_params=st.session_state.get(_SEEN))


def _navigation() -> Page:
    return st.navigation(
        [
            st.Page(LIST, title="Jobs", icon=":material/list_alt:", default=True),
            st.Page(JOB, title="Job", url_path="job", visibility="hidden"),
        ]
    )

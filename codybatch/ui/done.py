"""Saying that a thing is done, in a toast that outlives the rerun after it."""

from __future__ import annotations

import streamlit as st

_SAID = "said-done"


def say_done(text: str) -> None:
    """Say a thing done, in six words at most, when the page is shown next."""
    st.session_state.setdefault(_SAID, []).append(text)


def show_done() -> None:
    """Show what was said to be done; the page frame calls this."""
    for text in st.session_state.pop(_SAID, ()):
        st.toast(text, icon=":material/check_circle:")

"""The one part of the page that looks again by itself: while something is under way."""

from __future__ import annotations

import streamlit as st

from codybatch.ui.compose.forecasting import forecasting
from codybatch.ui.compose.looking import cancel_search, looking
from codybatch.ui.inquiries import LOOK_AGAIN_SECONDS


def watch() -> None:
    """Draw the page anew once something has ended; nothing looks again where nothing goes on."""
    if looking().under_way or forecasting().inquiry is not None:
        _watch()


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _watch() -> None:
    estimate = forecasting().inquiry
    under_way = looking().under_way
    if any(one.has_ended for one in under_way) or (estimate is not None and estimate.has_ended):
        st.rerun()
    for number, inquiry in enumerate(under_way):
        with st.container(
            horizontal=True, key=f"compose-progress-{number}", vertical_alignment="center"
        ):
            st.text(f"{inquiry.said} {inquiry.seconds} s" if inquiry.seconds else inquiry.said)
            st.space("stretch")
            if inquiry is looking().search and st.button("Cancel", key="cancel-search"):
                cancel_search()
                st.rerun()

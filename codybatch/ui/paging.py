"""From a page of a long list to older ones and back; where one is stands in the address."""

from __future__ import annotations

import streamlit as st

CURSOR = "cursor"
"""The parameter of the address."""


def begin_at_newest() -> None:
    """Forget the page: it is of another list."""
    st.query_params.pop(CURSOR, None)


def show_begins_again(things: str) -> None:
    """Say that the page that was asked for does not exist.

    Args:
        things: what is listed, in our words: ``jobs``.
    """
    st.caption(f"That page of the list does not exist; these are the newest {things}.")


def show_paging(here: str | None, older: str | None) -> None:
    """The way to older ones and back.

    No links: one to the page that is shown changes nothing in the browser's address (Streamlit
    1.67), so that a reload would show the newest ones again.

    Args:
        here: the cursor of the page that is shown; None for the newest.
        older: the cursor of the next page; None where there is none.
    """
    with st.container(horizontal=True, key="paging"):
        if here and st.button(
            "Newest", key="paging-newest", icon=":material/first_page:", type="tertiary"
        ):
            begin_at_newest()
            st.rerun()
        if older and st.button(
            "Older", key="paging-older", icon=":material/arrow_forward:", type="tertiary"
        ):
            st.query_params[CURSOR] = older
            st.rerun()

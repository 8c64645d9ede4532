"""Questions that stay open whatever the page behind them does.

A dialog that a live part opens by itself is lost, with what one clicks in it, when that part is run
again. So the page opens it, and opens it again with each of its runs, until it is answered.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_OPEN, _PAGE = "question-open", "question-page"


def open_question(ask: Callable[[], None]) -> None:
    """Show the page with a question over it.

    Args:
        ask: opens the dialog; it calls ``close_question`` when it was answered or dismissed.
    """
    st.session_state[_OPEN] = ask
    st.rerun()


def close_question() -> None:
    """The question was answered or dismissed."""
    st.session_state.pop(_OPEN, None)


def come_to(page: str) -> None:
    """Forget a question of another page; the page frame calls this first."""
    if st.session_state.get(_PAGE) != page:
        close_question()
    st.session_state[_PAGE] = page


def show_question() -> None:
    """Ask what is open; the page frame calls this last."""
    ask: Callable[[], None] | None = st.session_state.get(_OPEN)
    if ask:
        ask()

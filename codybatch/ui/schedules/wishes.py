"""Buttons whose press outlives a rerun, such as the one by which ``navigation`` begins again."""

from __future__ import annotations

import streamlit as st

_WISH = "schedules-wish"


def wish(label: str, name: str, icon: str, *, is_primary: bool = False) -> None:
    """A button that wishes for something."""
    st.button(
        label,
        key=f"schedules-{name}",
        icon=icon,
        type="primary" if is_primary else "secondary",
        on_click=_note,
        args=(name,),
    )


def wished_for() -> str:
    """What was wished for since this was asked last; nothing where nothing was."""
    return str(st.session_state.pop(_WISH, ""))


def _note(name: str) -> None:
    st.session_state[_WISH] = name

"""The texts are read while they are typed, not only once their field is left."""

from __future__ import annotations

import streamlit as st

NAME = "codybatch.typing"
"""As ``codybatch/pyproject.toml`` declares it, which says where the script lies."""


def read_while_typing() -> None:
    """Hand the texts of the page over at each pause; without the script they come when left."""
    component = st.components.v2.component(NAME, js="typing.js")
    with st.container(key="compose-typing"):
        component(key="typing")

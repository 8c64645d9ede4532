"""The theme that a person prefers, on every page and whatever the browser kept before."""

from __future__ import annotations

import streamlit as st

from codybatch.services.preferences import Theme
from codybatch.ui.navigation import addresses

_COMPONENT = "codybatch.theme"
"""As ``codybatch/pyproject.toml`` names it."""


def follow(theme: Theme) -> None:
    """Show this page, and the others when they are loaded, in a theme.

    Args:
        theme: of light, dark and the system's.
    """
    with st.container(key="theme"):
        st.components.v2.component(_COMPONENT, html="<i hidden></i>", js="theme.js")(
            key="theme-followed",
            data={"theme": theme.value.capitalize(), "paths": addresses()},
        )

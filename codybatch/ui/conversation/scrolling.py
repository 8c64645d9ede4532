"""Brings a turn into view: the one thing about a conversation that needs a script of ours."""

from __future__ import annotations

import streamlit as st

_COMPONENT = "codybatch.conversation"
"""As ``codybatch/pyproject.toml`` names it."""


def scroll_to(anchor: str, once: str) -> None:
    """Scroll to a place on the page.

    Args:
        anchor: its id, of our own making.
        once: names the jump: the page is scrolled once for it, and stays where a person moved it.
    """
    with st.container(key="conversation-scroll"):
        st.components.v2.component(_COMPONENT, html="<i hidden></i>", js="scroll.js")(
            key="conversation-scrolled", data={"anchor": anchor, "once": once}
        )

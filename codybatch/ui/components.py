"""Pieces of pages. What others wrote goes through ``st.text``, which reads no markup at all."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from codybatch.ui.words import Badge, Color

_NOTICE_ICONS: dict[Color, str] = {
    "gray": ":material/info:",
    "blue": ":material/info:",
    "yellow": ":material/pause_circle:",
    "green": ":material/check_circle:",
    "orange": ":material/warning:",
    "red": ":material/error:",
}


def notice(name: str, color: Color, title: str, *texts: str) -> None:
    """A card with a coloured edge.

    Args:
        name: of its place on the page, once.
        color: what kind of news it is.
        title: our own words.
        texts: anybody's words, shown as they are.
    """
    with st.container(border=True, key=f"notice-{color}-{name}", gap="xsmall"):
        st.markdown(f":{color}[{_NOTICE_ICONS[color]} **{title}**]")
        for text in texts:
            if text:
                st.text(text)


def badge(of: Badge) -> None:
    """A state as an icon and a word."""
    st.badge(of.label, icon=of.icon, color=of.color)


def muted(name: str, text: str) -> None:
    """A line of lesser weight."""
    with st.container(key=f"muted-{name}"):
        st.text(text)


def facts(name: str, pairs: Iterable[tuple[str, str]]) -> None:
    """A strip of names over values."""
    with st.container(border=True, key=f"facts-{name}", gap=None):
        for label, value in pairs:
            with st.container(key=f"fact-{name}-{label}", gap=None):
                st.text(label)
                st.text(value)

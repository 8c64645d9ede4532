"""Pieces of pages. What others wrote goes through ``st.text``, which reads no markup at all."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from codybatch.ui.plain_text import literal
from codybatch.ui.words import Badge, Color, Moment

_NOTICE_ICONS: dict[Color, str] = {
    "gray": ":material/info:",
    "blue": ":material/info:",
    "yellow": ":material/pause_circle:",
    "green": ":material/check_circle:",
    "orange": ":material/warning:",
    "red": ":material/error:",
}


@dataclass(frozen=True)
class Crumb:
    """A step of the way back.

    Args:
        label: anybody's words.
        page: a page's file, as ``navigation`` names it.
        parameters: of its address.
    """

    label: str
    page: str
    parameters: Mapping[str, str] | None = None


def crumbs(*way: Crumb) -> None:
    """The way back, the outermost page first."""
    with st.container(horizontal=True, key="crumbs", gap="xsmall", vertical_alignment="center"):
        for crumb in way:
            st.page_link(
                crumb.page, label=literal(crumb.label), query_params=dict(crumb.parameters or {})
            )


def page_header(
    title: str, *way: Crumb, badges: Iterable[Badge] = (), meta: str = ""
) -> DeltaGenerator:
    """The head of a page: the way back, what it is and how it stands, a line of lesser weight.

    Args:
        title: anybody's words, on one line.
        way: the pages above this one.
        badges: how it stands.
        meta: anybody's words: who, when, which.

    Returns:
        The place of the page's actions, at the right: at most one of them is primary.
    """
    if way:
        crumbs(*way)
    with st.container(key="page-header", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title(literal(title), width="content", anchor=False)
            for one in badges:
                badge(one)
            st.space("stretch")
            actions = st.container(horizontal=True, width="content", gap="small")
        if meta:
            muted("meta", meta)
    return actions


def notice(name: str, color: Color, title: str, *texts: str, icon: str = "") -> None:
    """A card with a coloured edge.

    Args:
        name: of its place on the page, once.
        color: what kind of news it is.
        title: our own words.
        texts: anybody's words, shown as they are.
        icon: another than the colour's.
    """
    with st.container(border=True, key=f"notice-{color}-{name}", gap="xsmall"):
        st.markdown(f":{color}[{icon or _NOTICE_ICONS[color]} **{title}**]")
        for text in texts:
            if text:
                st.text(text)


def empty_state(
    name: str, title: str, sentence: str, icon: str = ":material/inbox:"
) -> DeltaGenerator:
    """What stands where nothing is yet.

    Args:
        name: of its place on the page, once.
        title: our own words: what is not there.
        sentence: anybody's words: how it comes there.
        icon: above it all.

    Returns:
        The place of the way on: one button or link.
    """
    with st.container(border=True, key=f"empty-{name}", gap="xsmall"):
        st.markdown(icon)
        st.markdown(f"**{title}**")
        st.text(sentence)
        return st.container(horizontal=True, horizontal_alignment="center")


def badge(of: Badge) -> None:
    """A state as an icon and a word."""
    st.badge(of.label, icon=of.icon, color=of.color)


def muted(name: str, text: str) -> None:
    """A line of lesser weight."""
    with st.container(key=f"muted-{name}"):
        st.text(text)


def moment(of: Moment) -> None:
    """A time; the exact one, with its zone, shows when one points at it."""
    st.html(
        f'<time datetime="{html.escape(of.written)}" title="{html.escape(of.exactly)}">'
        f"{html.escape(of.shortly)}</time>"
    )


def facts(name: str, pairs: Iterable[tuple[str, str]]) -> None:
    """A strip of names over values."""
    with st.container(border=True, key=f"facts-{name}", gap=None):
        for label, value in pairs:
            with st.container(key=f"fact-{name}-{label}", gap=None):
                st.text(label)
                st.text(value)

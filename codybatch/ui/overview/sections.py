"""The parts of the first page, from its view model to widgets."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from codybatch.services.wording import counted
from codybatch.settings import Settings
from codybatch.ui.components import badge, empty_state
from codybatch.ui.navigation import JOBS, JUDGE, REQUESTS
from codybatch.ui.overview.steps import Step, first_steps
from codybatch.ui.overview.view import Bar, Front, Tile
from codybatch.ui.requests.rows import row_of
from codybatch.ui.rows import row_list


def show_front(settings: Settings, front: Front) -> None:
    """The whole page below its head."""
    if front.is_new:
        show_first_steps(first_steps(settings))
        return
    _show_tiles(front.tiles)
    work, side = st.columns([3, 1], gap="medium")
    with work:
        _show_needs(front)
        if front.running:
            st.subheader("At work", anchor=False)
            row_list("overview-running", front.running)
        st.subheader("Recent requests", anchor=False)
        row_list("requests", [row_of(row) for row in front.recent])
        st.page_link(REQUESTS, label="All requests", icon=":material/arrow_forward:")
    with side:
        _show_spend(front)


def _show_tiles(tiles: Sequence[Tile]) -> None:
    with st.container(key="overview-tiles"):
        for tile in tiles:
            st.metric(
                tile.label,
                tile.value,
                tile.note,
                delta_color="off",
                delta_arrow="off",
                help=tile.help,
                border=True,
                # One day's bar alone looks like the handle of something.
                chart_data=list(tile.days) if sum(day > 0 for day in tile.days) > 1 else None,
                chart_type="bar",
            )


def _show_needs(front: Front) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Needs you", anchor=False, width="content")
        st.space("stretch")
        if front.to_judge:
            label = f"Judge {counted(front.to_judge, 'job')}"
            st.page_link(JUDGE, label=label, icon=":material/thumbs_up_down:", width="content")
    if front.needs:
        row_list("overview-needs", front.needs)
        if front.more:
            st.caption(front.more)
    else:
        sentence = "What waits for a verdict, a budget or an answer shows here."
        empty_state("needs", "Nothing needs you", sentence, ":material/task_alt:")


def _show_spend(front: Front) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Spent by day", anchor=False, width="content")
    with st.container(border=True, key="overview-spend", gap="small"):
        st.html(bars(front.spend))
        st.text(f"{front.spent_in_all} in {counted(len(front.spend), 'day')} (UTC)")
    st.page_link(JOBS, label="All jobs", icon=":material/list_alt:")


def bars(days: Sequence[Bar]) -> str:
    """A small chart as markup: a bar a day, each named for a pointer and for who does not see it.

    Args:
        days: our own words and numbers alone.
    """
    drawn = "".join(
        f'<li title="{html.escape(day.label)}">'
        f'<i style="height:{day.part * 100:.1f}%"></i><span>{html.escape(day.label)}</span></li>'
        for day in days
    )
    return f'<ul class="cb-days">{drawn}</ul>'


def show_first_steps(steps: Sequence[Step]) -> None:
    """How one begins, where nobody ever submitted anything."""
    for number, step in enumerate(steps, start=1):
        with st.container(border=True, key=f"overview-step-{number}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{number}. {step.title}**", width="content")
                if step.badge:
                    badge(step.badge)
            st.text(step.sentence)
            if step.command:
                st.code(step.command, language="bash", wrap_lines=True)
            if step.page:
                st.page_link(
                    step.page,
                    label=step.label,
                    icon=":material/arrow_forward:",
                    query_params=dict(step.parameters),
                )

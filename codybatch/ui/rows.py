"""A list as one card of hairline rows, each of which is a link as a whole.

A row is a grid: badge, name over note, cells, time, act. All rows of a list have the same number of
cells. An area's style sheet gives the widths: ``.st-key-list-NAME { --cells: 6rem 4rem 9rem; }``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from codybatch.ui.components import badge, moment
from codybatch.ui.words import Badge, Moment


@dataclass(frozen=True)
class Row:
    """One thing in a list, in words.

    Args:
        id: of the thing itself: acts go by it, never by the row's place.
        page: the page's file that the row leads to.
        label: markdown: what others wrote goes through ``literal``.
        note: what it does or is; anybody's words.
        badge: its state; None where things of this list have none.
        cells: numbers and words, at the right.
        when: the last cell.
        parameters: of the page's address.
    """

    id: str
    page: str
    label: str
    note: str = ""
    badge: Badge | None = None
    cells: tuple[str, ...] = ()
    when: Moment | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


def row_list(name: str, rows: Sequence[Row], act: Callable[[Row], None] | None = None) -> None:
    """The rows, in one card.

    Args:
        name: of the list, once on a page; keys and style go by it.
        rows: what is in it.
        act: draws one button or link at the end of a row (nothing: ``st.space()``), above the
            row's link.
    """
    with st.container(border=True, key=f"list-{name}", gap=None):
        for row in rows:
            _show(name, row, act)


def _show(name: str, row: Row, act: Callable[[Row], None] | None) -> None:
    kind = "plain-row" if row.badge is None else "row"
    with st.container(key=f"{kind}-{name}-{row.id}", gap=None):
        st.page_link(row.page, label=row.label, query_params=dict(row.parameters))
        st.text(row.note)
        if row.badge:
            badge(row.badge)
        for cell in row.cells:
            st.text(cell)
        if row.when:
            moment(row.when)
        if act:
            with st.container(key=f"act-{name}-{row.id}", width="content"):
                act(row)

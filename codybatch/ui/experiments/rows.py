"""The list of experiments, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.ui.components import empty_state
from codybatch.ui.experiments.listing import ExperimentList, ExperimentRow
from codybatch.ui.navigation import EXPERIMENT, NEW_EXPERIMENT
from codybatch.ui.plain_text import literal
from codybatch.ui.rows import Row, row_list

PAGE = "pg"
"""The parameter of the address."""


def ask() -> str:
    """The words that are looked for, kept in the address."""
    search, _ = st.columns([3, 4], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        key="q",
        type="search",
        bind="query-params",
        placeholder="Words of the name, the question or the arms",
    )
    return words or ""


def show_list(found: ExperimentList) -> None:
    """The rows, or how to begin the first."""
    if found.rows:
        row_list("experiments", [_row(row) for row in found.rows])
    elif found.is_filtered:
        empty_state(
            *("experiments", "No experiment matches", "Clear the search."),
            icon=":material/search_off:",
        )
    else:
        told = (
            "Which prompt is better on your own repositories, by how much, and at what cost? An "
            "experiment runs two or more over the same repositories and tells you."
        )
        with empty_state("experiments", "No experiments yet", told, ":material/science:"):
            label = "Compare two prompts"
            st.page_link(NEW_EXPERIMENT, label=label, icon=":material/add:")


def _row(row: ExperimentRow) -> Row:
    return Row(
        id=row.id,
        page=EXPERIMENT,
        label=f"**{literal(row.name)}**",
        note=" · ".join(filter(None, (row.brief, row.about))),
        badge=row.badge,
        cells=(row.progress, row.cost),
        when=row.when,
        parameters={"id": row.id},
    )

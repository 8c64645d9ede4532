"""The sections of the library's page, from its view models to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.services.starters import starter_named
from codybatch.ui.components import badge, empty_state, muted, notice
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.navigation import PROMPT
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.prompts.listing import PromptList, PromptQuery, PromptRow, Starter
from codybatch.ui.rows import Row, row_list
from codybatch.ui.words import Badge

NEW = {"edit": "new"}
"""The address's parameters of a prompt that is to be written."""


def ask() -> PromptQuery:
    """The filters, kept in the address."""
    search, archived = st.columns([3, 4], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        key="q",
        type="search",
        bind="query-params",
        placeholder="Words of the name, kind or description",
    )
    only_archived = archived.toggle("Archived", key="archived", bind="query-params")
    return PromptQuery(words or "", archived=bool(only_archived))


def show_rows(found: PromptList) -> None:
    """One card of rows."""
    row_list("prompts", [_row(row) for row in found.rows])
    if found.left_out:
        muted("prompts-more", "There are more: write words of their names.")


def _row(row: PromptRow) -> Row:
    return Row(
        id=row.name,
        page=PROMPT,
        label=f"**{literal(row.name)}**",
        note=row.about,
        badge=Badge(row.kind, KIND_ICONS[row.kind], "gray"),
        cells=(row.version, row.jobs, row.acceptance, row.cost),
        when=row.when,
        parameters={"name": row.name},
    )


KIND_ICONS = {
    "Change": ":material/edit_note:",
    "Audit": ":material/fact_check:",
    "Ask": ":material/question_answer:",
}


def show_empty(asked: PromptQuery) -> None:
    """What to do where there is nothing to show."""
    if asked.words.strip():
        empty_state(
            *("prompts", "No prompt matches", "Clear the search."), icon=":material/search_off:"
        )
    elif asked.archived:
        empty_state(
            *("prompts", "No prompt is archived", "An archived prompt is offered no longer."),
            icon=":material/archive:",
        )
    else:
        told = "Use one of those below, or write your own: every save is a version."
        with empty_state("prompts", "No prompts yet", told, ":material/edit_note:"):
            st.page_link(PROMPT, label="New prompt", icon=":material/add:", query_params=NEW)


def show_starters(app: Application, offered: tuple[Starter, ...]) -> None:
    """The prompts to begin with."""
    st.subheader("Starters", anchor=False)
    muted("prompts-starters", "Written to be used as they are, or as a beginning of your own.")
    with st.container(key="prompts-starters", border=True, gap=None):
        for one in offered:
            _show_starter(app, one)


def _show_starter(app: Application, one: Starter) -> None:
    with st.container(key=f"prompts-starter-{one.name}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(Badge(one.kind, KIND_ICONS[one.kind], "gray"))
            with st.container(key=f"strong-prompts-{one.name}", width="stretch"):
                st.text(one.name)
            if one.is_saved:
                st.page_link(
                    PROMPT,
                    label="In the library",
                    icon=":material/check:",
                    query_params={"name": one.name},
                )
            else:
                st.button(
                    "Use this",
                    key=f"prompts-use-{one.name}",
                    icon=":material/add:",
                    help=f"Save {one.name} in the library",
                    on_click=_use,
                    args=(app, one.name),
                )
        muted(f"prompts-about-{one.name}", one.about)
        text = st.expander(
            "Read it", key=f"prompts-read-{one.name}", type="compact", on_change="rerun"
        )
        if text.open:
            text.code(one.text, language=None, wrap_lines=True)
    if problem := st.session_state.pop(_not_saved(one.name), ""):
        notice(f"prompts-{one.name}", "red", "It was not saved", shown(problem, app.net.clean))


def _use(app: Application, name: str) -> None:
    try:
        app.prompts.save(starter_named(name), app.person)
    except CodyBatchError as error:
        st.session_state[_not_saved(name)] = error.message
    else:
        say_done(f"Saved {literal(name)}")
    forget(app)


def _not_saved(name: str) -> str:
    return f"prompts-not-saved-{name}"

"""The parts of the page that lists requests, from its view model to widgets."""

from __future__ import annotations

import streamlit as st

from codybatch.domain.identifiers import Person
from codybatch.ui.components import empty_state
from codybatch.ui.navigation import COMPOSE, REQUEST
from codybatch.ui.paging import CURSOR, begin_at_newest
from codybatch.ui.plain_text import literal
from codybatch.ui.requests.listing import RequestList, RequestQuery, RequestRow
from codybatch.ui.rows import Row, row_list


def ask(me: Person) -> RequestQuery:
    """The filters and the page, all kept in the address."""
    search, mine = st.columns([3, 4], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        key="q",
        type="search",
        bind="query-params",
        on_change=begin_at_newest,
        placeholder="Words of the title, prompt or repositories",
    )
    only_mine = mine.toggle(
        "Only mine",
        key="mine",
        bind="query-params",
        on_change=begin_at_newest,
        disabled=bool(words),
    )
    prompt, repository = (st.query_params.get(name, "") for name in ("prompt", "repository"))
    asked = RequestQuery(
        words=words or "",
        prompt=prompt,
        repository=repository,
        mine=me if only_mine else None,
        cursor=st.query_params.get(CURSOR),
    )
    _show_narrowing(asked)
    return asked


def _show_narrowing(asked: RequestQuery) -> None:
    """What a link from elsewhere narrowed the list to, and the way out of it."""
    narrowed = asked.prompt or asked.repository
    if not narrowed or asked.words.strip():
        return
    what = "of the prompt" if asked.prompt else "with a job in"
    with st.container(
        horizontal=True, key="requests-narrowed", gap="small", vertical_alignment="center"
    ):
        st.text(f"Only requests {what} {narrowed}.", width="content")
        st.button(
            "Show all",
            key="requests-all",
            type="tertiary",
            icon=":material/close:",
            on_click=_widen,
        )


def _widen() -> None:
    for name in ("prompt", "repository", CURSOR):
        st.query_params.pop(name, None)


def show_rows(found: RequestList) -> None:
    """One card of rows."""
    row_list("requests", [row_of(row) for row in found.rows])


def row_of(row: RequestRow) -> Row:
    """One request on a line that leads to it."""
    return Row(
        id=row.id,
        page=REQUEST,
        label=f"**{literal(row.title)}**",
        note=" ".join(filter(None, (row.about, row.standing and f"· {row.standing}"))),
        badge=row.badge,
        cells=(row.jobs, row.cost),
        when=row.when,
        parameters={"id": row.id},
    )


def show_empty(asked: RequestQuery) -> None:
    """What to do where there is nothing to show."""
    if asked.is_filtered:
        empty_state(
            *("requests", "No request matches", "Clear the search or the filters."),
            icon=":material/search_off:",
        )
    elif asked.cursor:
        empty_state("requests", "There are no older requests", "", ":material/task_alt:")
    else:
        told = "A request runs one prompt over a few repositories."
        with empty_state("requests", "No requests yet", told, ":material/rocket_launch:"):
            st.page_link(COMPOSE, label="New request", icon=":material/add:")

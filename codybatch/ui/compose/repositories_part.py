"""The repositories of the draft: those that are chosen, and the search for more."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.selection import SourceKind
from codybatch.services.wording import money
from codybatch.ui.components import badge, muted, notice
from codybatch.ui.compose import looking, session
from codybatch.ui.compose.draft import ChosenRepository, Draft
from codybatch.ui.compose.form import Checked
from codybatch.ui.compose.progress import watch
from codybatch.ui.compose.search import SHOWN, SearchResult, about, asked, search_result
from codybatch.ui.compose.session import key_of
from codybatch.ui.compose.words import PLACES, delivery
from codybatch.ui.plain_text import literal, shown, shown_on_one_line
from codybatch.ui.words import Color

_SEARCH = "looking-"
_MORE = "composing-shown"
_NOT_ASKED = "composing-not-asked"
Costs = dict[str, Decimal]
"""What the job of a chosen repository probably costs, by its name in lower case."""

_WORDS = {
    SourceKind.NAMES: (
        "Names or addresses",
        "acme/api, acme/web@release/2 or https://github.com/…",
    ),
    SourceKind.ORGANISATION: ("Organisation", "acme"),
    SourceKind.USER: ("User", "octocat"),
    SourceKind.TOPIC: ("Topic", "payments"),
    SourceKind.SEARCH: ("Search of repositories, in GitHub's words", "org:acme language:python"),
    SourceKind.CODE: ("Search of code, in GitHub's words", "org:acme utcnow language:python"),
}


def show_heading(app: Application, draft: Draft) -> None:
    """How many are chosen, of how many."""
    count, most = len(draft.repositories), app.requests.intake.policy.max_repositories
    with st.container(horizontal=True, vertical_alignment="center", key="compose-heading"):
        st.subheader("Repositories", anchor=False, width="content")
        color: Color = "red" if count > most else "gray"
        st.badge(f"{count} of {most}", color=color)


def show_chosen(app: Application, draft: Draft, checked: Checked, costs: Costs) -> None:
    """A row for each chosen repository."""
    if not draft.repositories:
        return
    mine = looking.looking()
    with st.container(border=True, key="chosen", gap=None):
        for one in draft.repositories:
            _show_row(app, draft, one, checked, costs.get(one.name.lower()))
    if mine.facts_failed:
        with st.container(key="notice-red-compose-facts", border=True):
            st.text(shown(mine.facts_failed, app.net.clean))
            st.button("Ask again", icon=":material/refresh:", on_click=looking.try_facts_again)


def _show_row(
    app: Application,
    draft: Draft,
    one: ChosenRepository,
    checked: Checked,
    cost: Decimal | None,
) -> None:
    refused = looking.looking().refused.get(str(one.repository), "")
    owner, name = one.repository.owner, one.repository.name
    with st.container(key=f"chosen-row-{one.name}", gap=None):
        st.markdown(f":gray[{literal(owner)}/]**{literal(name)}**")
        if refused:
            with st.container(key=f"compose-wrong-{one.name}"):
                st.text(shown_on_one_line(refused, app.net.clean))
        else:
            known = about(one.facts) if one.facts else "Looking it up …"
            muted(f"chosen-{one.name}", shown_on_one_line(known, app.net.clean))
        st.text_input(
            f"Branch, tag or commit of {one.name}",
            value=one.repository.ref or "",
            key=key_of(f"ref-{one.name}"),
            placeholder=one.facts.default_branch if one.facts else "default branch",
            label_visibility="collapsed",
        )
        badge(delivery(one.facts, checked.kind, draft.options.publish))
        st.text(money(cost) if cost is not None else "")
        st.button(
            f"Remove {one.name}",
            icon=":material/close:",
            type="tertiary",
            key=f"remove-{one.name}",
            on_click=_remove,
            args=(one.name,),
        )


def _remove(name: str) -> None:
    session.change(lambda draft: draft.without_repository(name))


def ask_for_more(app: Application, draft: Draft) -> None:
    """The search for repositories, and what it found."""
    if not app.settings.allowed_repositories.patterns:
        _show_no_allow_list()
        watch()
        return
    where = st.segmented_control(
        "Where to look",
        list(SourceKind),
        default=SourceKind.NAMES,
        required=True,
        key=f"{_SEARCH}where",
        format_func=PLACES.__getitem__,
        label_visibility="collapsed",
    )
    with st.form("compose-search", border=False):
        _ask_words(SourceKind(where))
        with st.expander("Filters"):
            _ask_filters()
        wanted = "Add" if where is SourceKind.NAMES else "Search"
        st.form_submit_button(wanted, icon=":material/search:", on_click=_start, args=(app,))
    if problem := st.session_state.get(_NOT_ASKED):
        with st.container(key="compose-wrong-search"):
            st.text(shown(problem, app.net.clean))
    watch()
    _show_found(app, draft)


def _show_no_allow_list() -> None:
    notice(
        "compose-no-allow-list",
        "yellow",
        "No repository is allowed yet",
        "Set CODYBATCH_ALLOWED_REPOSITORIES to what may be worked on, for example "
        "'my-org/*,!my-org/secrets', and start the workbench again. The draft is kept.",
    )


def _ask_words(where: SourceKind) -> None:
    label, hint = _WORDS[where]
    key = f"{_SEARCH}words-{where}"
    if where is SourceKind.NAMES and looking.was_added():
        st.session_state[key] = ""
    if where is SourceKind.NAMES:
        st.text_area(label, key=key, placeholder=hint, height=80)
    else:
        st.text_input(label, key=key, placeholder=hint)


def _ask_filters() -> None:
    first, second, third = st.columns(3)
    first.multiselect(
        "Main language",
        ["Python", "JavaScript", "TypeScript", "Go", "Java", "Rust", "Ruby", "C#", "C++"],
        key=f"{_SEARCH}languages",
        accept_new_options=True,
        placeholder="Any",
    )
    second.text_input("At least so large", key=f"{_SEARCH}min_size", placeholder="500KB")
    third.text_input("At most so large", key=f"{_SEARCH}max_size", placeholder="50MB")
    first, second, third = st.columns(3)
    first.text_input("Pushed since", key=f"{_SEARCH}since", placeholder="30d or 2026-01-31")
    second.segmented_control(
        "Owned", ["owned", "not owned"], key=f"{_SEARCH}owned", format_func=str.capitalize
    )
    with third:
        st.toggle("Forks, too", key=f"{_SEARCH}forks")
        st.toggle("Archived, too", key=f"{_SEARCH}archived")


def _start(app: Application) -> None:
    said = {
        str(key).removeprefix(_SEARCH): value
        for key, value in st.session_state.items()
        if str(key).startswith(_SEARCH)
    }
    said["words"] = said.get(f"words-{said['where']}")
    st.session_state.pop(_NOT_ASKED, None)
    st.session_state.pop(_MORE, None)
    try:
        source, filters = asked(said, app.requests.intake.policy.host, app.clock.now())
    except CodyBatchError as error:
        st.session_state[_NOT_ASKED] = error.message
        return
    looking.start_search(app, source, filters)


def _show_found(app: Application, draft: Draft) -> None:
    mine = looking.looking()
    if mine.search_failed:
        notice(
            "compose-search-failed",
            "red",
            "The search brought nothing",
            shown(mine.search_failed, app.net.clean),
            "What was found before is kept." if mine.found else "",
        )
    if mine.found is None:
        return
    result = search_result(
        mine.found,
        frozenset(draft.names),
        app.settings.allowed_repositories,
        app.net.clean,
        app.clock.now(),
        most=st.session_state.get(_MORE, SHOWN),
        added=mine.added,
    )
    with st.container(horizontal=True, key="found-head", vertical_alignment="center"):
        muted("compose-found", f"{result.summary}. {result.incomplete}".strip())
        st.space("stretch")
        st.button(
            "Close", key="close-found", type="tertiary", on_click=looking.forget_what_was_found
        )
    is_full = len(draft.repositories) >= app.requests.intake.policy.max_repositories
    _show_rows(result, is_full=is_full)
    if result.left_out:
        _show_left_out(result)


def _show_rows(result: SearchResult, *, is_full: bool) -> None:
    if not result.rows:
        return
    with st.container(border=True, key="found", gap=None):
        for row in result.rows:
            with st.container(key=f"found-row-{row.key}", gap=None):
                st.markdown(f":gray[{literal(row.owner)}/]**{literal(row.name)}**")
                muted(f"found-{row.key}", row.about)
                st.button(
                    "Chosen" if row.is_chosen else "Choose",
                    key=f"choose-{row.key}",
                    disabled=row.is_chosen or is_full,
                    help="The request is full: remove one first." if is_full else None,
                    on_click=_choose,
                    args=(row.facts,),
                )
    if result.more:
        st.button(f"Show {min(result.more, 50)} more", key="found-more", on_click=_show_more)


def _choose(facts: RepositoryFacts) -> None:
    chosen = ChosenRepository(repository=facts.repository, facts=facts)
    session.change(lambda draft: draft.with_repositories([chosen]))


def _show_more() -> None:
    st.session_state[_MORE] = st.session_state.get(_MORE, SHOWN) + 50


def _show_left_out(result: SearchResult) -> None:
    with st.expander(result.left_out_in_short[:1].upper() + result.left_out_in_short[1:]):
        for number, (name, why) in enumerate(result.left_out):
            with st.container(key=f"left-out-{number}", gap=None):
                st.text(name)
                muted(f"left-out-{number}", why)
        if result.how_to_allow:
            st.text(result.how_to_allow)

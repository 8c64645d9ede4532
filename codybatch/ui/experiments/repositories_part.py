"""The repositories of a new experiment: a list to type or paste, and a search that adds to it."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.selection import Source, SourceKind
from codybatch.services.preferences import WrittenExperiment
from codybatch.services.selection import left_out_in_short
from codybatch.services.wording import counted
from codybatch.ui.components import muted, notice
from codybatch.ui.compose.words import PLACES
from codybatch.ui.experiments.drafting import key_of
from codybatch.ui.experiments.named import Named, fetch, named, search, searching
from codybatch.ui.plain_text import shown

_ADD = "experiments-add"
_SEARCHED = tuple(kind for kind in SourceKind if kind is not SourceKind.NAMES)
_HINTS = {
    SourceKind.ORGANISATION: "acme",
    SourceKind.USER: "octocat",
    SourceKind.TOPIC: "payments",
    SourceKind.SEARCH: "org:acme language:python",
    SourceKind.CODE: "org:acme utcnow language:python",
}


def ask_repositories(
    app: Application, written: WrittenExperiment
) -> tuple[WrittenExperiment, Named]:
    """The list, what is known of it, and the search for more."""
    st.subheader("Repositories", anchor=False)
    if not app.settings.allowed_repositories.patterns:
        _show_no_allow_list()
    key = key_of("repositories")
    if added := st.session_state.pop(_ADD, ()):
        before = st.session_state.get(key, written.repositories)
        st.session_state[key] = "\n".join(filter(None, (before.strip(), *added)))
        written = written.with_(repositories=st.session_state[key])
    text = st.text_area(
        "One a line",
        written.repositories,
        key=key,
        height=140,
        placeholder="acme/api\nacme/web@release/2",
        help="Each is pinned to the commit that it has now; every repetition works on that one.",
    )
    found = named(text or "", app.requests.intake.policy.host)
    _show_standing(app, found)
    _ask_for_more(app, found)
    return written.with_(repositories=text or ""), found


def _show_no_allow_list() -> None:
    notice(
        "experiments-no-allow-list",
        "yellow",
        "No repository is allowed yet",
        "Set CODYBATCH_ALLOWED_REPOSITORIES to what may be worked on, for example "
        "'my-org/*,!my-org/secrets', and start the workbench again. What is written is kept.",
    )


def _show_standing(app: Application, found: Named) -> None:
    if found.problem:
        with st.container(key="experiments-wrong-repositories"):
            st.text(shown(found.problem, app.net.clean))
    elif found.refs:
        muted("experiments-repositories", counted(len(found.refs), *_MANY))


_MANY = ("repository", "repositories")


def _ask_for_more(app: Application, found: Named) -> None:
    with st.expander("Find repositories", icon=":material/search:"):
        where = st.segmented_control(
            "Where to look",
            _SEARCHED,
            default=SourceKind.ORGANISATION,
            required=True,
            key="experiments-where",
            format_func=PLACES.__getitem__,
            label_visibility="collapsed",
        )
        kind = SourceKind(where or SourceKind.ORGANISATION)
        with st.form("experiments-search", border=False):
            words = st.text_input(
                PLACES[kind], key=f"experiments-words-{kind}", placeholder=_HINTS[kind]
            )
            if st.form_submit_button("Search", icon=":material/search:") and (words or "").strip():
                search(app, Source(kind=kind, query=(words or "").strip()))
        _show_found(app, found)


def _show_found(app: Application, named_now: Named) -> None:
    mine, clean = fetch(), app.net.clean
    if mine.failed:
        said = shown(mine.failed, clean)
        notice("experiments-search", "red", "The search brought nothing", said)
    found = mine.found
    if found is None:
        return
    taken = {name.lower() for name in named_now.names}
    every = [str(one.repository) for one in found.chosen]
    new = [name for name in every if name.partition("@")[0].lower() not in taken]
    st.text(f"{len(every):,} found, {len(new):,} of them not in the list yet")
    if found.left_out:
        muted("experiments-left-out", shown(left_out_in_short(found.left_out), clean))
    if found.incomplete:
        muted("experiments-incomplete", shown(found.incomplete, clean))
    if not new:
        return
    chosen = st.multiselect(
        "Add", new, default=new[:50], key=f"experiments-found-{len(every)}-{every[0]}"
    )
    label = f"Add {counted(len(chosen), *_MANY)}"
    st.button(label, key="experiments-take", disabled=not chosen, on_click=_add, args=(chosen,))


def _add(names: list[str]) -> None:
    st.session_state[_ADD] = tuple(names)
    searching().found = None

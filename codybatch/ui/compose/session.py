"""The draft in this browser tab: filled into widgets, read from them, and kept with each change."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError, StaleWrite
from codybatch.ui.compose.draft import Draft
from codybatch.ui.compose.keeping import Shelf, blank, discarded, taken_down
from codybatch.ui.compose.reading import read

WIDGETS = "compose-"
"""What the keys of the widgets that fill in the draft begin with."""
_DRAFT = "composing-draft"
_GENERATION = "composing-generation"
"""How often the draft was replaced by another."""
_BEFORE = "composing-before"
_SHELF = "composing-shelf"
_NOT_KEPT = "composing-not-kept"
ELSEWHERE = "elsewhere"
"""Why a draft is not kept: another tab has changed, submitted or cleared it."""


def current() -> Draft:
    """The draft as this tab has it; ``begin`` comes first."""
    found: Draft = st.session_state[_DRAFT]
    return found


def has_begun() -> bool:
    """Whether this tab has a draft."""
    return _DRAFT in st.session_state


def put(draft: Draft) -> None:
    """Go on with a draft that the widgets show already."""
    st.session_state[_DRAFT] = draft


def read_widgets() -> Draft:
    """Take over what the widgets say now; the draft with it."""
    ending = f".{st.session_state[_GENERATION]}"
    said = {
        str(key).removeprefix(WIDGETS).removesuffix(ending): value
        for key, value in st.session_state.items()
        if str(key).startswith(WIDGETS) and str(key).endswith(ending)
    }
    put(read(said, current()))
    return current()


def change(by: Callable[[Draft], Draft], note: str = "") -> None:
    """Change the draft where a button was pressed, after what the widgets say was taken over."""
    replace(by(read_widgets()), note)


def replace(draft: Draft, note: str = "") -> None:
    """Put another draft in place of this one, and fill the widgets in again.

    Args:
        draft: the new one.
        note: what happened, where the old one can be brought back.
    """
    if note and has_begun() and not current().is_blank:
        st.session_state[_BEFORE] = (note, current())
    elif not note:
        st.session_state.pop(_BEFORE, None)
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1
    put(draft)


def put_aside() -> str:
    """What happened to the draft that can be brought back; empty where there is none."""
    note, _ = st.session_state.get(_BEFORE, ("", None))
    return str(note)


def bring_back() -> None:
    """Undo the last replacement."""
    _, before = st.session_state[_BEFORE]
    replace(before)


def key_of(name: str) -> str:
    """The key of a widget that fills in the draft. Each replacement of the draft makes new widgets:
    they begin with what it holds, and forget what was typed into the old ones.
    """
    return f"{WIDGETS}{name}.{st.session_state[_GENERATION]}"


def open_draft(app: Application, *, has_prompts: bool) -> None:
    """Go on with what the person left behind, as it is kept now."""
    draft, shelf = taken_down(app, has_prompts=has_prompts)
    st.session_state[_SHELF] = shelf
    st.session_state.pop(_NOT_KEPT, None)
    replace(draft)


def keep(app: Application) -> None:
    """Keep the draft on the server where it has changed."""
    if not_kept() == ELSEWHERE:
        return  # a person decides first
    try:
        st.session_state[_SHELF] = _shelf().keep(app, current())
        st.session_state.pop(_NOT_KEPT, None)
    except StaleWrite:
        st.session_state[_NOT_KEPT] = ELSEWHERE
    except CodyBatchError as error:
        st.session_state[_NOT_KEPT] = error.message


def keep_mine(app: Application) -> None:
    """Keep this tab's draft, whatever another one has made of it."""
    st.session_state[_SHELF] = _shelf().overwrite(app, current())
    st.session_state.pop(_NOT_KEPT, None)


def not_kept() -> str:
    """Why the draft is not kept; empty where it is."""
    return str(st.session_state.get(_NOT_KEPT, ""))


def begin_anew(app: Application, note: str = "", *, has_prompts: bool) -> None:
    """An empty draft in place of this one; what is kept is forgotten."""
    st.session_state[_SHELF] = discarded(app)
    st.session_state.pop(_NOT_KEPT, None)
    replace(blank(app, has_prompts=has_prompts), note)


def _shelf() -> Shelf:
    shelf: Shelf = st.session_state[_SHELF]
    return shelf

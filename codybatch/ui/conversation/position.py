"""Where in a conversation a person is: the page, the turn of the address, and what was searched."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from codybatch.domain.identifiers import JobId
from codybatch.services.conversations import (
    Conversation,
    Hit,
    Looked,
    Wanted,
    search,
    seek,
)
from codybatch.ui.conversation.turns import TURNS, page_of, pages_of
from codybatch.ui.plain_text import Clean

PAGE, FIND, SHOW = "conversation-page", "conversation-find", "conversation-show"
"""Widgets, and so the parameters of the address."""
TURN = "turn"
_HERE, _TOLD, _FOUND = "conversation-here", "conversation-told", "conversation-found"
_ASKED, _FURTHER = "conversation-asked", "conversation-look-further"


@dataclass
class Here:
    """The turn that a person came to last."""

    job: JobId
    written: str
    """As the address named it."""
    place: int | None
    moves: int
    """Rises with each jump, so that the page is scrolled once for each."""


Jump = int | Wanted
"""A place among the turns, or the next of a kind."""


@dataclass(frozen=True)
class Found:
    """What a search has found so far."""

    job: JobId
    words: str
    hits: tuple[Hit, ...] = ()
    upto: int = 0


def arrive(job: JobId, conversation: Conversation, *, goes_on: bool) -> Here:
    """Turn to the page of the turn that the address names, where it names a new one.

    A conversation that goes on and is longer than a page opens at its end.
    """
    written = st.query_params.get(TURN, "")
    here: Here | None = st.session_state.get(_HERE)
    if here is not None and (here.job, here.written) == (job, written):
        return here
    is_new = here is None or here.job != job
    place = conversation.place_of(int(written)) if written.isdecimal() and written else None
    here = Here(job, written, place, (here.moves if here else 0) + (place is not None))
    st.session_state[_HERE] = here
    if place is not None:
        st.session_state[PAGE] = page_of(place)
    elif is_new and PAGE not in st.query_params:
        st.session_state[PAGE] = pages_of(conversation) if goes_on else 1
    return here


def arrived() -> Here:
    """Where the person is, once ``arrive`` has run."""
    here: Here = st.session_state[_HERE]
    return here


def the_page(conversation: Conversation) -> int:
    """The number of the page that is shown, from 1."""
    return min(max(1, int(st.session_state.get(PAGE) or 1)), pages_of(conversation))


def leave_turn() -> None:
    """Forget the turn: a person turned the page."""
    st.query_params.pop(TURN, None)
    here: Here | None = st.session_state.get(_HERE)
    if here is not None:
        st.session_state[_HERE] = Here(here.job, "", None, here.moves)


def ask(jump: Jump) -> None:
    """Note where a person wants to go: for a button to call.

    A click lives for one run of the page only, and a page that is live may begin again before it
    comes to the button.
    """
    st.session_state[_ASKED] = jump


def go(job: JobId, conversation: Conversation) -> None:
    """Go where a person asked to."""
    jump: Jump | None = st.session_state.pop(_ASKED, None)
    if isinstance(jump, Wanted):
        _go_to_next(job, conversation, jump)
    elif jump is not None:
        _go_to(job, conversation, min(jump, len(conversation.turns) - 1))


def _go_to(job: JobId, conversation: Conversation, place: int) -> None:
    """Turn to a place among the turns; the address names it where it has a number."""
    turn = conversation.turns[place]
    moves = arrived().moves + 1
    written = str(turn.number) if turn.number else ""
    if written:
        st.query_params[TURN] = written
    else:
        st.query_params.pop(TURN, None)
    st.session_state[_HERE] = Here(job, written, place, moves)
    st.session_state[PAGE] = page_of(place)


def _go_to_next(job: JobId, conversation: Conversation, wanted: Wanted) -> None:
    """Turn to the next turn of a kind, or say how far there is none."""
    place = arrived().place
    begin = (the_page(conversation) - 1) * TURNS if place is None else place + 1
    sought = seek(conversation, wanted, begin)
    if sought.place is not None:
        _go_to(job, conversation, sought.place)
    elif sought.upto < len(conversation.turns):
        _go_to(job, conversation, sought.upto - 1)
        st.session_state[_TOLD] = f"No {wanted} up to here; click again to look further."
    else:
        st.session_state[_TOLD] = f"No {wanted} from here to the end."


def told() -> str:
    """What the last jump has to say, once."""
    return str(st.session_state.pop(_TOLD, ""))


def found(job: JobId, conversation: Conversation, words: str, clean: Clean) -> Found:
    """What a search has found; looked for anew only where its words are new, and further where a
    person asked for that.
    """
    before: Found | None = st.session_state.get(_FOUND)
    if before is None or (before.job, before.words) != (job, words):
        before = Found(job, words)
    elif not st.session_state.pop(_FURTHER, False):
        return before
    looked: Looked = search(conversation, words, clean, before.upto)
    now = Found(job, words, before.hits + looked.hits, looked.upto)
    st.session_state[_FOUND] = now
    return now


def look_further() -> None:
    """Note that the search is to go on from where it stopped: for a button to call."""
    st.session_state[_FURTHER] = True

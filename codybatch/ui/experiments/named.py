"""The repositories that a form names, and the search for more in a thread."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CalledOff, CodyBatchError
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.selection import Filters, Selection, Source
from codybatch.services.selection import repositories_in
from codybatch.ui.inquiries import Inquiry, pool

MOST_FOUND = 500
"""Candidates of a search that are looked at."""
_SEARCHING = "experiments-searching"


@dataclass(frozen=True)
class Named:
    """The repositories of a form."""

    refs: tuple[RepositoryRef, ...] = ()
    problem: str = ""
    """Why the text cannot be read."""

    @property
    def names(self) -> tuple[str, ...]:
        """``owner/name`` of each."""
        return tuple(one.full_name for one in self.refs)


def named(text: str, host: str) -> Named:
    """What a text names, each repository once.

    Args:
        text: as typed.
        host: the code host, whose addresses of repositories are understood.
    """
    if not text.strip():
        return Named()
    try:
        found = repositories_in(text, host)
    except CodyBatchError as error:
        return Named(problem=error.message)
    kept: dict[str, RepositoryRef] = {}
    for one in found:
        kept.setdefault(one.full_name.lower(), one)
    return Named(tuple(kept.values()))


@dataclass
class Searching:
    """The search of one tab, and what came of it."""

    inquiry: Inquiry[Selection] | None = None
    found: Selection | None = None
    failed: str = ""


def searching() -> Searching:
    """Of this tab."""
    if _SEARCHING not in st.session_state:
        st.session_state[_SEARCHING] = Searching()
    found: Searching = st.session_state[_SEARCHING]
    return found


def search(app: Application, source: Source) -> None:
    """Look for repositories; a search that is under way is called off."""
    mine, service = searching(), app.selections
    if mine.inquiry is not None:
        mine.inquiry.cancel()
    mine.failed, mine.found = "", None
    mine.inquiry = Inquiry(
        pool(),
        lambda tell: service.select([source], Filters(), MOST_FOUND, tell),
        "Asking the code host …",
    )


def fetch() -> Searching:
    """The search, with its result once it has ended."""
    mine = searching()
    if mine.inquiry is not None and mine.inquiry.has_ended:
        asked, mine.inquiry = mine.inquiry, None
        try:
            mine.found = asked.result()
        except CalledOff:
            pass
        except CodyBatchError as error:
            mine.failed = error.message
    return mine

"""What this tab is looking up: searches, facts of chosen repositories, a repository's profile.

Each goes on in a thread of its own; what an earlier one brought stays until a later one succeeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CalledOff, CodyBatchError
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.selection import Filters, LeftOut, Selection, Source, SourceKind
from codybatch.services.profiles import ProfiledRepository
from codybatch.ui.compose.draft import ChosenRepository, Draft
from codybatch.ui.compose.search import LOOKED_AT
from codybatch.ui.inquiries import Inquiry, pool

_LOOKING = "composing-looking"
Facts = tuple[tuple[RepositoryRef, RepositoryFacts | LeftOut], ...]


@dataclass
class Looking:
    """What is looked up in one tab, and what came of it."""

    search: Inquiry[Selection] | None = None
    found: Selection | None = None
    adds_what_it_finds: bool = False
    """Whether the search under way was for names, which are meant to be chosen."""
    added: int = 0
    """How many repositories the last search for names has added by itself."""
    has_told: bool = False
    search_failed: str = ""
    facts: Inquiry[Facts] | None = None
    refused: dict[str, str] = field(default_factory=dict)
    """Why a request cannot work on a chosen repository, by how it is written."""
    facts_failed: str = ""
    profile: Inquiry[ProfiledRepository] | None = None
    profiled: ProfiledRepository | None = None
    profile_failed: str = ""

    @property
    def under_way(self) -> tuple[Inquiry[Any], ...]:
        """Everything that has not been fetched."""
        every = (self.search, self.facts, self.profile)
        return tuple(one for one in every if one is not None)


def looking() -> Looking:
    """Of this tab."""
    if _LOOKING not in st.session_state:
        st.session_state[_LOOKING] = Looking()
    found: Looking = st.session_state[_LOOKING]
    return found


def start_search(app: Application, source: Source, filters: Filters) -> None:
    """Look for repositories; a search that is under way is called off."""
    mine = looking()
    cancel_search()
    mine.search_failed, mine.added, mine.has_told = "", 0, False
    mine.adds_what_it_finds = source.kind is SourceKind.NAMES
    service, most = app.selections, max(LOOKED_AT, len(source.names))
    mine.search = Inquiry(
        pool(), lambda tell: service.select([source], filters, most, tell), "Asking the code host …"
    )


def cancel_search() -> None:
    """Call the search off; what was found before stays."""
    mine = looking()
    if mine.search is not None:
        mine.search.cancel()
        mine.search = None


def was_added() -> bool:
    """Whether the last search added what was named; said once, to empty the field."""
    mine = looking()
    told, mine.has_told = mine.has_told, mine.added > 0
    return mine.added > 0 and not told


def look_over(app: Application, repository: RepositoryRef) -> None:
    """Clone a repository for a moment, to see what a job would meet there."""
    mine, service = looking(), app.profiles
    mine.profile_failed = ""
    mine.profile = Inquiry(pool(), lambda tell: service.profile(repository, tell), "Asking …")


def try_facts_again() -> None:
    """Ask again for what could not be looked up."""
    looking().facts_failed = ""


def fetch(app: Application, draft: Draft) -> Draft:
    """Take what inquiries brought, and begin those that the draft needs; the draft with it."""
    mine = looking()
    draft = _fetch_search(app, mine, draft)
    draft = _fetch_facts(mine, draft)
    _fetch_profile(mine)
    _start_facts(app, mine, draft)
    return draft


def _fetch_search(app: Application, mine: Looking, draft: Draft) -> Draft:
    if mine.search is None or not mine.search.has_ended:
        return draft
    search, mine.search = mine.search, None
    try:
        mine.found = search.result()
    except CalledOff:
        return draft
    except CodyBatchError as error:
        mine.search_failed = error.message
        return draft
    if not mine.adds_what_it_finds:
        return draft
    added = draft.with_repositories(
        ChosenRepository(repository=one.repository, facts=one) for one in mine.found.chosen
    )
    if len(added.repositories) > app.requests.intake.policy.max_repositories:
        return draft  # then a person chooses
    mine.added, mine.found = len(mine.found.chosen), mine.found.with_(chosen=())
    return added


def _fetch_facts(mine: Looking, draft: Draft) -> Draft:
    if mine.facts is None or not mine.facts.has_ended:
        return draft
    asked, mine.facts = mine.facts, None
    try:
        answers = asked.result()
    except CodyBatchError as error:
        mine.facts_failed = error.message
        return draft
    known = {}
    for name, answer in answers:
        if isinstance(answer, RepositoryFacts):
            known[str(name)] = answer
        else:
            mine.refused[str(name)] = answer.detail
    return draft.with_(
        repositories=tuple(
            one.with_(facts=known.get(str(one.repository), one.facts)) for one in draft.repositories
        )
    )


def _fetch_profile(mine: Looking) -> None:
    if mine.profile is None or not mine.profile.has_ended:
        return
    asked, mine.profile = mine.profile, None
    try:
        mine.profiled = asked.result()
    except CodyBatchError as error:
        mine.profile_failed = error.message


def _start_facts(app: Application, mine: Looking, draft: Draft) -> None:
    unknown = [
        one.repository
        for one in draft.repositories
        if one.facts is None and str(one.repository) not in mine.refused
    ]
    can_ask = app.settings.allowed_repositories.patterns and not mine.facts_failed
    if not unknown or mine.facts is not None or not can_ask:
        return
    service = app.selections
    mine.facts = Inquiry(
        pool(),
        lambda tell: tuple(zip(unknown, service.look_up(unknown, tell), strict=True)),
        "Asking for what is chosen …",
    )


def forget_what_was_found() -> None:
    """Fold the results of the last search away."""
    looking().found = None

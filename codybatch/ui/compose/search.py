"""Looking for repositories: what was asked, and what came of it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codybatch.domain.errors import InvalidSelection
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef
from codybatch.domain.selection import (
    Filters,
    LeftOut,
    LeftOutBecause,
    Selection,
    Source,
    SourceKind,
    size_in_words,
)
from codybatch.services.moments import moment_of
from codybatch.services.selection import kilobytes, left_out_in_short, repositories_in
from codybatch.ui.compose.words import repositories
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import ago

SHOWN = 12
"""Rows of what was found, before more are asked for."""
SHOWN_LEFT_OUT = 60
LOOKED_AT = 300
"""Candidates of a source: a few calls of the code host. More are asked for by narrowing it."""


@dataclass(frozen=True)
class FoundRow:
    """A repository that can be chosen."""

    facts: RepositoryFacts
    owner: str
    name: str
    about: str
    is_chosen: bool

    @property
    def key(self) -> str:
        """What a row acts on: the repository's id at the code host."""
        return self.facts.id


@dataclass(frozen=True)
class SearchResult:
    """What a search found, in words."""

    rows: tuple[FoundRow, ...]
    more: int
    """How many more rows there are."""
    summary: str
    incomplete: str
    left_out: tuple[tuple[str, str], ...]
    """Names, and why each is not offered."""
    left_out_in_short: str
    how_to_allow: str
    """Empty where nothing was left out for want of a pattern."""


def asked(said: Mapping[str, Any], host: str, now: datetime) -> tuple[Source, Filters]:
    """What the widgets of the search ask for.

    Raises:
        UsageError: something of it cannot be understood; the message says what.
    """
    kind = SourceKind(said["where"])
    text = str(said.get("words") or "")
    if kind is SourceKind.NAMES:
        source = Source(kind=kind, names=repositories_in(text, host))
    elif not text.strip():
        raise InvalidSelection("Say what to look for.")
    else:
        source = Source(kind=kind, query=text.strip())
    return source, filters_of(said, now)


def filters_of(said: Mapping[str, Any], now: datetime) -> Filters:
    """The filters that the widgets say.

    Raises:
        UsageError: a size or a day cannot be understood, or nothing can pass.
    """
    least, largest = (str(said.get(name) or "").strip() for name in ("min_size", "max_size"))
    since = str(said.get("since") or "").strip()
    filters = Filters(
        languages=tuple(said.get("languages") or ()),
        min_size_kb=kilobytes(least) if least else None,
        max_size_kb=kilobytes(largest) if largest else None,
        pushed_since=moment_of(since, now) if since else None,
        archived=bool(said.get("archived")),
        forks=bool(said.get("forks")),
        owned={"owned": True, "not owned": False}.get(str(said.get("owned"))),
    )
    filters.check()
    return filters


def search_result(
    found: Selection,
    chosen: frozenset[str],
    allowed: AllowList,
    clean: Clean,
    now: datetime,
    *,
    most: int = SHOWN,
    added: int = 0,
) -> SearchResult:
    """A selection in words.

    Args:
        found: what came of the search.
        chosen: full names in lower case of those that the draft has already.
        allowed: the allow-list, for what is not on it.
        clean: takes secrets out.
        now: what time it is.
        most: rows to show.
        added: how many were chosen by the search itself.
    """
    rows = tuple(_row(facts, chosen, clean, now) for facts in found.chosen[:most])
    refused = any(one.because is LeftOutBecause.NOT_ALLOWED for one in found.left_out)
    count = len(found.chosen)
    return SearchResult(
        rows=rows,
        more=max(0, count - len(rows)),
        summary=_summary(count, added),
        incomplete=shown_on_one_line(found.incomplete, clean),
        left_out=tuple(_left_out(one, clean) for one in found.left_out[:SHOWN_LEFT_OUT]),
        left_out_in_short=left_out_in_short(found.left_out) if found.left_out else "",
        how_to_allow=how_to_allow(allowed) if refused else "",
    )


def _summary(found: int, added: int) -> str:
    if added:
        return f"{repositories(added)} added"
    return f"{found:,} found" if found else "None found that a request could work on"


def how_to_allow(allowed: AllowList) -> str:
    """What to do about a repository that the allow-list does not permit."""
    return (
        "To allow one, add it to CODYBATCH_ALLOWED_REPOSITORIES, which is "
        f"{','.join(allowed.patterns)!r}, and start the workbench again."
    )


def about(facts: RepositoryFacts, now: datetime | None = None) -> str:
    """What is known of a repository, on one line; with its last push where the time is given."""
    traits = {"private": facts.private, "fork": facts.fork, "archived": facts.archived}
    parts = (
        facts.language or "",
        size_in_words(facts.size_kb),
        f"pushed {ago(facts.pushed_at, now)}" if now and facts.pushed_at else "",
        *(name for name, holds in traits.items() if holds),
        "owned" if facts.owned else "not owned",
    )
    return " · ".join(part for part in parts if part)


def key_of_repository(repository: RepositoryRef) -> str:
    """What makes two names the same repository."""
    return repository.full_name.lower()


def _row(facts: RepositoryFacts, chosen: frozenset[str], clean: Clean, now: datetime) -> FoundRow:
    return FoundRow(
        facts=facts,
        owner=facts.repository.owner,
        name=facts.repository.name,
        about=shown_on_one_line(about(facts, now), clean),
        is_chosen=key_of_repository(facts.repository) in chosen,
    )


def _left_out(one: LeftOut, clean: Clean) -> tuple[str, str]:
    return str(one.repository), shown_on_one_line(one.detail, clean)

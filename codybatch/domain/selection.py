"""Choosing repositories: where candidates come from, which are kept, why others are not."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from codybatch.domain.errors import InvalidSelection
from codybatch.domain.records import Moment, Record
from codybatch.domain.repositories import AllowList, RepositoryFacts, RepositoryRef


class SourceKind(StrEnum):
    """Where candidates come from."""

    NAMES = "names"
    """Repositories that a person or a file names."""
    ORGANISATION = "organisation"
    USER = "user"
    TOPIC = "topic"
    SEARCH = "search"
    """The code host's search of repositories, in its own words."""
    CODE = "code"
    """The code host's search of code: repositories with a file that matches."""


class Source(Record):
    """One place to take candidates from."""

    kind: SourceKind
    query: str = ""
    """The organisation, user, topic or search."""
    names: tuple[RepositoryRef, ...] = ()
    """For ``names``: which."""


class Filters(Record):
    """Which candidates are kept; a filter that is not set keeps all."""

    languages: tuple[str, ...] = ()
    """Main language, without regard to case; any of them."""
    min_size_kb: int | None = Field(default=None, ge=0)
    max_size_kb: int | None = Field(default=None, ge=0)
    """Kilobytes of the whole history, as the code host says."""
    pushed_since: Moment | None = None
    archived: bool = False
    """Whether archived ones are kept; they can be listed, and never be worked on."""
    forks: bool = False
    """Whether forks are kept."""
    owned: bool | None = None
    """Only those where the service account may push, or only the others."""

    def check(self) -> None:
        """Refuse filters that nothing can pass.

        Raises:
            InvalidSelection: the least size is above the largest.
        """
        least, largest = self.min_size_kb, self.max_size_kb
        if least is not None and largest is not None and least > largest:
            raise InvalidSelection(
                f"No repository has at least {size_in_words(least)} and at most "
                f"{size_in_words(largest)}: exchange the two sizes, or leave one out."
            )


class LeftOutBecause(StrEnum):
    """Why a candidate is not offered."""

    NOT_ALLOWED = "not_allowed"
    LANGUAGE = "language"
    SIZE = "size"
    NOT_PUSHED_SINCE = "not_pushed_since"
    ARCHIVED = "archived"
    FORK = "fork"
    OWNED = "owned"
    NOT_OWNED = "not_owned"
    EMPTY = "empty"
    UNUSABLE = "unusable"
    """The code host says it is gone, locked or disabled, or may not be seen."""
    NAMED_TWICE = "named_twice"


class LeftOut(Record):
    """A candidate that is not offered, and why."""

    repository: RepositoryRef
    because: LeftOutBecause
    detail: str
    """One sentence for people: what it is, and what was asked for."""
    facts: RepositoryFacts | None = None
    """What the code host says of it, where it was asked and said something."""


class Selection(Record):
    """What was chosen from the candidates, in the order of their sources."""

    chosen: tuple[RepositoryFacts, ...]
    left_out: tuple[LeftOut, ...]
    looked_at: int
    """Candidates in all."""
    incomplete: str = ""
    """One sentence where there are more than could be looked at; empty where these are all."""


def why_left_out(facts: RepositoryFacts, filters: Filters, allowed: AllowList) -> LeftOut | None:
    """The first reason for which a candidate is not offered; None where it is."""
    found = not_allowed(facts.repository, allowed)
    if found is not None:
        return found.with_(facts=facts)
    because, detail = next(_objections(facts, filters), (None, ""))
    if because is None:
        return None
    return LeftOut(repository=facts.repository, because=because, detail=detail, facts=facts)


def not_allowed(repository: RepositoryRef, allowed: AllowList) -> LeftOut | None:
    """That the allow-list does not permit a repository, and which pattern it is."""
    if allowed.permits(repository):
        return None
    pattern = allowed.excluding(repository)
    detail = (
        f"The pattern {pattern} of CODYBATCH_ALLOWED_REPOSITORIES excludes it."
        if pattern
        else "No pattern of CODYBATCH_ALLOWED_REPOSITORIES includes it: "
        f"{', '.join(allowed.patterns)}."
    )
    return LeftOut(repository=repository, because=LeftOutBecause.NOT_ALLOWED, detail=detail)


Objection = tuple[LeftOutBecause, str]


def _objections(facts: RepositoryFacts, filters: Filters) -> Iterator[Objection]:
    if facts.disabled:
        yield LeftOutBecause.UNUSABLE, "The code host has disabled it."
    if facts.archived and not filters.archived:
        yield LeftOutBecause.ARCHIVED, "It is archived, and archived ones were not asked for."
    if not facts.default_branch:
        yield LeftOutBecause.EMPTY, "It is empty: there is no commit to work on."
    if facts.fork and not filters.forks:
        yield LeftOutBecause.FORK, "It is a fork, and forks were not asked for."
    yield from _other_language(facts, filters)
    yield from _other_size(facts, filters)
    yield from _too_long_ago(facts, filters)
    if filters.owned is True and not facts.owned:
        yield LeftOutBecause.NOT_OWNED, "The service account may not push there; asked for owned."
    if filters.owned is False and facts.owned:
        yield LeftOutBecause.OWNED, "The service account may push there; asked for not owned."


def _other_language(facts: RepositoryFacts, filters: Filters) -> Iterator[Objection]:
    wanted = {language.casefold() for language in filters.languages}
    if wanted and (facts.language or "").casefold() not in wanted:
        has = f"Its main language is {facts.language}" if facts.language else "It has no language"
        yield LeftOutBecause.LANGUAGE, f"{has}; asked for {' or '.join(filters.languages)}."


def _other_size(facts: RepositoryFacts, filters: Filters) -> Iterator[Objection]:
    least, largest = filters.min_size_kb, filters.max_size_kb
    has = f"It has {size_in_words(facts.size_kb)}"
    if least is not None and facts.size_kb < least:
        yield LeftOutBecause.SIZE, f"{has}; asked for at least {size_in_words(least)}."
    if largest is not None and facts.size_kb > largest:
        yield LeftOutBecause.SIZE, f"{has}; asked for at most {size_in_words(largest)}."


def _too_long_ago(facts: RepositoryFacts, filters: Filters) -> Iterator[Objection]:
    since, last = filters.pushed_since, facts.pushed_at
    if since is not None and (last is None or last < since):
        has = f"The last push was on {last:%Y-%m-%d}" if last else "Nothing was ever pushed"
        yield LeftOutBecause.NOT_PUSHED_SINCE, f"{has}; asked for since {since:%Y-%m-%d}."


def size_in_words(kilobytes: int) -> str:
    """A size as people say it: ``340 KB``, ``12.5 MB``, ``3 GB`` (of 1,024 each)."""
    size, unit = float(kilobytes), "KB"
    for larger in ("MB", "GB"):
        if round(size, 1) >= 1024:
            size, unit = size / 1024, larger
    return f"{size:,.1f}".removesuffix(".0") + f" {unit}"

"""Repositories: which ones a request could work on, and why others are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, Flag
from codybatch.api.call import Submitting
from codybatch.api.routing import problems, router
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.selection import Filters, Source, SourceKind
from codybatch.services.moments import moment_of
from codybatch.services.wire.others import SelectionShown

routes = router("repositories")

MOST = 1000
Text = Annotated[str, Field(max_length=300)]
Names = Annotated[list[Text], Field(max_length=100)]
Texts = Annotated[list[Text], Field(max_length=5)]
"""Each is a question to the code host, and the asker waits for its answers."""
SizeKb = Annotated[int, Field(ge=0, le=2**40)] | None


class Candidates(Asked):
    """Where to look, and what to keep; every source can be repeated."""

    name: Names = Field(default_factory=list)
    """``owner/name``, ``owner/name@ref``, or an address on the code host."""
    org: Texts = Field(default_factory=list)
    user: Texts = Field(default_factory=list)
    topic: Texts = Field(default_factory=list)
    search: Texts = Field(default_factory=list)
    """What the code host's search of repositories finds, in its own words."""
    code: Texts = Field(default_factory=list)
    """Those with a file that the code host's search of code finds."""
    language: Names = Field(default_factory=list)
    min_size_kb: SizeKb = None
    max_size_kb: SizeKb = None
    pushed_since: Annotated[str, Field(max_length=40)] | None = None
    """``2026-01-31``, ``30d`` or ``6w``."""
    archived: Flag = False
    """Archived ones, too; no job can work there."""
    forks: Flag = False
    """Forks, too."""
    owned: Flag | None = None
    """Only where we may push, or only where not."""
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    """How many to look at, of each source."""

    def sources(self, host: str) -> Iterator[Source]:
        """Where to look.

        Raises:
            InvalidRepository: a name is none.
        """
        if self.name:
            names = tuple(RepositoryRef.parse(name, host) for name in self.name)
            yield Source(kind=SourceKind.NAMES, names=names)
        asked = {
            SourceKind.ORGANISATION: self.org,
            SourceKind.USER: self.user,
            SourceKind.TOPIC: self.topic,
            SourceKind.SEARCH: self.search,
            SourceKind.CODE: self.code,
        }
        for kind, queries in asked.items():
            yield from (Source(kind=kind, query=query) for query in queries)

    def filters(self, now: datetime) -> Filters:
        """What to keep.

        Raises:
            UsageError: a day cannot be understood.
        """
        return Filters(
            languages=tuple(self.language),
            min_size_kb=self.min_size_kb,
            max_size_kb=self.max_size_kb,
            pushed_since=moment_of(self.pushed_since, now) if self.pushed_since else None,
            archived=self.archived,
            forks=self.forks,
            owned=self.owned,
        )


@routes.get("/repositories", response_model=SelectionShown, responses=problems(404, 502))
def list_repositories(call: Submitting, wanted: Annotated[Candidates, Query()]) -> Response:
    """List the repositories that a request could work on, and say why others are left out.

    The code host is asked; where it wants a pause, the answer is 429 with Retry-After.
    """
    app = call.app
    sources = tuple(wanted.sources(app.settings.code_host_name))
    at_once = replace(app.selections, is_patient=False)
    found = at_once.select(sources, wanted.filters(app.clock.now()), wanted.limit)
    return call.answer(SelectionShown.of(found))

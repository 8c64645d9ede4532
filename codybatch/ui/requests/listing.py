"""The list of requests as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from codybatch.domain.errors import InvalidCursor
from codybatch.domain.identifiers import Person
from codybatch.domain.requests import Request
from codybatch.ports import Page, PageRequest, Partition, PartitionKind
from codybatch.services.requests import Requests
from codybatch.services.wording import counted, money
from codybatch.ui.pace import refresh_seconds_of
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.requests.standing import badge_of, standing
from codybatch.ui.words import Badge, Moment, moment_of

ROWS = 25
"""Rows of one page."""


@dataclass(frozen=True)
class RequestQuery:
    """What the list is asked for; all of it stands in the page's address. Of several filters the
    first that is given is used.
    """

    words: str = ""
    """Only requests that hold all of these words."""
    prompt: str = ""
    """Only those of the prompt with this name."""
    repository: str = ""
    """Only those with a job in this repository, ``owner/name``."""
    mine: Person | None = None
    """Only those of this person."""
    cursor: str | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.words.strip() or self.prompt or self.repository or self.mine)

    def address(self, cursor: str | None) -> dict[str, str]:
        """The address's parameters of another page of the same list."""
        written = {
            "q": self.words.strip(),
            "prompt": self.prompt,
            "repository": self.repository,
            "mine": "true" if self.mine else "",
            "cursor": cursor,
        }
        return {name: value for name, value in written.items() if value}


@dataclass(frozen=True)
class RequestRow:
    """One row: everything already in words; ``title`` is anybody's."""

    id: str
    badge: Badge
    title: str
    about: str
    standing: str
    """How far it came, where it has several jobs: of one, the badge says so."""
    jobs: str
    cost: str
    when: Moment


@dataclass(frozen=True)
class RequestList:
    """A page of rows; ``cursor`` leads to the next."""

    rows: tuple[RequestRow, ...]
    cursor: str | None
    refresh_seconds: float | None
    """When to look again; None where nothing can change any more."""
    begins_again: bool = False
    """Whether the page that was asked for does not exist, and this is the first."""


def request_list(
    requests: Requests, clean: Clean, now: datetime, asked: RequestQuery, zone: tzinfo = UTC
) -> RequestList:
    """The rows of a query, newest first; the first page where its cursor is of another list."""
    try:
        return _shown(_found(requests, asked), clean, now, zone)
    except InvalidCursor:
        first = _found(requests, replace(asked, cursor=None))
        return replace(_shown(first, clean, now, zone), begins_again=True)


def _found(requests: Requests, asked: RequestQuery) -> Page[Request]:
    page = PageRequest(limit=ROWS, cursor=asked.cursor)
    if asked.words.strip():
        return requests.search(asked.words, page)
    return requests.list(_partition(asked), page)


def _partition(asked: RequestQuery) -> Partition:
    if asked.prompt:
        return Partition(PartitionKind.PROMPT, asked.prompt)
    if asked.repository:
        return Partition(PartitionKind.REPOSITORY, asked.repository)
    if asked.mine:
        return Partition(PartitionKind.REQUESTER, asked.mine)
    return Partition()


def _shown(found: Page[Request], clean: Clean, now: datetime, zone: tzinfo) -> RequestList:
    return RequestList(
        rows=tuple(request_row(request, clean, now, zone) for request in found.items),
        cursor=found.cursor,
        refresh_seconds=refresh_seconds_of([request.counts for request in found.items]),
    )


def request_row(request: Request, clean: Clean, now: datetime, zone: tzinfo = UTC) -> RequestRow:
    """One request in words."""
    about = f"by {request.requester} · {request.prompt.name} v{request.prompt.version}"
    return RequestRow(
        id=request.id,
        badge=badge_of(request.counts),
        title=shown_on_one_line(request.title, clean, longest=160),
        about=shown_on_one_line(f"{about} · {request.options.model}", clean),
        standing=standing(request.counts) if request.counts.total > 1 else "",
        jobs=counted(request.counts.total, "job"),
        cost=money(request.budget.spent_usd),
        when=moment_of(request.created_at, now, zone),
    )

"""Where records stand in lists, and how a page is read from there: the same for every store."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from codybatch.domain.errors import UsageError
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.ports.lists import PageRequest
from codybatch.stores import cursors

MAX_LIMIT = 1_000
AFTER_ALL = "~"
"""Greater than every place."""
_PLACE = re.compile(r"\d{14}\.[0-9a-z]{26}(-\d{6})?")


def place_of_request(request: Request) -> str:
    """Where a request stands in every list: by its time of creation, then by its id."""
    return f"{time_prefix(request.created_at)}.{request.id}"


def place_of_job(job: Job) -> str:
    """Where a job stands in every list: by its time of creation, then by its id."""
    return f"{time_prefix(job.created_at)}.{job.request}-{job.index:06d}"


def time_prefix(moment: datetime) -> str:
    """The beginning of all places of the same millisecond, the unit in which ids are ordered."""
    return f"{max(0, microseconds(moment)) // 1000:014d}"


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since the epoch."""
    since_epoch = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000_000 + since_epoch.microseconds


class Bounds(NamedTuple):
    """The places of a page stand between these two, neither of which belongs to it."""

    after: str
    before: str


def bounds(page: PageRequest, list_name: str) -> Bounds:
    """Where the rest of a list is, from a page on, to the millisecond of its times.

    Raises:
        InvalidCursor: the cursor is forged or of another list.
    """
    after = time_prefix(page.since) if page.since else ""
    before = time_prefix(page.until) + AFTER_ALL if page.until else AFTER_ALL
    last = cursors.start_of(page, name_for(page, list_name), _PLACE)
    if last is not None and page.oldest_first:
        after = max(after, last)
    elif last is not None:
        before = min(before, last)
    return Bounds(after, before)


def name_for(page: PageRequest, list_name: str) -> str:
    """What list it is in the page's order: a cursor of another name is refused."""
    return f"{list_name}, oldest first" if page.oldest_first else list_name


def checked_limit(page: PageRequest) -> int:
    """How many rows a page may have.

    Raises:
        UsageError: less than 1 or more than MAX_LIMIT.
    """
    if not 1 <= page.limit <= MAX_LIMIT:
        raise UsageError(f"A page has 1 to {MAX_LIMIT:,} rows, not {page.limit}.")
    return page.limit

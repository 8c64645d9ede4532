"""Lists of requests that several things are asked of at once, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from codybatch.domain.identifiers import RequestId
from codybatch.domain.requests import Request
from codybatch.ports import PageRequest, Partition, PartitionKind, Records
from codybatch.services.job_lists import FEWEST_AT_ONCE, MOST_AT_ONCE


@dataclass(frozen=True)
class RequestFilter:
    """What is asked for: requests of which all of it is true."""

    request: str = ""
    """An id."""
    repository: str = ""
    """``owner/name`` of one of its jobs, without regard to case."""
    prompt: str = ""
    """A prompt's name."""
    requester: str = ""
    since: datetime | None = None
    """Made at or after."""
    until: datetime | None = None
    """Made before."""

    @property
    def partition(self) -> Partition:
        """The store's list that holds all that is asked for and, as a rule, the least else."""
        if self.repository:
            return Partition(PartitionKind.REPOSITORY, self.repository)
        if self.prompt:
            return Partition(PartitionKind.PROMPT, self.prompt)
        if self.requester:
            return Partition(PartitionKind.REQUESTER, self.requester)
        return Partition()

    def fits(self, request: Request) -> bool:
        """Whether a request is what is asked for."""
        return (
            (not self.repository or self._has_repository(request))
            and self.prompt in {"", request.prompt.name}
            and self.requester in {"", request.requester}
            and (self.since is None or request.created_at >= self.since)
            and (self.until is None or request.created_at < self.until)
        )

    def _has_repository(self, request: Request) -> bool:
        names = {one.full_name.lower() for one in request.repositories}
        return self.repository.lower() in names


def pages_of_requests(
    records: Records, wanted: RequestFilter, most: int | None = None
) -> Iterator[tuple[Request, ...]]:
    """All requests that fit a filter, newest first, some at a time.

    Args:
        records: where they are.
        wanted: what is asked for.
        most: how many in all; None for every one.

    Raises:
        NotFound: there is no request with the id that is asked for.
    """
    left, cursor = most, None
    if wanted.request:
        found = records.request(RequestId(wanted.request))
        if wanted.fits(found) and left != 0:
            yield (found,)
        return
    while left is None or left > 0:
        limit = MOST_AT_ONCE if left is None else min(max(left, FEWEST_AT_ONCE), MOST_AT_ONCE)
        page = records.list_requests(
            wanted.partition, PageRequest(limit, cursor, wanted.since, wanted.until)
        )
        fitting = tuple(one for one in page.items if wanted.fits(one))[:left]
        if fitting:
            yield fitting
        cursor = page.cursor
        if cursor is None:
            return
        left = None if left is None else left - len(fitting)

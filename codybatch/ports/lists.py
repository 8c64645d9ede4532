"""How lists of records are asked for, and what the store answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request

T = TypeVar("T")


class PartitionKind(StrEnum):
    """What a list can be of."""

    EVERYTHING = "everything"
    STATE = "state"
    REPOSITORY = "repository"
    PROMPT = "prompt"
    REQUEST = "request"
    REQUESTER = "requester"
    OPEN_PULL_REQUEST = "open_pull_request"
    UNJUDGED = "unjudged"
    WITHHELD = "withheld"
    EXPERIMENT = "experiment"


@dataclass(frozen=True)
class Partition:
    """One list: everything, or all that have this state, repository (``owner/name``), prompt name,
    request id or requester; or whose pull request was open when it was last looked at: all of
    them, or those of one repository; or all that ended with a result and have no verdict of
    anybody; or all that ended with their publication withheld; or all that were made for an
    experiment (by its id). Requests have no partitions by state, by request, or by an open pull
    request, a missing verdict or a withheld publication.
    """

    kind: PartitionKind = PartitionKind.EVERYTHING
    value: str = ""


EVERYTHING = Partition()


@dataclass(frozen=True)
class PageRequest:
    """Which page of a list, from the cursor of the page before; newest first where not said."""

    limit: int = 50
    """1 to 1,000."""
    cursor: str | None = None
    since: datetime | None = None
    """Created at or after."""
    until: datetime | None = None
    """Created before."""
    oldest_first: bool = False
    """The other way round: what a dispatcher works through."""


FIRST_PAGE = PageRequest()


@dataclass(frozen=True)
class FlagCounts:
    """How many jobs are in each of the partitions that only few jobs are in for long."""

    open_pull_request: int = 0
    unjudged: int = 0
    withheld: int = 0


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page; ``cursor`` leads to the next and is None on the last."""

    items: tuple[T, ...]
    cursor: str | None = None


@dataclass(frozen=True)
class Signal:
    """What a worker learns from the store whenever it writes."""

    cancel_requested: bool = False


class BudgetScope(StrEnum):
    """Which cap refused a reservation."""

    REQUEST = "request"
    DAY = "day"


@dataclass(frozen=True)
class Reservation:
    """The answer to ``reserve``: granted, or which cap refused it and whether only other jobs'
    reservations stand in the way (then it is worth asking again soon).
    """

    granted: bool
    refused_by: BudgetScope | None = None
    only_reserved: bool = False
    cap_usd: Decimal | None = None
    """The cap that refused it, as it was then: once it is higher it is worth asking again."""


@dataclass(frozen=True)
class Created:
    """The answer to ``create_request``: what is stored, and whether it was stored before."""

    request: Request
    jobs: tuple[Job, ...]
    replayed: bool


@dataclass(frozen=True)
class CredentialTrouble:
    """A credential that a service refused; every job that uses it waits."""

    credential: str
    """Its name and fingerprint, never its value."""
    reason: str
    since: datetime
    until: datetime
    """When it is worth trying again."""

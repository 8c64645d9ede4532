"""The port of looks at a cloud: what the doctor asks of an account, changing nothing there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class CloudIdentity:
    """Whom an account takes us for."""

    account: str
    name: str
    """Such as the ARN of a role; no secret."""
    region: str
    """The one that is asked."""
    told_at: datetime | None = None
    """What time it was there; None where it was not said."""


@dataclass(frozen=True)
class TableFacts:
    """What a table is."""

    name: str
    is_ready: bool
    keys: tuple[str, ...]
    """Its key's attributes with their types, as ``pk S``."""
    expected_keys: tuple[str, ...]
    """Those of a table of ours."""
    time_to_live: str
    """The attribute after which items end; empty where none do."""
    expected_time_to_live: str


@dataclass(frozen=True)
class BucketFacts:
    """What a bucket is."""

    name: str
    is_shut: bool | None
    """Whether nothing can make it public; None where we may not look."""
    is_public: bool
    """Whether its policy opens it to everybody."""


@dataclass(frozen=True)
class MachineFacts:
    """What a queue's machines are: a compute environment."""

    name: str
    problem: str
    """Why it starts nothing; empty where it does."""


@dataclass(frozen=True)
class QueueFacts:
    """What a queue of jobs is."""

    name: str
    is_enabled: bool
    problem: str = ""
    """Why it is not valid, in the cloud's words; empty where it is."""
    machines: tuple[MachineFacts, ...] = ()


@dataclass(frozen=True)
class DefinitionFacts:
    """What a job definition is."""

    name: str
    """With its revision."""


class StoreLook(Protocol):
    """Looks at where records and objects live.

    Every method raises ``StoreRefused``, ``StoreUnavailable`` or ``StoreNotSetUp`` where there is
    nothing to be seen.
    """

    def identity(self) -> CloudIdentity:
        """Whom the account takes us for."""
        ...

    def table(self) -> TableFacts:
        """The table."""
        ...

    def bucket(self) -> BucketFacts:
        """The bucket."""
        ...


class QueueLook(Protocol):
    """Looks at what runs jobs; every method raises ``EngineError`` where it cannot."""

    queue_name: str
    definition_name: str

    def queue(self) -> QueueFacts | None:
        """The queue; None where there is none of that name."""
        ...

    def definition(self) -> DefinitionFacts | None:
        """The newest active definition of that name; None where there is none."""
        ...

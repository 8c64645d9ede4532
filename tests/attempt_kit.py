"""A job in a store of its own, and attempts at it that get no further than the clone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, cast

from codybatch.domain.errors import CodeHostCredentialRefused
from codybatch.domain.jobs import Job
from codybatch.domain.repositories import AllowList
from codybatch.ports import CodeHost, GitAccess
from codybatch.services.publication import Publisher
from codybatch.services.waiting import WaitingRoom
from codybatch.stores.embedded import EmbeddedStore
from codybatch.worker.run import Work, claim
from codybatch.worker.surroundings import ConversationCommand, Surroundings
from codybatch.workspace.checkout import WorkspaceLimits
from codybatch.workspace.redaction import Net, SecretScanner
from tests.contracts.examples import NOON, an_owner, queued

REFUSED = CodeHostCredentialRefused("The token was refused.")


@dataclass
class SteeredClock:
    """A clock that moves only when told."""

    time: datetime = NOON
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float, until: Event | None = None) -> None:  # noqa: ARG002
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class Refusing:
    """A code host that gives nothing but an error."""

    error: Exception

    def git_access(self, *_: Any, **__: Any) -> GitAccess:
        raise self.error

    def may_push(self, *_: Any) -> bool:
        raise self.error

    def waiting(self, _: Any) -> Refusing:
        return self


@dataclass
class Site:
    """One job in a store of its own, and workers that get no further than the clone."""

    home: Path
    clock: SteeredClock = field(default_factory=SteeredClock)
    attempts: int = 0
    program: tuple[str, ...] = ("cat",)
    """In place of the conversation."""

    def __post_init__(self) -> None:
        self.store = EmbeddedStore(self.home)
        self.job = queued(self.store.records).id

    def around(self, error: Exception) -> Surroundings:
        net = Net((), SecretScanner())
        host = cast("CodeHost", Refusing(error))
        return Surroundings(
            records=self.store.records,
            blobs=self.store.blobs,
            code_host=lambda: host,
            publisher=Publisher(lambda: host, self.store.records, self.clock, net),
            clock=self.clock,
            net=net,
            allowed=AllowList.parse("acme/*"),
            limits=WorkspaceLimits(),
            daily_cap_usd=None,
            folder=self.home / "work",
            conversation=ConversationCommand(self.program, {"PATH": "/usr/bin:/bin"}),
            credential="model:1",
            code_host_credential="host:1",
            price_table="none",
        )

    def begin(self, error: Exception = REFUSED) -> Work:
        self.attempts += 1
        around = self.around(error)
        attempt = claim(self.job, an_owner(self.attempts), around)
        assert attempt is not None
        return Work(attempt, around)

    def work(self, error: Exception = REFUSED) -> Job:
        """One attempt, whatever comes of it; then all it could have waited for has happened."""
        work = self.begin(error)
        with work.attempt:
            work.do()
        found = self.found()
        self.clock.sleep(3600)
        room = WaitingRoom(self.store.records, self.clock, None, frozenset({"model:1", "host:1"}))
        room.put_back()
        return found

    def found(self) -> Job:
        return self.store.records.job(self.job)

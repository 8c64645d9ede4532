"""Connections to GitHub: one PyGithub client a thread, asked again by us, never by the library.

PyGithub's own retry sends a POST again after a 5xx, so that a pull request may be made twice, and
obeys a ``Retry-After`` of hours with the thread asleep and nobody told. So it is switched off: a
read is asked again here, a write never is (its caller looks whether it happened), and a pause that
GitHub asks for is waited out where it is short, by whoever is told of it.

A client is not safe for threads: verb, address and body are attributes of one shared connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from github import Auth, Github

from codybatch.domain.errors import (
    CodeHostThrottled,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.failures import graphql_failure, translated
from codybatch.github.write_gate import WriteGate
from codybatch.ports import Clock, OnWait

log = logging.getLogger(__name__)

Found = TypeVar("Found")

TIMEOUT_SECONDS = 30
"""To connect, and between two bytes of an answer."""
LONGEST_WAIT_SECONDS = 60.0
"""In one call. A longer pause is not held out in a process: the job waits instead."""
SHORTEST_WAIT_SECONDS = 1.0
TRIES = 3
FIRST_PAUSE_SECONDS = 0.5
"""Before a read is asked for again; doubled each time."""


@dataclass(frozen=True)
class GraphQLAnswer:
    """An answer in parts: what could be found, and what could not."""

    data: dict[str, Any]
    errors: tuple[dict[str, Any], ...]

    def error_at(self, name: str) -> dict[str, Any]:
        """The error that stands at a field of the query; empty where there is none."""
        return next((e for e in self.errors if (e.get("path") or [None])[0] == name), {})


@dataclass
class Connection:
    """One thread's way to GitHub, as the token's account or as nobody."""

    api_url: str
    token: str | None = field(repr=False)
    gate: WriteGate
    clock: Clock
    on_wait: OnWait | None = None
    client: Github | None = None
    names: dict[str, str] = field(default_factory=dict)

    def waiting(self, on_wait: OnWait) -> Connection:
        """The same connection, whose pauses are waited out by ``on_wait``."""
        shared = self._github()
        return Connection(self.api_url, self.token, self.gate, self.clock, on_wait, shared)

    def read(self, doing: str, ask: Callable[[Github], Found]) -> Found:
        """What ``ask`` gives, asked for again where GitHub or the network fails.

        Args:
            doing: what for, such as ``looking up acme/app``; stands in messages.
            ask: the question; it must take in the whole answer, pages too.

        Raises:
            The errors of ``failures.translated``.
        """
        return self._patiently(doing, lambda: ask(self._github()), TRIES)

    def write(self, doing: str, act: Callable[[Github], Found]) -> Found:
        """What ``act`` gives; it is done once, unless GitHub refused it for its number alone.

        Raises:
            RepositoryUnavailable: it is unknown whether it happened.
            The other errors of ``failures.translated``: it did not happen.
        """

        def once() -> Found:
            with self.gate.passing():
                return act(self._github())

        return self._patiently(doing, once, tries=1)

    def graphql(self, doing: str, query: str, variables: dict[str, Any]) -> GraphQLAnswer:
        """A query's answer whole: data and errors side by side, for the caller to weigh.

        Raises:
            The errors of ``failures.translated``; also where there is no data at all.
        """

        def ask(github: Github) -> GraphQLAnswer:
            asked = {"query": query, "variables": variables}
            url = github.requester.graphql_url
            headers, answer = github.requester.requestJsonAndCheck("POST", url, input=asked)
            errors = tuple(answer.get("errors") or ())
            data = answer.get("data")
            failure = graphql_failure(errors, data, headers, doing, self.clock.now())
            if failure is not None:
                raise failure
            return GraphQLAnswer(dict(data), errors)

        return self.read(doing, ask)

    def current_name(self, repository: RepositoryRef) -> str:
        """The repository's name of today, as ``owner/name``; asked for once.

        A write to a former name is not done, and a list asked for under it loses its conditions.

        Raises:
            RepositoryNotFound: it is gone, or belongs to somebody else now.
        """
        asked = repository.full_name
        if asked not in self.names:
            doing = f"looking up {asked}"
            found = self.read(doing, lambda github: github.get_repo(asked).raw_data)
            self.note_name(repository, str(found["full_name"]))
        return self.names[asked]

    def note_name(self, repository: RepositoryRef, found: str) -> None:
        """Remember under which name GitHub answered.

        Raises:
            RepositoryNotFound: it belongs to somebody else now, whom nobody allowed.
        """
        asked = repository.full_name
        if found.partition("/")[0].lower() != repository.owner.lower():
            raise RepositoryNotFound(
                f"{asked} has moved to {found}. Submit the job again under the new name."
            )
        self.names[asked] = found

    def close(self) -> None:
        """Let go of the connections."""
        if self.client is not None:
            self.client.close()
        self.client = None

    def _patiently(self, doing: str, call: Callable[[], Found], tries: int) -> Found:
        patience, pause = LONGEST_WAIT_SECONDS, FIRST_PAUSE_SECONDS
        while True:
            try:
                with translated(doing, self.clock):
                    return call()
            except CodeHostThrottled as error:
                asked = (error.until - self.clock.now()).total_seconds()
                seconds = max(SHORTEST_WAIT_SECONDS, asked)
                if seconds > patience:
                    raise
                patience -= seconds
                self._wait(seconds, f"GitHub asks for a pause of {seconds:.0f} s while {doing}.")
            except RepositoryUnavailable as error:
                tries -= 1
                if tries <= 0:
                    raise
                log.info("%s Asking again in %s s.", error, pause)
                self.clock.sleep(pause)
                pause *= 2

    def _wait(self, seconds: float, why: str) -> None:
        log.info("%s", why)
        if self.on_wait is None:
            self.clock.sleep(seconds)
        else:
            self.on_wait(seconds, why)

    def _github(self) -> Github:
        if self.client is None:
            self.client = Github(
                auth=Auth.Token(self.token) if self.token else None,
                base_url=self.api_url,
                timeout=TIMEOUT_SECONDS,
                user_agent="cody-batch",
                per_page=100,
                retry=0,
                seconds_between_requests=0,  # paced by the gate, and by what GitHub answers
                seconds_between_writes=0,
                lazy=True,
            )
        return self.client

"""Connections to GitHub: one PyGithub client a thread, asked again by us, never by the library.

PyGithub's own retry sends a POST again after a 5xx, so that a pull request may be made twice, and
obeys a ``Retry-After`` of hours with the thread asleep and nobody told. So it is switched off: a
read is asked again here, a write never is (its caller looks whether it happened), and a pause that
GitHub asks for is waited out where it is short, by whoever is told of it.

A client is not safe for threads: verb, address and body are attributes of one shared connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from github import Github, GithubException

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostThrottled,
    InvalidSelection,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.answers import Answers
from codybatch.github.credentials import FOR_A_CALL, TIMEOUT_SECONDS, Credential
from codybatch.github.facts import named
from codybatch.github.failures import graphql_failure, message_of, translated
from codybatch.github.pace import WINDOW_SECONDS, Pace
from codybatch.github.write_gate import WriteGate
from codybatch.ports import Clock, OnWait

log = logging.getLogger(__name__)

Found = TypeVar("Found")

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

    def error_at(self, *path: str | int) -> dict[str, Any]:
        """The error that stands at a field of the query or below; empty where there is none."""
        length = len(path)
        return next((e for e in self.errors if tuple(e.get("path") or ())[:length] == path), {})


@dataclass
class Connection:
    """One thread's way to GitHub, in the name of a credential."""

    api_url: str
    credential: Credential
    gate: WriteGate
    clock: Clock
    answers: Answers = field(default_factory=Answers)
    permits: Callable[[RepositoryRef], bool] | None = None
    """Whether a repository may be worked on under another name than it was allowed by."""
    on_wait: OnWait | None = None
    client: Github | None = None
    names: dict[str, str] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)

    def waiting(self, on_wait: OnWait) -> Connection:
        """The same connection, whose pauses are waited out by ``on_wait``."""
        self._github()  # made before it is shared
        return replace(self, on_wait=on_wait)

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
        self.token(FOR_A_CALL)  # what is lost here is no write whose end is unknown

        def once() -> Found:
            with self.gate.passing():
                return act(self._github())

        return self._patiently(doing, once, tries=1)

    def get(
        self,
        doing: str,
        path: str,
        read: Callable[[Any], Found],
        parameters: Mapping[str, Any] | None = None,
    ) -> Found:
        """What ``read`` makes of the JSON at a path of the REST API; what was there before costs
        nothing again. Of addresses, only ``html_url`` is sure to be in it.

        Raises:
            The errors of ``failures.translated``.
        """
        asked = dict(parameters or {})
        key = self.answers.key(self.credential.identity, self.api_url + path, asked)
        known = self.answers.find(key)
        conditions = {"If-None-Match": known.etag} if known else {}

        def ask(github: Github) -> Found:
            headers, raw = github.requester.requestJsonAndCheck(
                "GET", path, parameters=asked, headers=dict(conditions)
            )
            if raw is None and known is not None:  # 304, the only answer without a body
                return read(known.body)
            found = read(raw)
            if headers.get("etag"):
                self.answers.keep(key, headers["etag"], raw)
            return found

        return self.read(doing, ask)

    def find(self, doing: str, path: str, read: Callable[[Any], Found]) -> Found | None:
        """Like ``get``; None where there is nothing.

        Raises:
            The other errors of ``failures.translated``.
        """
        try:
            return self.get(doing, path, read)
        except RepositoryNotFound:
            return None

    def search(
        self, doing: str, path: str, read: Callable[[Any], Found], parameters: Mapping[str, Any]
    ) -> Found:
        """What ``read`` makes of one page of a search, which GitHub lets through a few times a
        minute.

        Where the minute's last search is spent, what is left of the minute is waited out first.

        Raises:
            InvalidSelection: GitHub does not understand it; the message says why.
            The other errors of ``failures.translated``.
        """
        pace = self.paces.setdefault(path, Pace())

        def ask(github: Github) -> Found:
            try:
                headers, raw = github.requester.requestJsonAndCheck(
                    "GET", path, parameters=dict(parameters)
                )
            except GithubException as error:
                if error.status != 422:
                    raise
                raise InvalidSelection(
                    f"GitHub does not understand the search {parameters.get('q')!r}: "
                    f"{message_of(error)}"
                ) from None
            pace.note(headers)
            return read(raw)

        seconds = pace.seconds_to_wait(self.clock.now())
        if seconds > 0:
            self._wait(seconds, f"GitHub lets no search through for {seconds:.0f} s while {doing}.")
        # Others may have spent it: their minute ends before ours does.
        return self._patiently(doing, lambda: ask(self._github()), TRIES, WINDOW_SECONDS + 5)

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

    def token(self, lasting: timedelta) -> str | None:
        """A token that lives at least ``lasting`` where GitHub gives such ones; None for nobody.

        Raises:
            The errors of ``failures.translated``.
        """
        return self._patiently("", lambda: self.credential.token(lasting), TRIES)

    def current_name(self, repository: RepositoryRef) -> str:
        """The repository's name of today, as ``owner/name``; asked for once.

        A write to a former name is not done, and a list asked for under it loses its conditions.

        Raises:
            RepositoryNotFound: it is gone, or belongs to somebody else now.
        """
        asked = repository.full_name
        if asked not in self.names:
            doing = f"looking up {asked}"
            found = self.get(doing, f"/repos/{asked}", lambda raw: str(raw["full_name"]))
            self.note_name(repository, found)
        return self.names[asked]

    def note_name(self, repository: RepositoryRef, found: str) -> None:
        """Remember under which name GitHub answered.

        Raises:
            RepositoryNotFound: it belongs to somebody else now, whom nobody allowed, or has a name
                that is not allowed.
        """
        asked, today = repository.full_name, named(found)
        is_renamed = found.lower() != asked.lower()
        may_follow = today.owner.lower() == repository.owner.lower() and (
            not is_renamed or self.permits is None or self.permits(today)
        )
        if not may_follow:
            raise RepositoryNotFound(
                f"{asked} has moved to {found}. Submit the job again under the new name."
            )
        self.names[asked] = found

    def close(self) -> None:
        """Let go of the connections."""
        if self.client is not None:
            self.client.close()
        self.client = None

    def _patiently(
        self,
        doing: str,
        call: Callable[[], Found],
        tries: int,
        patience: float = LONGEST_WAIT_SECONDS,
    ) -> Found:
        pause, renewed = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                with translated(doing, self.clock, self.credential.variable):
                    return call()
            except CodeHostCredentialRefused:
                if renewed or not self.credential.renew():
                    raise
                renewed = True
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
                auth=self.credential.auth(),
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

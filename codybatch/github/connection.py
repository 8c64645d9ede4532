"""Connections to GitHub: PyGithub clients, one pair a thread, and one gate for all writes.

A PyGithub client is not safe for threads (verb, address and body are attributes of one shared
connection), and its retry sends a POST again after a 5xx, so reads and writes have clients of their
own: reads are retried by the library, writes never are - the caller looks whether they happened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from github import Auth, Github, GithubRetry

TIMEOUT_SECONDS = 30
LONGEST_WAIT_SECONDS = 60
"""A longer wait that GitHub asks for is not held out in a process: the job waits instead."""


class WriteGate:
    """Lets writes through one at a time, at least ``interval`` seconds apart.

    GitHub asks for a second between writes; the file makes it hold over all processes of a home.
    """

    def __init__(self, interval: float, file: Path | None = None) -> None:
        """Keep ``interval`` seconds between writes; ``file`` shares the gate between processes."""
        self._interval = interval
        self._file = file
        self._lock = threading.Lock()
        self._last = 0.0

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait for our turn; the next one's begins an interval after this one ends."""
        with self._lock:
            if self._file is None:
                yield from self._paced(self._last)
                self._last = time.time()
            else:
                yield from self._paced_by_file(self._file)

    def _paced(self, last: float) -> Iterator[None]:
        pause = min(self._interval, last + self._interval - time.time())
        if pause > 0:
            time.sleep(pause)
        yield

    def _paced_by_file(self, file: Path) -> Iterator[None]:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file, timeout=120):
            try:
                yield from self._paced(file.stat().st_mtime)
            finally:
                file.touch()


class Connection:
    """One thread's way to GitHub."""

    def __init__(self, api_url: str, token: str | None, gate: WriteGate) -> None:
        """Reach the API at ``api_url``, as the token's account or as nobody."""
        self.api_url = api_url
        self.token = token
        self._gate = gate
        self._clients: dict[bool, Github] = {}

    @property
    def reading(self) -> Github:
        """The client for reads, which are tried again by the library."""
        return self._client(writes=False)

    @contextmanager
    def writing(self) -> Iterator[Github]:
        """The client for one write, which is never sent twice by itself."""
        with self._gate.passing():
            yield self._client(writes=True)

    def graphql(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """A GraphQL answer whole: ``data`` and ``errors`` side by side, for the caller to weigh."""
        requester = self.reading.requester
        sent = {"query": query, "variables": variables or {}}
        _, answer = requester.requestJsonAndCheck("POST", requester.graphql_url, input=sent)
        return dict(answer)

    def _client(self, *, writes: bool) -> Github:
        if writes not in self._clients:
            self._clients[writes] = self._made(writes=writes)
        return self._clients[writes]

    def _made(self, *, writes: bool) -> Github:
        retry = GithubRetry(total=3, max_rate_limit_wait=LONGEST_WAIT_SECONDS, backoff_factor=0.5)
        return Github(
            auth=Auth.Token(self.token) if self.token else None,
            base_url=self.api_url,
            timeout=TIMEOUT_SECONDS,
            user_agent="cody-batch",
            per_page=100,
            retry=None if writes else retry,
            seconds_between_requests=0,  # paced by the gate, and by what GitHub answers
            seconds_between_writes=0,
            lazy=True,
        )

"""What a stand-in was asked, in order, for tests that count and for people who wonder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class RecordedRequest:
    """One request.

    Arguments:
        number: 1 for the first since the server began.
        method, path, query: the path stands without the API's prefix.
        token: the token's name, never its value; empty without one, `unknown` for one that
            the stand-in does not know.
        status: of the answer; 0 until it is sent, and for a connection that was cut.
        fault: the kind of fault that struck, or empty.
        detail: of a GraphQL request its operation.
    """

    number: int
    method: str
    path: str
    query: str = ""
    token: str = ""
    status: int = 0
    fault: str = ""
    detail: str = ""


class Journal:
    """The requests so far."""

    def __init__(self) -> None:
        self._requests: list[RecordedRequest] = []
        self._numbered = 0
        self._changed = threading.Condition()

    @contextmanager
    def recorded(self, method: str, path: str, query: str) -> Iterator[RecordedRequest]:
        """Record a request when it arrives; what is set on it while it is answered stays."""
        with self._changed:
            self._numbered += 1
            entry = RecordedRequest(self._numbered, method, path, query)
            self._requests.append(entry)
            self._changed.notify_all()
        yield entry
        with self._changed:
            self._changed.notify_all()

    def requests(self, route: str = "* *") -> list[RecordedRequest]:
        """Return the requests that fit a route such as `POST /repos/*/pulls`, oldest first."""
        with self._changed:
            return self._fitting(route)

    def wait_for(self, route: str, count: int = 1, seconds: float = 10.0) -> bool:
        """Wait until so many fitting requests have arrived; False when they did not."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._fitting(route)) >= count, seconds)

    def clear(self) -> None:
        """Forget the requests so far; the numbers go on."""
        with self._changed:
            self._requests.clear()

    def _fitting(self, route: str) -> list[RecordedRequest]:
        method, _, pattern = route.partition(" ")
        return [
            entry
            for entry in self._requests
            if method in {"*", entry.method} and fnmatchcase(entry.path, pattern)
        ]

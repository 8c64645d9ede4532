"""Faults on demand: what goes wrong with the next request that fits a route."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict

from codybatch.standins.loopback import Answer, ConnectionCut

FaultKind = Literal["answer", "cut", "stall", "withdraw_permission", "delete_branch"]
LONGEST_STALL_SECONDS = 600.0


class Fault(BaseModel):
    """One thing that goes wrong, for the next `times` requests that fit.

    Arguments:
        route: method and path, with `*` for anything (slashes too): `POST /repos/*/pulls`,
            `GET /*/*.git/info/refs?service=git-receive-pack`, `* *`. The path of an API request
            stands without the API's prefix; with a `?` the query is compared as well.
        kind: `answer` sends `status`, `headers` and `body` instead of the true answer; `cut`
            breaks the connection off after `after_bytes` of the answer; `stall` waits `seconds`
            before the byte `after_bytes`; `withdraw_permission` (of `login` on `repository`) and
            `delete_branch` (`branch` of `repository`) change the state, then answer truly.
        after_acting: an `answer` or a `cut` comes only when the request has had its effect, so
            that the client does not learn of it.
        skip: so many fitting requests pass unharmed first.
        times: so many requests are harmed.

    libcurl, and so git, sends a request once more where a connection that served before breaks
    before the first byte: to be seen by git, such a cut needs two `times` or one `after_bytes`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: str
    kind: FaultKind
    after_acting: bool = False
    skip: int = 0
    times: int = 1
    status: int = 502
    headers: dict[str, str] = {}
    body: str = ""
    after_bytes: int = 0
    seconds: float = LONGEST_STALL_SECONDS
    repository: str = ""
    login: str = ""
    branch: str = ""

    def fits(self, method: str, path: str, query: str) -> bool:
        """Say whether a request is one that this fault is meant for."""
        fault_method, _, pattern = self.route.partition(" ")
        target = f"{path}?{query}" if "?" in pattern else path
        return fault_method in {"*", method} and fnmatchcase(target, pattern)


class FaultQueue:
    """The faults that are still to come; the oldest that fits is taken."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Put faults at the end."""
        with self._lock:
            self._faults.extend(faults)

    def pending(self) -> list[Fault]:
        """Return what has not come yet, with `skip` and `times` counted down."""
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the fault for this request, counted down, or None."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.fits(method, path, query):
                    return self._count_down(place, fault)
        return None

    def _count_down(self, place: int, fault: Fault) -> Fault | None:
        if fault.skip:
            self._faults[place] = fault.model_copy(update={"skip": fault.skip - 1})
            return None
        if fault.times > 1:
            self._faults[place] = fault.model_copy(update={"times": fault.times - 1})
        else:
            del self._faults[place]
        return fault


def answer_with_fault(fault: Fault, act: Callable[[], Answer], stopping: threading.Event) -> Answer:
    """Answer a request as the fault wants.

    Arguments:
        fault: of kind `answer`, `cut` or `stall`.
        act: gives the true answer, and has the request's effect.
        stopping: ends a stall when the server stops.

    Raises:
        ConnectionCut: the connection is to be broken off before the first byte.
    """
    if fault.kind == "answer":
        if fault.after_acting:
            act().complete()
        return Answer(fault.status, dict(fault.headers), fault.body.encode())
    if fault.kind == "stall":
        answer = act()
        answer.body = _stalled(_blocks(answer), fault.after_bytes, fault.seconds, stopping)
        return answer
    return _cut_answer(fault, act)


def _cut_answer(fault: Fault, act: Callable[[], Answer]) -> Answer:
    if not fault.after_acting and not fault.after_bytes:
        raise ConnectionCut
    answer = act()
    if fault.after_acting:
        answer.complete()
    answer.body = _cut(_blocks(answer), fault.after_bytes)
    return answer


def _blocks(answer: Answer) -> Iterable[bytes]:
    return [answer.body] if isinstance(answer.body, bytes) else answer.body


def _cut(blocks: Iterable[bytes], length: int) -> Iterator[bytes]:
    for block in blocks:
        if len(block) >= length:
            if length:
                yield block[:length]
            raise ConnectionCut
        length -= len(block)
        yield block
    raise ConnectionCut


def _stalled(
    blocks: Iterable[bytes], length: int, seconds: float, stopping: threading.Event
) -> Iterator[bytes]:
    waited = False
    for block in blocks:
        if not waited and len(block) >= length:
            if length:
                yield block[:length]
            stopping.wait(seconds)
            waited = True
            yield block[length:]
            continue
        length -= len(block)
        yield block

"""Faults on demand: what goes wrong with the next request that fits.

Measured with the SDK 2.12: a cut and an error event in the middle of a stream escape its retries,
and a stream that ends early in good order looks whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from codybatch.standins.anthropic.api_errors import ApiError

FaultKind = Literal["answer", "cut", "end", "error_event", "hold", "stop"]
LONGEST_HOLD_SECONDS = 600.0


class Fault(BaseModel):
    """One thing that goes wrong, for the next ``times`` requests that fit.

    Which requests fit: those to ``path`` (with ``*`` for anything), in a conversation of ``turn``
    replies so far, whose body holds the words ``containing``; what is None or empty is not asked
    for.

    What goes wrong:
        ``answer``: the request is refused with ``status``, ``error_type``, ``message``,
            ``error_code`` and ``headers``; ``retry_after`` is in seconds.
        ``cut``: the connection breaks after ``after_events`` events of the stream (0: before any).
        ``end``: the stream ends in good order after ``after_events`` events.
        ``error_event``: after ``after_events`` events comes an ``error`` of ``error_type``, by
            default ``overloaded_error``, and the stream ends.
        ``hold``: nothing more is sent after ``after_events`` events until the gate ``gate`` is
            opened; with 0 not even the head of the answer.
        ``stop``: the reply ends for ``stop_reason``; a refusal names ``category`` and keeps the
            first ``keep_blocks`` blocks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    path: str = "/v1/messages"
    turn: int | None = None
    containing: str = ""
    skip: int = 0
    times: int = 1
    status: int = 529
    error_type: str | None = None
    message: str = ""
    error_code: str | None = None
    retry_after: float | None = None
    headers: dict[str, str] = {}
    after_events: int = 0
    gate: str = "gate"
    stop_reason: str = "max_tokens"
    category: str | None = None
    keep_blocks: int | None = None

    def fits(self, path: str, turn: int, body: bytes) -> bool:
        """Say whether a request is one that this fault is meant for."""
        return (
            fnmatchcase(path, self.path)
            and self.turn in {None, turn}
            and self.containing.encode() in body
        )

    def refusal(self) -> ApiError:
        """The refusal of an ``answer``."""
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["retry-after"] = f"{self.retry_after:g}"
        return ApiError(
            self.status,
            self.message or _MESSAGES.get(self.status, "Internal server error"),
            error_type=self.error_type,
            error_code=self.error_code,
            headers=headers,
        )


_MESSAGES = {
    401: "invalid x-api-key",
    402: "Your credit balance is too low to access the Anthropic API.",
    403: "Your API key does not have permission to use the specified resource.",
    408: "Request timeout",
    429: "This request would exceed your account's rate limit. Please try again later.",
    504: "Request timed out",
    529: "Overloaded",
}

FaultChooser = Callable[[str, int, bytes], Fault | None]
"""Chooses a fault from a request's path, the number of replies before it, and its body."""


class FaultQueue:
    """The faults that are still to come; the oldest that fits is taken."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.chooser: FaultChooser | None = None
        """Asked for each request that no fault in the queue fits."""

    def add(self, *faults: Fault) -> Self:
        """Put faults at the end."""
        with self._lock:
            self._faults.extend(faults)
        return self

    def pending(self) -> list[Fault]:
        """What has not come yet, with ``skip`` and ``times`` counted down."""
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    def take(self, path: str, turn: int, body: bytes) -> Fault | None:
        """The fault for this request, counted down, or None."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.fits(path, turn, body):
                    return self._count_down(place, fault)
        return self.chooser(path, turn, body) if self.chooser else None

    def _count_down(self, place: int, fault: Fault) -> Fault | None:
        if fault.skip:
            self._faults[place] = fault.model_copy(update={"skip": fault.skip - 1})
            return None
        if fault.times > 1:
            self._faults[place] = fault.model_copy(update={"times": fault.times - 1})
        else:
            del self._faults[place]
        return fault


@dataclass
class _Gate:
    opened: bool = False
    waiting: int = 0


class Gates:
    """Gates at which requests are held until somebody opens them."""

    def __init__(self) -> None:
        self._gates: dict[str, _Gate] = {}
        self._all_open = False
        self._changed = threading.Condition()

    def hold(self, name: str) -> None:
        """Wait at a gate until it is open."""
        with self._changed:
            gate = self._gates.setdefault(name, _Gate())
            gate.waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: gate.opened or self._all_open, LONGEST_HOLD_SECONDS)
            gate.waiting -= 1

    def open(self, name: str) -> None:
        """Let everybody through, those who are waiting and those who come."""
        with self._changed:
            self._gates.setdefault(name, _Gate()).opened = True
            self._changed.notify_all()

    def close(self, name: str) -> None:
        """Hold those who come from now on."""
        with self._changed:
            self._gates.setdefault(name, _Gate()).opened = False

    def open_all(self) -> None:
        """Hold nobody any more: the server stops."""
        with self._changed:
            self._all_open = True
            self._changed.notify_all()

    def wait_until_held(self, name: str, count: int = 1, seconds: float = 10.0) -> bool:
        """Wait until so many requests stand at a gate; False when they did not come."""
        with self._changed:
            gate = self._gates.setdefault(name, _Gate())
            return self._changed.wait_for(lambda: gate.waiting >= count, seconds)

    def waiting(self) -> dict[str, int]:
        """How many requests stand at each gate."""
        with self._changed:
            return {name: gate.waiting for name, gate in self._gates.items()}

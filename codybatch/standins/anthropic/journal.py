"""What the stand-in was asked, byte for byte, and what it answered."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from hashlib import sha256

from codybatch.standins.anthropic.reading import RecordedBody
from codybatch.standins.anthropic.wire import JsonObject


@dataclass
class Exchange:
    """One request and what became of it.

    Arguments:
        number: 1 for the first since the server began.
        method, path: of the request.
        headers: names in lower case, without the key.
        recorded: the body.
        request_id: as answered.
        status: of the answer; 0 until it is known.
        organisation: whose key it was; empty for an unknown one.
        turn: the number of replies in its conversation.
        model: the model asked for.
        fault: the kind of fault that struck, or empty.
        stop_reason, usage: of the reply, where there was one.
        error: the message of a refusal.
        finished: whether the answer was sent to its end.
    """

    number: int
    method: str
    path: str
    headers: dict[str, str]
    recorded: RecordedBody
    request_id: str = ""
    status: int = 0
    organisation: str = ""
    turn: int = 0
    model: str = ""
    fault: str = ""
    stop_reason: str = ""
    usage: JsonObject = field(default_factory=dict)
    error: str = ""
    finished: bool = False

    @property
    def body(self) -> bytes:
        """The request's bytes as they came."""
        return self.recorded.read()

    @property
    def json(self) -> JsonObject:
        """The request, parsed."""
        parsed: JsonObject = json.loads(self.body)
        return parsed

    def summary(self) -> JsonObject:
        """The exchange without its body, for other processes."""
        body = self.body
        names = ("number", "method", "path", "request_id", "status", "organisation", "turn")
        more = ("model", "fault", "stop_reason", "usage", "error", "finished")
        return {
            **{name: getattr(self, name) for name in (*names, *more)},
            "body_bytes": len(body),
            "body_sha256": sha256(body).hexdigest(),
        }


class Journal:
    """The exchanges so far, in the order in which they began."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []
        self._changed = threading.Condition()

    def begin(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Exchange:
        """Record a request that has arrived."""
        with self._changed:
            number = len(self._exchanges) + 1
            recorded = RecordedBody(None, 0, body)
            exchange = Exchange(number, method, path, headers, recorded)
            self._exchanges.append(exchange)
            self._changed.notify_all()
        return exchange

    def changed(self) -> None:
        """Wake those who wait: an exchange has moved on."""
        with self._changed:
            self._changed.notify_all()

    def exchanges(self) -> list[Exchange]:
        """All of them."""
        with self._changed:
            return list(self._exchanges)

    def accepted(self) -> list[Exchange]:
        """Those in which a message was asked for and a reply was begun."""
        return [
            exchange
            for exchange in self.exchanges()
            if exchange.path == "/v1/messages" and exchange.status == 200
        ]

    def wait_for(self, count: int, seconds: float = 10.0) -> bool:
        """Wait until so many requests have arrived; False when they did not."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._exchanges) >= count, seconds)

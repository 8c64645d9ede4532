"""A server that speaks Anthropic's Messages API on loopback."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Self

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.control import PREFIX, Control
from codybatch.standins.anthropic.faults import Fault, FaultQueue, Gates
from codybatch.standins.anthropic.journal import Exchange, Journal
from codybatch.standins.anthropic.models import CATALOGUE, ModelCard, find_model, list_models
from codybatch.standins.anthropic.reply import Brain
from codybatch.standins.anthropic.service import (
    DEMONSTRATION_KEY,
    LARGEST_REQUEST,
    Answered,
    MessagesService,
)
from codybatch.standins.anthropic.stream import event, message_events
from codybatch.standins.anthropic.wire import JsonObject, to_bytes
from codybatch.standins.loopback import Answer, ConnectionCut, LoopbackServer, Request

_ORGANISATION = "org-standin"
_LIMITS = {"requests": 4_000, "input-tokens": 2_000_000, "output-tokens": 400_000}


class AnthropicStandin:
    """Serve the Messages API from entering to leaving.

    Arguments:
        brain: the model: takes a request as sent, gives a reply or its blocks.
        api_keys: the accepted keys, or a mapping of them to their organisations.
        models: the models on offer, by id.
        clock: seconds for the lifetimes of the prompt cache.
        port: 0 lets the system choose.
        pause_seconds: how long the model thinks before each reply, for people who watch.

    Raises:
        OSError: the port is taken.
    """

    def __init__(
        self,
        brain: Brain,
        *,
        api_keys: Iterable[str] | Mapping[str, str] = (DEMONSTRATION_KEY,),
        models: Mapping[str, ModelCard] = CATALOGUE,
        clock: Callable[[], float] = time.monotonic,
        port: int = 0,
        pause_seconds: float = 0.0,
    ) -> None:
        keys = api_keys if isinstance(api_keys, Mapping) else dict.fromkeys(api_keys, _ORGANISATION)
        self.service = MessagesService(brain, keys, models, clock=clock)
        self.journal = Journal()
        self.gates = Gates()
        self._control = Control(self.service, self.journal, self.gates)
        self._pause_seconds = pause_seconds
        self._run = secrets.token_hex(4)
        self._server = LoopbackServer(self._answer, port)

    @property
    def url(self) -> str:
        """The server's address, as ``ANTHROPIC_BASE_URL`` wants it."""
        return self._server.url

    @property
    def port(self) -> int:
        """The port in use."""
        return self._server.port

    @property
    def faults(self) -> FaultQueue:
        """What is to go wrong."""
        return self.service.faults

    @property
    def requests(self) -> list[Exchange]:
        """The requests for messages that got a reply, oldest first."""
        return self.journal.accepted()

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request, with those that were refused."""
        return self.journal.exchanges()

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Let go whoever is held, and stop."""
        self.gates.open_all()
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            try:
                return self._control.answer(request)
            except ApiError as error:
                return _refusal(error, "")
        return self._recorded(request)

    def _recorded(self, request: Request) -> Answer:
        secret = {"authorization", "x-api-key"}
        headers = {name: value for name, value in request.headers.items() if name not in secret}
        exchange = self.journal.begin(request.method, request.path, headers, request.read())
        exchange.request_id = f"req_standin_{self._run}_{exchange.number:06d}"
        try:
            answer = self._routed(request, exchange)
        except ApiError as error:
            exchange.error = error.message
            answer = _refusal(error, exchange.request_id)
        exchange.status = answer.status
        answer.headers.update(self._standard_headers(exchange))
        if isinstance(answer.body, bytes):
            exchange.finished = True
        self.journal.changed()
        return answer

    def _routed(self, request: Request, exchange: Exchange) -> Answer:
        account = self.service.authenticate(request.headers)
        exchange.organisation = account.organisation
        if len(exchange.body) > LARGEST_REQUEST:
            raise ApiError(413, "Request exceeds the maximum size")
        route = (request.method, request.path)
        if route == ("POST", "/v1/messages"):
            return self._sent(self.service.create(account, request.headers, exchange), exchange)
        if route == ("POST", "/v1/messages/count_tokens"):
            return _json(self.service.count(account, request.headers, exchange))
        if request.method == "GET" and request.path.startswith("/v1/models"):
            self.service.strike(exchange, b"")
            return _json(self._models(request.path.removeprefix("/v1/models")))
        raise ApiError(404, "Not found")

    def _models(self, rest: str) -> JsonObject:
        models = self.service.models
        return find_model(models, rest[1:]).as_json() if rest else list_models(models)

    def _sent(self, answered: Answered, exchange: Exchange) -> Answer:
        if self._pause_seconds:
            time.sleep(self._pause_seconds)
        fault = answered.fault
        if fault and fault.kind == "hold" and not fault.after_events:
            self.gates.hold(fault.gate)
        if fault and fault.kind == "cut" and not fault.after_events:
            raise ConnectionCut
        if not answered.streams:
            return _json(answered.message)
        events = message_events(answered.message, answered.cut_input)
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        if fault and fault.kind in {"cut", "end", "error_event", "hold"}:
            return Answer(200, headers, self._faulty(events, fault, exchange))
        return Answer(200, headers, _at_once(events, exchange))

    def _faulty(self, events: Iterator[bytes], fault: Fault, exchange: Exchange) -> Iterator[bytes]:
        for number, sent in enumerate(events):
            if number == fault.after_events and not self._goes_on(fault):
                if fault.kind == "error_event":
                    yield _error_event(fault, exchange.request_id)
                return
            yield sent
        exchange.finished = True

    def _goes_on(self, fault: Fault) -> bool:
        """Do the harm; say whether more events follow."""
        if fault.kind == "cut":
            raise ConnectionCut
        if fault.kind == "hold":
            self.gates.hold(fault.gate)
            return True
        return False

    def _standard_headers(self, exchange: Exchange) -> dict[str, str]:
        headers = {"request-id": exchange.request_id}
        if exchange.organisation:
            headers["anthropic-organization-id"] = exchange.organisation
            # This service has no limit of its own, so what is left is everything there is.
            reset = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            for name, limit in _LIMITS.items():
                headers[f"anthropic-ratelimit-{name}-limit"] = str(limit)
                headers[f"anthropic-ratelimit-{name}-remaining"] = str(limit)
                headers[f"anthropic-ratelimit-{name}-reset"] = reset
        return headers


def _at_once(events: Iterator[bytes], exchange: Exchange) -> Iterator[bytes]:
    """All events in one block: a client that measures itself should not wait for many."""
    yield b"".join(events)
    exchange.finished = True


def _error_event(fault: Fault, request_id: str) -> bytes:
    kind = fault.error_type or "overloaded_error"
    error = ApiError(200, fault.message or "Overloaded", error_type=kind)
    return event("error", error.body(request_id))


def _json(value: JsonObject) -> Answer:
    return Answer(200, {"content-type": "application/json"}, to_bytes(value))


def _refusal(error: ApiError, request_id: str) -> Answer:
    headers = {"content-type": "application/json", **error.headers}
    if error.status < 500 and error.status not in {408, 409, 429}:
        headers.setdefault("x-should-retry", "false")
    return Answer(error.status, headers, to_bytes(error.body(request_id)))

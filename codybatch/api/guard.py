"""The guard before the API's application: every request passes it, whatever it asks for.

Pure ASGI, like the workbench's: who asks, from where, how much and how often is looked at before a
service hears of it, and our headers are on every answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from codybatch.api.allowance import Allowance
from codybatch.api.callers import Caller
from codybatch.api.counters import Counters, Served
from codybatch.api.problems import MEDIA_TYPE, Answered, answered
from codybatch.api.refusals import (
    BodyTooLarge,
    NoAccess,
    NotFromHere,
    Refusal,
    TooManyRequests,
    TooSlow,
    WrongContentType,
)
from codybatch.api.tokens import Tokens
from codybatch.domain.identifiers import Person
from codybatch.services.findings import Clean
from codybatch.web.addresses import answers_to, host_of, is_loopback, is_same_origin
from codybatch.web.failures import Failures, network_of
from codybatch.web.headers import guarded
from codybatch.web.visits import Application, Message, Receive, Send, Visit

OPEN = frozenset({"/v1/health", "/v1/openapi.json"})
"""What needs no token: it says nothing of anybody."""
POLICY = "default-src 'none'; frame-ancestors 'none'"
"""An answer of ours is never a page."""
BODY_SECONDS = 30.0
"""How long a body may take to come."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_METHODS = _WITH_BODY | {"GET", "HEAD", "DELETE", "OPTIONS"}
"""That have counters of their own: a client may make up others without end."""
NO_TOKENS = "The API listens where other machines can reach it, and no CODYBATCH_API_TOKENS is set."


@dataclass(frozen=True)
class Door:
    """What the guard knows.

    Args:
        tokens: what opens the API; where there are none, only this machine's own person may ask.
        person: this machine's own.
        address: what the server listens on.
        names: further names under which it is reached.
        allowance: how often one may ask.
        most_bytes: of a body.
        clean: takes secrets out of what is answered.
        now: what time it is.
        body_seconds: how long a body may take to come.
    """

    tokens: Tokens
    person: Person
    address: str
    names: frozenset[str]
    allowance: Allowance
    most_bytes: int
    clean: Clean
    now: Callable[[], datetime]
    body_seconds: float = BODY_SECONDS
    counters: Counters = field(default_factory=Counters)
    failures: Failures = field(default_factory=Failures)


class Guard:
    """Lets in who may come in, and answers for what goes wrong."""

    def __init__(self, app: Application, door: Door) -> None:
        """Stands before ``app``."""
        self._app = app
        self._door = door

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http":
            await self._not_http(scope, receive, send)
            return
        begun, visit = time.monotonic(), Visit(scope)
        out = _Out(visit, send, self._door)
        inner: Message = {**scope}
        try:
            caller = self._let_in(visit)
            body = await self._body(visit, receive)
            inner["state"] = {**scope.get("state", {}), "caller": caller}
            await self._app(inner, _again(body, receive), out.send)
        except Exception as error:
            if not out.has_begun:
                await out.problem(answered(error, visit.method, visit.path, self._door.now()))
            elif not out.has_answered:
                raise  # the connection is cut, so that half an answer is not taken for a whole one
        finally:
            route = getattr(inner.get("route"), "path", "none")
            method = visit.method if visit.method in _METHODS else "other"
            served = Served(method, route, out.status)
            self._door.counters.count(served, time.monotonic() - begun)

    async def _not_http(self, scope: Message, receive: Receive, send: Send) -> None:
        """There are no websockets; what the server says of its own life goes through."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    def _let_in(self, visit: Visit) -> Caller | None:
        """Who asks; None for what anybody may see.

        Raises:
            Refusal: they may not come in.
        """
        _check_text(visit)
        self._check_names(visit)
        caller = self._caller(visit)
        who = caller.token if caller and caller.token else network_of(visit.peer)
        wait = self._door.allowance.seconds_to_wait(who)
        if wait:
            message = "Too many requests (CODYBATCH_API_REQUESTS_PER_MINUTE): wait a moment."
            raise TooManyRequests(message, wait)
        return caller

    def _check_names(self, visit: Visit) -> None:
        """No page of anybody's asks in the name of this machine's person (DNS rebinding), and none
        of another origin at all.
        """
        written, door = visit.header("host"), self._door
        if not door.tokens or is_loopback(door.address):
            host = host_of(written)
            if host is None or not answers_to(host, visit.local_address, door.address, door.names):
                raise NotFromHere(
                    "The API is not known by this name. CODYBATCH_ACCESS_NAMES can name it."
                )
        origin = visit.header("origin")
        if origin and not is_same_origin(origin, written):
            raise NotFromHere("A page of another origin may not ask the API.")

    def _caller(self, visit: Visit) -> Caller | None:
        door = self._door
        if visit.path in OPEN and not visit.bearer:
            return None
        if not door.tokens:
            if is_loopback(visit.local_address) and is_loopback(door.address):
                return Caller.of_this_machine(door.person)
            raise NotFromHere(NO_TOKENS)
        wait = door.failures.seconds_to_wait(visit.peer)
        if wait:
            raise TooManyRequests("Too many wrong tokens came from this address.", wait)
        token = door.tokens.owner_of(visit.bearer)
        if token is not None:
            return Caller.by(token)
        if visit.bearer:
            door.failures.count(visit.peer)
        raise NoAccess(is_wrong=bool(visit.bearer))

    async def _body(self, visit: Visit, receive: Receive) -> bytes:
        """All of a request's body.

        Raises:
            Refusal: it is too large, too slow, or no JSON.
        """
        length = visit.header("content-length")
        if length.isdecimal() and len(length) < 20 and int(length) > self._door.most_bytes:
            raise BodyTooLarge(self._door.most_bytes)
        try:
            async with asyncio.timeout(self._door.body_seconds):
                body = await _received(receive, self._door.most_bytes)
        except TimeoutError:
            message = f"The body did not come within {self._door.body_seconds:.0f} s."
            raise TooSlow(message, {"connection": "close"}) from None
        if body and visit.method in _WITH_BODY:
            _check_kind(visit)
        return body


class _Out:
    """What goes out, with our headers on it."""

    def __init__(self, visit: Visit, send: Send, door: Door) -> None:
        self._visit = visit
        self._send = send
        self._door = door
        self.status = 500
        self.has_begun = False
        self.has_answered = False

    async def send(self, message: Message) -> None:
        """Send what the application sends."""
        if message["type"] == "http.response.start":
            self.has_begun, self.status = True, int(message["status"])
            headers = guarded(message.get("headers", ()), POLICY, kept=False)
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self.has_answered = True
        await self._send(message)

    async def problem(self, problem: Answered) -> None:
        """Answer with what is wrong."""
        body = json.dumps(problem.body(self._door.clean), ensure_ascii=False).encode()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode()) for name, value in problem.headers.items()),
        ]
        start = {"type": "http.response.start", "status": problem.problem.status}
        await self.send({**start, "headers": headers})
        shown = b"" if self._visit.method == "HEAD" else body
        await self.send({"type": "http.response.body", "body": shown})


def _check_text(visit: Visit) -> None:
    """Refuse an address that no text of ours can be."""
    if b"\0" in unquote_to_bytes(visit.address.encode()) or "\0" in visit.path:
        raise Refusal("The address holds the character NUL.")


def _check_kind(visit: Visit) -> None:
    kind, _, parameters = visit.header("content-type").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    is_json = kind.strip().lower() == "application/json" and charset in {"", "charset=utf-8"}
    if not is_json or visit.header("content-encoding").lower() not in {"", "identity"}:
        raise WrongContentType


async def _received(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal("The request ended before all of it had come.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise BodyTooLarge(most)
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """What comes in once more, now that all of it is there; then whatever comes after."""
    given = False

    async def received() -> dict[str, Any]:
        nonlocal given
        if given:
            return dict(await receive())
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received

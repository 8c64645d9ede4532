"""The guard before Streamlit: every request passes it, whatever it asks for.

Pure ASGI (https://asgi.readthedocs.io/en/latest/specs/www.html): pages, static files, downloads,
health and the websocket come through one door.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import ClassVar

from codybatch.ui.server.access import SESSION_SECONDS, Access, Session
from codybatch.ui.server.headers import REPORT_POLICY, form_policy
from codybatch.ui.server.reports import PLACE
from codybatch.ui.server.sign_in import (
    MOST_BYTES,
    SIGN_IN,
    SIGN_OUT,
    STYLE,
    offered,
    sign_in_page,
    sign_out_page,
)
from codybatch.web.addresses import answers_to, host_of, is_loopback, is_same_origin
from codybatch.web.failures import Failures
from codybatch.web.headers import guarded
from codybatch.web.visits import Application, Message, Receive, Send, Visit

log = logging.getLogger(__name__)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT = ("/static/", "/_stcore/bidi-components/")
"""Below these the same address gives the same bytes for ever: Streamlit names files by digests."""
NO_ACCESS = (
    "The workbench listens where other machines can reach it, and no CODYBATCH_ACCESS_TOKEN is set."
)


@dataclass(frozen=True)
class Door:
    """What the guard knows.

    Args:
        policy: the content security policy of pages.
        address: what the server was told to listen on.
        access: checks tokens; None where no token is set.
        names: further names under which the workbench is reached.
    """

    policy: str
    address: Callable[[], str]
    access: Access | None
    names: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """An answer of the guard's own."""

    status: int
    text: str
    is_page: bool = False
    headers: tuple[tuple[str, str], ...] = ()


class PageVisit(Visit):
    """A request or a websocket that asks to come in, perhaps with a browser's cookie."""

    @property
    def cookie_name(self) -> str:
        """The session's cookie: browsers share cookies between the ports of a machine."""
        return f"codybatch_session_{self.port}"

    @property
    def cookie(self) -> str:
        """The session's cookie as the browser sent it."""
        try:
            found = SimpleCookie(self.header("cookie")).get(self.cookie_name)
        except CookieError:
            return ""
        return found.value if found else ""

    @property
    def wants_page(self) -> bool:
        """Whether a person looks at the answer."""
        return self.method in {"GET", "HEAD"} and "text/html" in self.header("accept")


class Guard:
    """Lets in who may come in, and puts our headers on every answer."""

    stands: ClassVar[bool] = False
    """Whether this process has one: pages refuse other addresses without it."""

    def __init__(self, app: Application, door: Door) -> None:
        """Stands before ``app``."""
        self._app = app
        self._door = door
        self._failures = Failures()
        Guard.stands = True

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        visit = PageVisit(scope)
        out = _Out(visit, send, self._door.policy)
        answer, session = await self._looked_at(visit, receive)
        if answer is not None:
            await out.answer(answer)
            return
        coming = receive
        if session is not None and self._door.access and visit.is_websocket:
            coming = _until_signed_out(self._door.access, session, receive, out.send)
        try:
            await self._app(scope, coming, out.send)
        except Exception:
            log.exception("The workbench failed at %s", visit.path)
            if out.has_begun:
                raise
            await out.answer(Answer(500, "Something went wrong; the log says what."))

    async def _looked_at(
        self, visit: PageVisit, receive: Receive
    ) -> tuple[Answer | None, Session | None]:
        """Why somebody is not let in, and the session of somebody who is."""
        refused = self._refused(visit)
        if refused or self._door.access is None:
            return refused, None
        session = self._door.access.session(visit.cookie)
        if visit.path in {SIGN_IN, SIGN_OUT} and not visit.is_websocket:
            return await self._at_the_door(self._door.access, visit, session, receive), None
        if session is not None:
            return None, session
        return self._with_token(self._door.access, visit), None

    def _refused(self, visit: PageVisit) -> Answer | None:
        door = self._door
        written = visit.header("host")
        host = host_of(written)
        if host is None or not answers_to(host, visit.local_address, door.address(), door.names):
            return Answer(
                400,
                "The workbench is not known by this name. CODYBATCH_ACCESS_NAMES can name it.",
            )
        origin = visit.header("origin")
        if origin and not is_same_origin(origin, written):
            return Answer(403, "A page of another origin may not ask the workbench.")
        is_local = is_loopback(visit.local_address) and is_loopback(door.address())
        if door.access is None and not is_local:
            return Answer(403, NO_ACCESS)
        return None

    def _with_token(self, access: Access, visit: PageVisit) -> Answer | None:
        if visit.bearer:
            wait = self._failures.seconds_to_wait(visit.peer)
            if wait:
                return _too_many(wait)
            if access.is_token(visit.bearer):
                return None
            self._failures.count(visit.peer)
        if visit.wants_page:
            return _page(401, sign_in_page(visit.address))
        return Answer(401, "Sign in first.", headers=(("www-authenticate", "Bearer"),))

    async def _at_the_door(
        self, access: Access, visit: PageVisit, session: Session | None, receive: Receive
    ) -> Answer:
        if visit.method in _SAFE:
            signs_out = visit.path == SIGN_OUT and session is not None
            return _page(200, sign_out_page() if signs_out else sign_in_page("/"))
        if visit.method != "POST":
            return Answer(405, "Only GET and POST.", headers=(("allow", "GET, POST"),))
        if visit.path == SIGN_OUT:
            if session is not None:
                access.sign_out(session)
            return _gone_to("/", visit, "", 0)
        wait = self._failures.seconds_to_wait(visit.peer)
        if wait:
            return _too_many(wait)
        token, address = offered(await _body(receive))
        if not access.is_token(token):
            self._failures.count(visit.peer)
            return _page(401, sign_in_page(address, "That is not the access token."))
        return _gone_to(address, visit, access.sign_in(), SESSION_SECONDS)


class _Out:
    """What goes out, with our headers on it."""

    def __init__(self, visit: PageVisit, send: Send, policy: str) -> None:
        self._visit = visit
        self._send = send
        self._policy = REPORT_POLICY if visit.path.startswith(PLACE) else policy
        self._kept = visit.path.startswith(_KEPT)
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Send what the application sends."""
        kind = message["type"]
        if kind == "websocket.close" and not self.has_begun:
            await self.answer(Answer(403, "The websocket is refused."))
            return
        if kind in {"http.response.start", "websocket.accept", "websocket.http.response.start"}:
            self.has_begun = True
            headers = list(message.get("headers", ()))
            message = {**message, "headers": guarded(headers, self._policy, kept=self._kept)}
        await self._send(message)

    async def answer(self, answer: Answer) -> None:
        """Send an answer of the guard's own."""
        self.has_begun = True
        prefix = "websocket.http" if self._visit.is_websocket else "http"
        body = answer.text.encode()
        kind = "text/html" if answer.is_page else "text/plain"
        headers = [
            (b"content-type", f"{kind}; charset=utf-8".encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode()) for name, value in answer.headers),
        ]
        policy = form_policy(STYLE)
        await self._send(
            {
                "type": f"{prefix}.response.start",
                "status": answer.status,
                "headers": guarded(headers, policy, kept=False),
            }
        )
        shown = b"" if self._visit.method == "HEAD" else body
        await self._send({"type": f"{prefix}.response.body", "body": shown})


def _page(status: int, text: str) -> Answer:
    return Answer(status, text, is_page=True)


def _too_many(wait: float) -> Answer:
    seconds = str(int(wait) + 1)
    return Answer(429, f"Too many wrong tokens: try again in {seconds} s.", headers=(
        ("retry-after", seconds),
    ))  # fmt: skip


def _gone_to(address: str, visit: PageVisit, cookie: str, seconds: int) -> Answer:
    """On to a page, with a cookie that no script can read and no other site's request carries."""
    secure = "; Secure" if visit.is_encrypted else ""
    kept = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    return Answer(303, "", headers=(
        ("location", address),
        ("set-cookie", f"{visit.cookie_name}={cookie}; {kept}"),
    ))  # fmt: skip


async def _body(receive: Receive) -> bytes:
    """A form's bytes; none where it is longer than a form of ours can be."""
    body = b""
    while len(body) <= MOST_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body if len(body) <= MOST_BYTES else b""
    return b""


def _until_signed_out(access: Access, session: Session, receive: Receive, send: Send) -> Receive:
    """What comes in over a websocket until its session ends; then it is closed."""

    async def received() -> Message:
        coming = asyncio.ensure_future(receive())
        ending = asyncio.ensure_future(session.over.wait())
        try:
            await asyncio.wait(
                {coming, ending},
                timeout=access.seconds_left(session),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if coming.done() and not session.over.is_set():
                return coming.result()
        finally:
            coming.cancel()
            ending.cancel()
        await send({"type": "websocket.close", "code": 1008, "reason": "Signed out."})
        return {"type": "websocket.disconnect", "code": 1008}

    return received

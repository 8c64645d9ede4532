"""Who may come in: whoever knows the access token, or was given a session for it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SESSION_SECONDS = 12 * 3600
"""How long a browser stays signed in."""


@dataclass(frozen=True)
class Session:
    """A browser that signed in."""

    id: str
    ends_at: int
    """Seconds since 1970."""
    over: asyncio.Event = field(default_factory=asyncio.Event, compare=False)
    """Set when it is signed out."""


class Access:
    """Checks tokens and sessions. A session outlives a restart; another token ends all of them."""

    def __init__(self, token: str, now: Callable[[], float] = time.time) -> None:
        """Knows one token; ``now`` tells seconds since 1970."""
        self._token = hashlib.sha256(token.encode()).digest()
        self._key = hmac.digest(token.encode(), b"codybatch workbench session", "sha256")
        self._now = now
        self._open: dict[str, Session] = {}
        self._ended: dict[str, int] = {}

    def is_token(self, offered: str) -> bool:
        """Whether it is the token, in a time that says nothing of how much of it is right."""
        digest = hashlib.sha256(offered.encode("utf-8", "surrogateescape")).digest()
        return hmac.compare_digest(digest, self._token)

    def sign_in(self) -> str:
        """A new session's cookie: not the token, and of no use to find it out."""
        name = f"{secrets.token_urlsafe(18)}.{int(self._now()) + SESSION_SECONDS}"
        return f"{name}.{self._signature(name)}"

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie, if it is one of ours and neither over nor signed out."""
        name, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(name).encode()):
            return None
        identity, _, written_end = name.rpartition(".")
        ends_at = int(written_end)  # ours: it is signed
        if ends_at <= self._now() or identity in self._ended:
            return None
        return self._open.setdefault(identity, Session(identity, ends_at))

    def sign_out(self, session: Session) -> None:
        """End a session, and whatever it has open."""
        now = self._now()
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        self._open = {one: kept for one, kept in self._open.items() if kept.ends_at > now}
        self._ended[session.id] = session.ends_at
        self._open.pop(session.id, session).over.set()

    def seconds_left(self, session: Session) -> float:
        """How long a session still lasts."""
        return max(0.0, session.ends_at - self._now())

    def _signature(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(), "sha256").hex()

"""What a server is asked, as a guard looks at it.

Pure ASGI (https://asgi.readthedocs.io/en/latest/specs/www.html).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


CLOUDFRONT = "cloudfront-forwarded-proto"


class Visit:
    """A request or a websocket that asks to come in."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        """Reads what the guard looks at."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            separator = b"; " if name == b"cookie" else b", "
            headers[name] = headers[name] + separator + value if name in headers else value
        self._headers = headers
        self._scheme = str(scope["scheme"])
        self.is_websocket = scope["type"] == "websocket"
        self.method = "GET" if self.is_websocket else str(scope["method"])
        self.path = str(scope["path"])
        query = scope["query_string"].decode("latin-1")
        self.address = self.path + (f"?{query}" if query else "")
        self.local_address = str((scope.get("server") or ("",))[0])
        self.port = (scope.get("server") or ("", ""))[1]
        self.peer = str((scope.get("client") or ("",))[0])

    @property
    def is_encrypted(self) -> bool:
        """Whether what the browser was asked and told went through TLS.

        CloudFront speaks to what is behind it without, and says so by a header of its own. Whoever
        forges that hardens only their own cookie.
        """
        return self._scheme in {"https", "wss"} or self.header(CLOUDFRONT) == "https"

    def header(self, name: str) -> str:
        """A header's value; empty where there is none."""
        return self._headers.get(name.encode(), b"").decode("latin-1")

    @property
    def bearer(self) -> str:
        """The token that a program offers."""
        kind, _, token = self.header("authorization").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

"""Reports that were published on this machine, at ``/reports/ID/`` of the workbench.

Behind the guard, before Streamlit: a report is a file, and shown without a script or a session.
"""

from __future__ import annotations

import re
from pathlib import Path

from codybatch.ports.site import INDEX, KINDS, REPORTS, kind_of
from codybatch.web.visits import Application, Message, Receive, Send

PLACE = f"/{REPORTS}/"
_NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_FILE = re.compile(rf"{PLACE}({_NAME})/({_NAME})?")


class PublishedReports:
    """Answers what is below ``/reports/``, and lets everything else through."""

    def __init__(self, app: Application, home: Path) -> None:
        """Stands before ``app``; ``home`` is the home directory."""
        self._app = app
        self._folder = home / REPORTS

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http" or not scope["path"].startswith(PLACE):
            await self._app(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, b"Only GET.", [(b"allow", b"GET, HEAD")])
            return
        name, content = self._found(scope["path"])
        if content is None:
            await _answer(send, 404, b"There is no such report.", [])
            return
        shown = b"" if scope["method"] == "HEAD" else content
        headers = [(b"content-type", kind_of(name).encode())]
        await _answer(send, 200, shown, headers, len(content))

    def _found(self, path: str) -> tuple[str, bytes | None]:
        """The file's name and its bytes; None where there is none."""
        asked = _FILE.fullmatch(path)
        if asked is None:
            return "", None
        name = asked[2] or INDEX
        file = self._folder / asked[1] / name
        if file.suffix not in KINDS or not file.is_file():
            return name, None
        return name, file.read_bytes()


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    headers: list[tuple[bytes, bytes]],
    length: int | None = None,
) -> None:
    plain = (
        [] if headers and headers[0][0] == b"content-type" else [(b"content-type", b"text/plain")]
    )
    size = str(len(body) if length is None else length).encode()
    every = [*headers, *plain, (b"content-length", size)]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})

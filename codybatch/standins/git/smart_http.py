"""Which repository a git request means, who may do it, and git's answer."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from codybatch.standins.git.backend import run_backend
from codybatch.standins.loopback import Answer, Request

# The two endpoints of the smart protocol (gitprotocol-http(5)), with or without `.git`.
GIT_PATH = re.compile(
    r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?"
    r"(?P<rest>/info/refs|/git-upload-pack|/git-receive-pack)"
)


@dataclass(frozen=True)
class GitCall:
    """What one git request is about: `writes` is a push, its discovery included."""

    owner: str
    name: str
    rest: str
    writes: bool


@dataclass(frozen=True)
class Admitted:
    """The caller may: the repository's folder and the caller's login, empty for nobody."""

    path: Path
    login: str = ""


class Refused(Exception):
    """The caller may not; the message is what git shows behind `remote:`.

    Arguments:
        status: 401 asks for credentials, 403 and 404 are final, 301 names another address.
        message: one sentence for people.
        location: where a renamed repository is now, for 301.
    """

    def __init__(self, status: int, message: str, location: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.location = location


class GitAccess(Protocol):
    """Decides who may fetch and push."""

    def admit(self, call: GitCall, password: str | None) -> Admitted:
        """Return where the repository lies, for a caller that may do this.

        Arguments:
            call: what is asked.
            password: of basic authentication, where a token stands; None without any.

        Raises:
            Refused: the caller may not, or there is no such repository.
        """
        ...


class SmartHttp:
    """The application behind `/{owner}/{name}.git`.

    Arguments:
        access: decides who may.
    """

    def __init__(self, access: GitAccess) -> None:
        self._access = access

    @staticmethod
    def call_of(request: Request) -> GitCall | None:
        """Return what a request asks of git, or None for a request that is not git's."""
        found = GIT_PATH.fullmatch(request.path)
        if found is None:
            return None
        rest = found["rest"]
        service = request.query.get("service", "") if rest == "/info/refs" else rest[1:]
        return GitCall(found["owner"], found["name"], rest, service == "git-receive-pack")

    def answer(self, call: GitCall, request: Request) -> Answer:
        """Let git answer, or say why not."""
        if call.rest == "/info/refs" and "service" not in request.query:
            return _plain(403, "Please upgrade your git client.\nDumb transport is not served.")
        try:
            admitted = self._access.admit(call, password_of(request))
        except Refused as refused:
            return _refusal(refused)
        return run_backend(admitted.path, call.rest, request, admitted.login)


def password_of(request: Request) -> str | None:
    """Return the password of basic authentication (RFC 7617), or None without any."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _refusal(refused: Refused) -> Answer:
    answer = _plain(refused.status, refused.message)
    if refused.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    if refused.location:
        answer.headers["Location"] = refused.location
    return answer


def _plain(status: int, message: str) -> Answer:
    # git shows the body to people only when it is plain text.
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{message}\n".encode())

"""git smart HTTP alone: repositories under one folder and tokens that may push."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from codybatch.standins.git.bare import BareRepository, Files
from codybatch.standins.git.faults import FaultQueue, answer_with_fault
from codybatch.standins.git.journal import Journal
from codybatch.standins.git.smart_http import Admitted, GitCall, Refused, SmartHttp
from codybatch.standins.loopback import Answer, LoopbackServer, Request


class GitServer:
    """Serve bare repositories at `{url}/{owner}/{name}.git` from entering to leaving.

    Everyone may fetch a public repository; a private one needs a token that may push there.

    Arguments:
        root: the folder for the repositories.

    `faults` and `journal` are open to tests.
    """

    def __init__(self, root: Path) -> None:
        self.faults = FaultQueue()
        self.journal = Journal()
        self._root = root
        self._pushers: dict[str, set[str]] = {}
        self._private: set[str] = set()
        self._stopping = threading.Event()
        self._server = LoopbackServer(self._answer)
        self._git = SmartHttp(self)

    @property
    def url(self) -> str:
        """The server's address without a trailing slash."""
        return self._server.url

    def clone_url(self, full_name: str) -> str:
        """Return the address to clone `owner/name` from."""
        return f"{self.url}/{full_name}.git"

    def add_repository(
        self, full_name: str, files: Files | None = None, *, private: bool = False
    ) -> BareRepository:
        """Make a repository, with one commit where files are given."""
        repository = BareRepository.create(self._path(full_name))
        if files is not None:
            repository.commit(files, "First commit")
        if private:
            self._private.add(full_name)
        return repository

    def add_token(self, may_push: Iterable[str]) -> str:
        """Return a new token that may push to these repositories."""
        token = secrets.token_urlsafe(24)
        self._pushers[token] = set(may_push)
        return token

    def admit(self, call: GitCall, password: str | None) -> Admitted:
        """Decide as GitHub does; see `GitAccess`."""
        full_name = f"{call.owner}/{call.name}"
        if password is not None and password not in self._pushers:
            raise Refused(401, "Invalid username or token.")
        may_push = full_name in self._pushers.get(password or "", set())
        missing = not self._path(full_name).is_dir()
        if missing or (full_name in self._private and not may_push):
            raise Refused(401 if password is None else 404, "Repository not found.")
        if call.writes and not may_push:
            raise Refused(401 if password is None else 403, f"Permission to {full_name} denied.")
        return Admitted(self._path(full_name), "pusher" if may_push else "")

    def _path(self, full_name: str) -> Path:
        owner, _, name = full_name.partition("/")
        return self._root / owner / f"{name}.git"

    def _answer(self, request: Request) -> Answer:
        route = request.method, request.path, request.query_string
        with self.journal.recorded(*route) as entry:
            fault = self.faults.take(*route)
            entry.fault = fault.kind if fault else ""
            answer = (
                answer_with_fault(fault, lambda: self._act(request), self._stopping)
                if fault
                else self._act(request)
            )
            entry.status = 0 if entry.fault == "cut" else answer.status
            return answer

    def _act(self, request: Request) -> Answer:
        call = self._git.call_of(request)
        return self._git.answer(call, request) if call else Answer(404)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.stop()

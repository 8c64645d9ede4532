"""The stand-in as a process of its own, and the client for its control endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from codybatch.standins.git.faults import Fault
from codybatch.standins.github.control import PREFIX

SECONDS_TO_END = 10.0


class StandinFailed(RuntimeError):
    """The process ended before it served, or the control endpoint refused."""


class GitHubClient:
    """Speaks to the control endpoint of a running stand-in.

    Arguments:
        url: the stand-in's address without a trailing slash.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # Never through a proxy: the address is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def add_faults(self, faults: Sequence[Fault]) -> None:
        """Let these go wrong next."""
        self._call("POST", "faults", [fault.model_dump(mode="json") for fault in faults])

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        self._call("DELETE", "faults")

    def requests(self, route: str = "* *") -> list[dict[str, Any]]:
        """Return the requests that fit a route; the keys are `RecordedRequest`'s."""
        return list(self._call("GET", f"requests?{urlencode({'route': route})}"))

    def wait_for(self, route: str, count: int = 1, seconds: float = 10.0) -> bool:
        """Wait until so many fitting requests have arrived; False when they did not."""
        query = urlencode({"route": route, "count": count, "seconds": seconds})
        return bool(self._call("GET", f"wait?{query}")["arrived"])

    def state(self) -> dict[str, Any]:
        """Return `repositories`, `pull_requests` and `faults`."""
        return dict(self._call("GET", "state"))

    def set_check(
        self,
        full_name: str,
        ref: str,
        name: str,
        conclusion: str | None = "success",
        kind: str = "check_run",
    ) -> None:
        """Say what a check found on a commit."""
        body = {"full_name": full_name, "ref": ref, "name": name}
        self._call("POST", "checks", {**body, "conclusion": conclusion, "kind": kind})

    def change_repository(self, full_name: str, **facts: Any) -> None:
        """Change facts such as `archived=True`."""
        self._call("PATCH", f"repositories/{full_name}", facts)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}{PREFIX}{path}", data, method=method)  # noqa: S310
        try:
            with self._opener.open(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise StandinFailed(error.read().decode()) from error


class GitHubProcess:
    """Runs the stand-in over a folder in its own process, from entering to leaving.

    Repositories and tokens are prepared with a `GitHubStandin` on the same folder before.

    Arguments:
        root: the folder.

    Raises:
        StandinFailed: on entering, when the process ends before it serves.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        """The API's address as on GitHub Enterprise."""
        return f"{self.url}/api/v3"

    @property
    def client(self) -> GitHubClient:
        """A client for the control endpoint."""
        return GitHubClient(self.url)

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "codybatch.standins.github", "--root", str(self._root)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        # The address is its first line, written when it answers.
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self.__exit__()
            raise StandinFailed("the GitHub stand-in ended before it served")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

"""What the tests of the GitHub stand-in share: one repository, and clients for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import requests
from github import Auth, Github

from codybatch.standins.git import BareRepository
from codybatch.standins.github import GitHubStandin

APP = "acme/app"


def pygithub(standin: GitHubStandin, token: str | None = None, base_url: str = "") -> Github:
    """A client that neither waits nor tries again."""
    return Github(
        auth=Auth.Token(token or standin.tokens["service"]),
        base_url=base_url or standin.api_url,
        seconds_between_requests=0,
        seconds_between_writes=0,
        retry=0,
    )


def call(
    standin: GitHubStandin,
    method: str,
    path: str,
    *,
    token: str | None = "service",
    json: Any = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    """One request to the REST API; `token` is a name, or None for nobody."""
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = f"Bearer {standin.tokens.get(token, token)}"
    return requests.request(
        method,
        standin.api_url + path,
        json=json,
        headers=sent,
        timeout=20,
        allow_redirects=False,
    )


def graphql(standin: GitHubStandin, query: str, **variables: Any) -> dict[str, Any]:
    """One request to the GraphQL API."""
    answer = requests.post(
        f"{standin.url}/api/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"bearer {standin.tokens['service']}"},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def branch(bare: BareRepository, name: str, files: dict[str, str], message: str = "Change") -> str:
    """A branch off main with one commit more; its head."""
    bare.set_branch(name, bare.branches()["main"])
    return bare.commit(files, message, name)


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One git command as a person would run it."""
    return subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def push_url(standin: GitHubStandin, full_name: str = APP, token: str = "service") -> str:
    """The address to push to, with a token in it as only a test may write it."""
    credentials = f"x-access-token:{standin.tokens.get(token, token)}"
    return f"{standin.url.replace('://', f'://{credentials}@')}/{full_name}.git"

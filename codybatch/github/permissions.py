"""What the service account may do in a repository."""

from __future__ import annotations

from typing import Any

from github import Github

from codybatch.domain.repositories import RepositoryRef
from codybatch.github.connection import Connection

PER_PAGE = 100


def may_push(connection: Connection, repository: RepositoryRef) -> bool:
    """Whether the token may push there, asked now.

    Raises:
        RepositoryNotFound: it is gone.
    """
    if connection.token is None:
        return False
    doing = f"asking what we may do in {repository.full_name}"

    def ask(github: Github) -> tuple[str, bool, bool]:
        raw = github.get_repo(repository.full_name).raw_data
        rights = raw.get("permissions") or {}
        allowed = any(rights.get(right) for right in ("push", "maintain", "admin"))
        usable = not raw.get("archived") and not raw.get("disabled")
        return str(raw["full_name"]), usable, allowed

    name, usable, allowed = connection.read(doing, ask)
    connection.note_name(repository, name)
    if usable and is_installation(connection.token):
        return name.lower() in installed(connection)
    return usable and allowed


def is_installation(token: str | None) -> bool:
    """Whether a token is a GitHub App's, of one installation."""
    return bool(token) and str(token).startswith("ghs_")


def installed(connection: Connection) -> frozenset[str]:
    """The repositories where the App is installed, in lower case.

    The rights that a repository shows to an installation's token say nothing reliable; whether the
    App is installed there does (docs.github.com, "List repositories accessible to the app
    installation"). Where it may read alone, the push is refused.
    """

    def ask(github: Github) -> frozenset[str]:
        names: set[str] = set()
        for page in range(1, 1000):
            found: Any = github.requester.requestJsonAndCheck(
                "GET",
                "/installation/repositories",
                parameters={"per_page": PER_PAGE, "page": page},
            )[1]
            names |= {str(repository["full_name"]).lower() for repository in found["repositories"]}
            if len(found["repositories"]) < PER_PAGE:
                break
        return frozenset(names)

    return connection.read("listing where the GitHub App is installed", ask)

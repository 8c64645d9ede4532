"""What the service account may do in a repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codybatch.domain.repositories import RepositoryRef
from codybatch.github.connection import Connection

PER_PAGE = 100
MOST_PAGES = 1000


def may_push(connection: Connection, repository: RepositoryRef) -> bool:
    """Whether the credential may push there, asked now.

    Raises:
        RepositoryNotFound: it is gone.
    """
    if connection.credential.is_nobody:
        return False
    asked = repository.full_name
    name, usable, allowed = connection.get(
        f"asking what we may do in {asked}", f"/repos/{asked}", _rights
    )
    connection.note_name(repository, name)
    if usable and connection.credential.is_installation:
        return name.lower() in installed(connection)
    return usable and allowed


def _rights(raw: Mapping[str, Any]) -> tuple[str, bool, bool]:
    """The name of today, whether it can be changed at all, and whether the account may push."""
    rights = raw.get("permissions") or {}
    allowed = any(rights.get(right) for right in ("push", "maintain", "admin"))
    usable = not raw.get("archived") and not raw.get("disabled")
    return str(raw["full_name"]), usable, allowed


def installed(connection: Connection) -> frozenset[str]:
    """The repositories where the App is installed, in lower case.

    The rights that a repository shows to an installation's token say nothing reliable; whether the
    App is installed there does (docs.github.com, "List repositories accessible to the app
    installation"). Where it may read alone, the push is refused.
    """
    names: set[str] = set()
    for page in range(1, MOST_PAGES + 1):
        found, total = connection.get(
            "listing where the GitHub App is installed",
            "/installation/repositories",
            _names_and_total,
            {"per_page": PER_PAGE, "page": page},
        )
        names.update(found)
        if not found or page * PER_PAGE >= total:
            break
    return frozenset(names)


def _names_and_total(raw: Mapping[str, Any]) -> tuple[list[str], int]:
    names = [str(each["full_name"]).lower() for each in raw["repositories"]]
    return names, int(raw["total_count"])

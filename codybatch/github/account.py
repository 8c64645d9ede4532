"""Who GitHub takes us for, and how much it still lets through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from github import Github

from codybatch.domain.errors import RepositoryNotFound
from codybatch.github.connection import Connection
from codybatch.github.permissions import installed
from codybatch.ports import Account

SCOPES = "x-oauth-scopes"
"""A header of every answer to a classic token, and of none to others (docs.github.com, "Scopes for
OAuth apps")."""


def account(connection: Connection) -> Account:
    """Who we are and what is left; asking for the limits costs none of them.

    Raises:
        CodeHostCredentialRefused: GitHub knows no such credential.
        CodeHostThrottled, RepositoryUnavailable: it could not be asked.
    """
    headers, core = _limits(connection)
    scopes = headers.get(SCOPES)
    return Account(
        login=_login(connection),
        scopes=None if scopes is None else _listed(scopes),
        installed=len(installed(connection)) if connection.credential.is_installation else None,
        calls_left=core.get("remaining"),
        calls_an_hour=core.get("limit"),
        resets_at=datetime.fromtimestamp(core["reset"], UTC) if "reset" in core else None,
    )


def _limits(connection: Connection) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The headers of the answer, and the limits of the REST API; empty on a server without any."""

    def ask(github: Github) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        headers, raw = github.requester.requestJsonAndCheck("GET", "/rate_limit")
        return headers, raw["resources"]["core"]

    try:
        return connection.read("asking for our limits", ask)
    except RepositoryNotFound:
        return {}, {}


def _login(connection: Connection) -> str | None:
    if connection.credential.is_nobody:
        return None
    answer = connection.graphql("asking who we are", "{ viewer { login } }", {})
    return str(answer.data["viewer"]["login"])


def _listed(scopes: str) -> tuple[str, ...]:
    return tuple(scope for part in scopes.split(",") if (scope := part.strip()))

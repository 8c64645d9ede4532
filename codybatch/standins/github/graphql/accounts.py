"""People and organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from codybatch.standins.github.graphql.schema import (
    Arguments,
    Type,
    TypeBuilder,
    connection_types,
)
from codybatch.standins.github.records import Repository
from codybatch.standins.github.rest.shapes import time
from codybatch.standins.github.view import View

LISTING = "affiliations hasIssuesEnabled isArchived isFork isLocked orderBy ownerAffiliations \
privacy visibility"


def types() -> Iterable[Type]:
    """Return the types of this file."""
    user, organization = _account("User"), _account("Organization")
    user.add("name", lambda account, _, __: account.login)
    organization.add("name", lambda account, _, __: account.login)
    owner = _account("RepositoryOwner")
    both = frozenset({"User", "Organization"})
    yield user.build()
    yield organization.build()
    yield Type("RepositoryOwner", owner.fields, both)
    actor = ("login", "url", "avatarUrl", "resourcePath")
    yield Type("Actor", {name: owner.fields[name] for name in actor}, both)
    yield from connection_types("User")


def _account(name: str) -> TypeBuilder:
    built = TypeBuilder(name)
    built.add_plain(login="login", id="node_id")
    if name != "RepositoryOwner":
        built.add_plain(databaseId="id")
    built.add("url", lambda account, _, view: view.html(f"/{account.login}"))
    built.add("resourcePath", lambda account, _, __: f"/{account.login}")
    built.add("avatarUrl", lambda a, _, view: view.html(f"/avatars/{a.id}"), arguments="size")
    built.add_connection("repositories", _repositories, "RepositoryConnection", LISTING)
    built.add("repository", _repository, "Repository", "name! followRenames")
    return built


def _repositories(account: Any, arguments: Arguments, view: View) -> list[Repository]:
    owned = [r for r in view.visible() if r.owner.lower() == account.login.lower()]
    wanted: dict[str, Callable[[Repository], object]] = {
        "isArchived": lambda r: r.archived,
        "isFork": lambda r: r.fork_of is not None,
        "isLocked": lambda r: r.locked,
        "privacy": lambda r: "PRIVATE" if r.private else "PUBLIC",
        "visibility": lambda r: "PRIVATE" if r.private else "PUBLIC",
    }
    for name, value_of in wanted.items():
        if arguments.get(name) is not None:
            owned = [r for r in owned if value_of(r) == arguments[name]]
    return _ordered(owned, arguments.get("orderBy") or {})


def _ordered(repositories: list[Repository], order: dict[str, str]) -> list[Repository]:
    keys: dict[str, Callable[[Repository], Any]] = {
        "NAME": lambda r: r.name.lower(),
        "CREATED_AT": lambda r: (time(r.created_at), r.id),
        "PUSHED_AT": lambda r: (time(r.pushed_at), r.id),
        "UPDATED_AT": lambda r: (time(r.pushed_at), r.id),
        "STARGAZERS": lambda r: (r.stars, r.id),
    }
    key = keys.get(order.get("field", ""))
    if key is None:
        return repositories
    return sorted(repositories, key=key, reverse=order.get("direction") == "DESC")


def _repository(account: Any, arguments: Arguments, view: View) -> Repository | None:
    return view.find(f"{account.login}/{arguments['name']}")

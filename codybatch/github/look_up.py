"""Looking repositories up: many in one GraphQL call, or one by one where nobody is logged in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from github import GithubException

from codybatch.domain.errors import (
    BranchNotFound,
    CodeHostError,
    CodeHostThrottled,
    RepositoryNotFound,
    RepositoryRefused,
)
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.github.connection import Connection
from codybatch.github.failures import SECONDARY_WAIT, translated
from codybatch.ports import Clock, Unusable

PER_CALL = 40
"""Repositories of one GraphQL call: well below the limit of nodes and the server's ten seconds."""
_MAY_PUSH = frozenset({"ADMIN", "MAINTAIN", "WRITE"})
_COMMIT = re.compile(r"[0-9a-f]{40}")

_FIELDS = """
  databaseId nameWithOwner isPrivate isFork isArchived isDisabled isLocked isEmpty diskUsage
  viewerPermission pushedAt url primaryLanguage { name }
  repositoryTopics(first: 20) { nodes { topic { name } } }
  defaultBranchRef { name target { oid } }
"""


def look_up(
    connection: Connection, repositories: Sequence[RepositoryRef], clock: Clock
) -> tuple[RepositoryFacts | Unusable, ...]:
    """What GitHub says of each, in this order.

    Raises:
        CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable: nothing could be asked.
    """
    if connection.token is None:
        return tuple(_by_rest(connection, repository, clock) for repository in repositories)
    found: list[RepositoryFacts | Unusable] = []
    for start in range(0, len(repositories), PER_CALL):
        found += _by_graphql(connection, repositories[start : start + PER_CALL], clock)
    return tuple(found)


def _by_graphql(
    connection: Connection, repositories: Sequence[RepositoryRef], clock: Clock
) -> list[RepositoryFacts | Unusable]:
    with translated("looking up repositories", clock):
        answer = connection.graphql(_query(repositories), _variables(repositories))
    _raise_throttling(answer.get("errors") or (), clock.now())
    data: Mapping[str, Any] = answer.get("data") or {}
    return [
        _read(connection, repository, data.get(f"r{number}"), clock)
        for number, repository in enumerate(repositories)
    ]


def _query(repositories: Sequence[RepositoryRef]) -> str:
    """One query with an alias a repository; names go in as variables, never as text."""
    declared = ", ".join(f"$o{n}: String!, $n{n}: String!" for n in range(len(repositories)))
    asked = "".join(
        f"r{n}: repository(owner: $o{n}, name: $n{n}, followRenames: true) {{{_FIELDS}}}\n"
        for n in range(len(repositories))
    )
    return f"query({declared}) {{\n{asked}}}"


def _variables(repositories: Sequence[RepositoryRef]) -> dict[str, str]:
    named: dict[str, str] = {}
    for number, repository in enumerate(repositories):
        named |= {f"o{number}": repository.owner, f"n{number}": repository.name}
    return named


def _raise_throttling(errors: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """A rate limit comes with status 200 here."""
    if any(error.get("type") in {"RATE_LIMITED", "RATE_LIMIT"} for error in errors):
        raise CodeHostThrottled(until=now + SECONDARY_WAIT)


def _read(
    connection: Connection,
    repository: RepositoryRef,
    node: Mapping[str, Any] | None,
    clock: Clock,
) -> RepositoryFacts | Unusable:
    if node is None:
        return Unusable(repository, _unknown(repository))
    branch = node.get("defaultBranchRef") or {}
    facts = _Found(
        id=str(node["databaseId"]),
        name=node["nameWithOwner"],
        default_branch=branch.get("name") or "",
        head=(branch.get("target") or {}).get("oid") or "",
        size_kb=node.get("diskUsage") or 0,
        private=node["isPrivate"],
        archived=node["isArchived"],
        disabled=node["isDisabled"] or node.get("isLocked", False),
        fork=node["isFork"],
        language=(node.get("primaryLanguage") or {}).get("name"),
        topics=tuple(n["topic"]["name"] for n in node["repositoryTopics"]["nodes"]),
        pushed_at=node.get("pushedAt"),
        owned=node.get("viewerPermission") in _MAY_PUSH,
        url=node["url"],
    )
    return _usable(connection, repository, facts, clock)


def _by_rest(
    connection: Connection, repository: RepositoryRef, clock: Clock
) -> RepositoryFacts | Unusable:
    try:
        with translated(f"looking up {repository.full_name}", clock):
            found = connection.reading.get_repo(repository.full_name, lazy=False)
    except RepositoryNotFound:
        return Unusable(repository, _unknown(repository))
    facts = _Found(
        id=str(found.id),
        name=found.full_name,
        default_branch=found.default_branch or "",
        head="",
        size_kb=found.size,
        private=found.private,
        archived=found.archived,
        disabled=bool(found.raw_data.get("disabled")),
        fork=found.fork,
        language=found.language,
        topics=tuple(found.topics or ()),
        pushed_at=found.pushed_at,
        owned=False,
        url=found.html_url,
    )
    return _usable(connection, repository, facts, clock)


class _Found(dict[str, Any]):
    """What either way of asking brought, before the ref is looked up."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def _usable(
    connection: Connection, repository: RepositoryRef, found: _Found, clock: Clock
) -> RepositoryFacts | Unusable:
    refusal = _refusal(repository, found)
    if refusal is not None:
        return Unusable(repository, refusal)
    try:
        commit, base = _pinned(connection, repository, found, clock)
    except (BranchNotFound, RepositoryRefused) as error:
        return Unusable(repository, error)
    owner, _, name = found.name.partition("/")
    return RepositoryFacts(
        id=found.id,
        repository=RepositoryRef(owner=owner, name=name, ref=repository.ref),
        default_branch=found.default_branch,
        head_commit=commit,
        base_branch=base,
        size_kb=found.size_kb,
        private=found.private,
        archived=found.archived,
        disabled=found.disabled,
        fork=found.fork,
        language=found.language,
        topics=found.topics,
        pushed_at=found.pushed_at,
        owned=found.owned,
        web_url=found.url,
    )


def _refusal(repository: RepositoryRef, found: _Found) -> CodeHostError | RepositoryRefused | None:
    name = repository.full_name
    if found.archived:
        return RepositoryRefused(
            f"{name} is archived, so nothing can be changed there. Leave it out."
        )
    if found.disabled:
        return RepositoryRefused(f"{name} is disabled or locked on GitHub. Leave it out.")
    if not found.default_branch:
        return RepositoryRefused(f"{name} is empty: it has no commit to work on. Leave it out.")
    return None


def _pinned(
    connection: Connection, repository: RepositoryRef, found: _Found, clock: Clock
) -> tuple[str, str]:
    """The commit to pin, and the branch a pull request goes to."""
    if repository.ref is None and found.head:
        return found.head, found.default_branch
    wanted = repository.ref or found.default_branch
    base = found.default_branch
    with translated(f"looking up {repository}", clock):
        commit = _branch_commit(connection, found.name, wanted)
        if commit is not None:
            return commit, wanted
        commit = _any_commit(connection, found.name, wanted)
    if commit is None:
        if repository.ref is None:
            raise RepositoryRefused(f"{repository} is empty: it has no commit. Leave it out.")
        raise BranchNotFound(
            f"{repository.full_name} has no branch, tag or commit named {wanted!r}. "
            f"Its default branch is {base!r}."
        )
    return commit, base


def _branch_commit(connection: Connection, full_name: str, branch: str) -> str | None:
    try:
        ref = connection.reading.get_repo(full_name).get_git_ref(f"heads/{branch}")
        return ref.object.sha if ref.ref == f"refs/heads/{branch}" else None
    except GithubException as error:
        if error.status in {404, 409}:
            return None
        raise


def _any_commit(connection: Connection, full_name: str, ref: str) -> str | None:
    try:
        sha = connection.reading.get_repo(full_name).get_commit(ref).sha
    except GithubException as error:
        if error.status in {404, 409, 422}:
            return None
        raise
    return sha if _COMMIT.fullmatch(sha) else None


def _unknown(repository: RepositoryRef) -> RepositoryNotFound:
    return RepositoryNotFound(
        f"GitHub knows no repository {repository.full_name}, or GITHUB_TOKEN may not see it. "
        "Check its name and the token's access."
    )

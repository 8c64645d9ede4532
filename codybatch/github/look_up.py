"""Looking repositories up: many in one GraphQL call, or one by one where nobody is logged in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from github import Github, GithubException

from codybatch.domain.errors import (
    BranchNotFound,
    CodeHostError,
    NotPermitted,
    PolicyError,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.github.connection import Connection
from codybatch.github.failures import one_line
from codybatch.github.permissions import installed, is_installation
from codybatch.ports import Unusable

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


@dataclass(frozen=True)
class _Found:
    """What either way of asking brought."""

    facts: RepositoryFacts
    """``head_commit`` is the default branch's, or empty where that is not known yet."""
    locked: bool = False
    branch_head: str | None = None
    """Of the branch that the asked ref names, where it was asked for at once."""


def look_up(
    connection: Connection, repositories: Sequence[RepositoryRef]
) -> tuple[RepositoryFacts | Unusable, ...]:
    """What GitHub says of each, in this order.

    Raises:
        CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable: nothing could be asked.
    """
    if connection.token is None:
        return tuple(
            _one(connection, each, partial(_by_rest, connection, each)) for each in repositories
        )
    found: list[RepositoryFacts | Unusable] = []
    for start in range(0, len(repositories), PER_CALL):
        found += _by_graphql(connection, repositories[start : start + PER_CALL])
    return tuple(found)


def _one(
    connection: Connection, repository: RepositoryRef, find: Callable[[], _Found]
) -> RepositoryFacts | Unusable:
    try:
        return _usable(connection, repository, find())
    except (RepositoryNotFound, BranchNotFound, PolicyError) as error:
        return Unusable(repository, error)


def _by_graphql(
    connection: Connection, repositories: Sequence[RepositoryRef]
) -> list[RepositoryFacts | Unusable]:
    asked, variables = _query(repositories)
    answer = connection.graphql("looking up repositories", asked, variables)
    own = installed(connection) if is_installation(connection.token) else None

    def read(name: str, repository: RepositoryRef) -> RepositoryFacts | Unusable:
        node = answer.data.get(name)
        if node is None:
            return Unusable(repository, _missing(repository, answer.error_at(name)))
        return _one(connection, repository, lambda: _read_node(repository, node, own))

    return [read(f"r{place}", repository) for place, repository in enumerate(repositories)]


def _query(repositories: Sequence[RepositoryRef]) -> tuple[str, dict[str, str]]:
    """One query with an alias a repository; names go in as variables, never as text."""
    variables: dict[str, str] = {}
    parts: list[str] = []
    for place, repository in enumerate(repositories):
        variables |= {f"o{place}": repository.owner, f"n{place}": repository.name}
        fields = _FIELDS
        if repository.ref is not None:
            variables[f"b{place}"] = f"refs/heads/{repository.ref}"
            fields += f"asked: ref(qualifiedName: $b{place}) {{ target {{ oid }} }}\n"
        named = f"owner: $o{place}, name: $n{place}, followRenames: true"
        parts.append(f"r{place}: repository({named}) {{{fields}}}\n")
    declared = ", ".join(f"${name}: String!" for name in variables)
    return f"query({declared}) {{\n{''.join(parts)}}}", variables


def _missing(repository: RepositoryRef, error: Mapping[str, Any]) -> CodeHostError | PolicyError:
    said = one_line(str(error.get("message", "")))
    if error.get("type") == "FORBIDDEN":
        return NotPermitted(f"GitHub does not permit looking at {repository.full_name}: {said}")
    if error.get("type") in {None, "NOT_FOUND"}:
        return _unknown(repository)
    return RepositoryUnavailable(f"GitHub did not say anything of {repository.full_name}: {said}")


def _read_node(
    repository: RepositoryRef, node: Mapping[str, Any], own: frozenset[str] | None
) -> _Found:
    branch = node.get("defaultBranchRef") or {}
    asked = node.get("asked") or {}
    name = str(node["nameWithOwner"])
    may_push = node.get("viewerPermission") in _MAY_PUSH
    topics = (node.get("repositoryTopics") or {}).get("nodes") or ()
    facts = RepositoryFacts(
        id=str(node["databaseId"]),
        repository=_named(name, repository),
        default_branch=branch.get("name") or "",
        head_commit=(branch.get("target") or {}).get("oid") or "",
        size_kb=node.get("diskUsage") or 0,
        private=bool(node["isPrivate"]),
        archived=bool(node["isArchived"]),
        disabled=bool(node["isDisabled"]),
        fork=bool(node["isFork"]),
        language=(node.get("primaryLanguage") or {}).get("name"),
        topics=tuple(topic["topic"]["name"] for topic in topics),
        pushed_at=_moment(node.get("pushedAt")),
        owned=may_push if own is None else name.lower() in own,
        web_url=node["url"],
    )
    return _Found(facts, bool(node.get("isLocked")), (asked.get("target") or {}).get("oid"))


def _by_rest(connection: Connection, repository: RepositoryRef) -> _Found:
    """The repository as anybody may see it."""
    doing = f"looking up {repository.full_name}"

    def ask(github: Github) -> _Found:
        raw = github.get_repo(repository.full_name).raw_data
        facts = RepositoryFacts(
            id=str(raw["id"]),
            repository=_named(raw["full_name"], repository),
            default_branch=raw["default_branch"] or "",
            head_commit="",
            size_kb=raw.get("size") or 0,
            private=bool(raw["private"]),
            archived=bool(raw["archived"]),
            disabled=bool(raw.get("disabled")),
            fork=bool(raw["fork"]),
            language=raw.get("language"),
            topics=tuple(raw.get("topics") or ()),
            pushed_at=_moment(raw.get("pushed_at")),
            owned=False,
            web_url=raw["html_url"],
        )
        return _Found(facts)

    try:
        return connection.read(doing, ask)
    except RepositoryNotFound:
        raise _unknown(repository) from None


def _usable(connection: Connection, repository: RepositoryRef, found: _Found) -> RepositoryFacts:
    name, facts = repository.full_name, found.facts
    if facts.archived:
        raise RepositoryRefused(
            f"{name} is archived, so nothing can be changed there. Leave it out."
        )
    if facts.disabled or found.locked:
        what = "disabled" if facts.disabled else "locked"
        raise RepositoryRefused(f"{name} is {what} on GitHub. Leave it out.")
    if not facts.default_branch:
        raise RepositoryRefused(f"{name} is empty: it has no commit to work on. Leave it out.")
    commit, base = _pinned(connection, repository, found)
    return facts.with_(head_commit=commit, base_branch=base)


def _pinned(connection: Connection, repository: RepositoryRef, found: _Found) -> tuple[str, str]:
    """The commit to pin, and the branch a pull request goes to."""
    base, full_name = found.facts.default_branch, found.facts.repository.full_name
    if repository.ref is None:
        head = found.facts.head_commit or branch_commit(connection, full_name, base)
        if head is None:
            raise RepositoryRefused(f"{repository} is empty: it has no commit. Leave it out.")
        return head, base
    commit = found.branch_head or branch_commit(connection, full_name, repository.ref)
    if commit is not None:
        return commit, repository.ref
    commit = _any_commit(connection, full_name, repository.ref)
    if commit is not None:
        return commit, base
    raise BranchNotFound(
        f"{repository.full_name} has no branch, tag or commit named {repository.ref!r}. "
        f"Its default branch is {base!r}."
    )


def branch_commit(connection: Connection, full_name: str, branch: str) -> str | None:
    """The head of a branch; None where there is none of exactly this name."""

    def ask(github: Github) -> str | None:
        try:
            raw = github.get_repo(full_name).get_git_ref(f"heads/{branch}").raw_data
            # Older servers answer with the refs that begin like the one asked for.
            is_it = raw.get("ref") == f"refs/heads/{branch}"
            return str(raw["object"]["sha"]) if is_it else None
        except GithubException as error:
            if error.status in {404, 409}:  # 409: the repository is empty
                return None
            raise

    return connection.read(f"looking at the branch {branch} of {full_name}", ask)


def _any_commit(connection: Connection, full_name: str, ref: str) -> str | None:
    def ask(github: Github) -> str | None:
        try:
            # `.sha` alone would give back what was asked for, unseen by GitHub.
            sha = str(github.get_repo(full_name).get_commit(ref).raw_data["sha"])
        except GithubException as error:
            if error.status in {404, 409, 422}:
                return None
            raise
        return sha if _COMMIT.fullmatch(sha) else None

    return connection.read(f"looking for {ref} in {full_name}", ask)


def _named(full_name: str, asked: RepositoryRef) -> RepositoryRef:
    """Under the name of today, which another may be after a rename."""
    owner, _, name = full_name.partition("/")
    return RepositoryRef(owner=owner, name=name, ref=asked.ref)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _unknown(repository: RepositoryRef) -> RepositoryNotFound:
    return RepositoryNotFound(
        f"GitHub knows no repository {repository.full_name}, or GITHUB_TOKEN may not see it. "
        "Check its name and the token's access."
    )

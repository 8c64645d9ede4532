"""Looking repositories up: many in one GraphQL call, or one by one where nobody is logged in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

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
from codybatch.github.facts import FIELDS, of_node, of_rest
from codybatch.github.failures import one_line
from codybatch.github.permissions import installed
from codybatch.ports import Unusable

PER_CALL = 40
"""Repositories of one GraphQL call: well below the limit of nodes and the server's ten seconds."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class _Found:
    """What either way of asking brought."""

    facts: RepositoryFacts
    """``head_commit`` is the default branch's, or empty where that is not known yet."""
    locked: bool = False
    branch_head: str | None = None
    """Of the branch that the asked ref names, where it was asked for at once."""


def look_up(
    connection: Connection, repositories: Sequence[RepositoryRef], *, as_candidates: bool = False
) -> tuple[RepositoryFacts | Unusable, ...]:
    """What GitHub says of each, in this order.

    Args:
        connection: the way there.
        repositories: whom to ask for.
        as_candidates: give the facts of archived and empty ones too, as a listing does.

    Raises:
        CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable: nothing could be asked.
    """
    if connection.credential.is_nobody:
        return tuple(
            _one(connection, each, partial(_by_rest, connection, each), as_candidates)
            for each in repositories
        )
    own = installed(connection) if connection.credential.is_installation and repositories else None
    found: list[RepositoryFacts | Unusable] = []
    for start in range(0, len(repositories), PER_CALL):
        some = repositories[start : start + PER_CALL]
        found += _by_graphql(connection, some, own, as_candidates)
    return tuple(found)


def _one(
    connection: Connection,
    repository: RepositoryRef,
    find: Callable[[], _Found],
    as_candidates: bool,
) -> RepositoryFacts | Unusable:
    try:
        return _usable(connection, repository, find(), as_candidates)
    except (RepositoryNotFound, BranchNotFound, PolicyError) as error:
        return Unusable(repository, error)


def _by_graphql(
    connection: Connection,
    repositories: Sequence[RepositoryRef],
    own: frozenset[str] | None,
    as_candidates: bool,
) -> list[RepositoryFacts | Unusable]:
    asked, variables = _query(repositories)
    answer = connection.graphql("looking up repositories", asked, variables)
    variable = connection.credential.variable

    def read(name: str, repository: RepositoryRef) -> RepositoryFacts | Unusable:
        node = answer.data.get(name)
        if node is None:
            return Unusable(repository, _missing(repository, answer.error_at(name), variable))
        find = partial(_read_node, repository, node, own)
        return _one(connection, repository, find, as_candidates)

    return [read(f"r{place}", repository) for place, repository in enumerate(repositories)]


def _query(repositories: Sequence[RepositoryRef]) -> tuple[str, dict[str, str]]:
    """One query with an alias a repository; names go in as variables, never as text."""
    variables: dict[str, str] = {}
    parts: list[str] = []
    for place, repository in enumerate(repositories):
        variables |= {f"o{place}": repository.owner, f"n{place}": repository.name}
        fields = FIELDS
        if repository.ref is not None:
            variables[f"b{place}"] = f"refs/heads/{repository.ref}"
            fields += f"asked: ref(qualifiedName: $b{place}) {{ target {{ oid }} }}\n"
        named = f"owner: $o{place}, name: $n{place}, followRenames: true"
        parts.append(f"r{place}: repository({named}) {{{fields}}}\n")
    declared = ", ".join(f"${name}: String!" for name in variables)
    return f"query({declared}) {{\n{''.join(parts)}}}", variables


def _missing(
    repository: RepositoryRef, error: Mapping[str, Any], variable: str
) -> CodeHostError | PolicyError:
    said = one_line(str(error.get("message", "")))
    if error.get("type") == "FORBIDDEN":
        return NotPermitted(f"GitHub does not permit looking at {repository.full_name}: {said}")
    if error.get("type") in {None, "NOT_FOUND"}:
        return _unknown(repository, variable)
    return RepositoryUnavailable(f"GitHub did not say anything of {repository.full_name}: {said}")


def _read_node(
    repository: RepositoryRef, node: Mapping[str, Any], own: frozenset[str] | None
) -> _Found:
    head = ((node.get("asked") or {}).get("target") or {}).get("oid")
    return _Found(of_node(node, own, repository.ref), bool(node.get("isLocked")), head)


def _by_rest(connection: Connection, repository: RepositoryRef) -> _Found:
    """The repository as anybody may see it."""
    name = repository.full_name
    read = partial(of_rest, ref=repository.ref)
    try:
        return _Found(connection.get(f"looking up {name}", f"/repos/{name}", read))
    except RepositoryNotFound:
        raise _unknown(repository, connection.credential.variable) from None


def _usable(
    connection: Connection, repository: RepositoryRef, found: _Found, as_candidate: bool
) -> RepositoryFacts:
    name, facts = repository.full_name, found.facts
    if facts.archived:
        if as_candidate:
            return facts
        raise RepositoryRefused(
            f"{name} is archived, so nothing can be changed there. Leave it out."
        )
    if facts.disabled or found.locked:
        raise closed(name, is_disabled=facts.disabled)
    pinned = _pinned(connection, repository, found) if facts.default_branch else None
    if pinned is not None:
        return facts.with_(head_commit=pinned[0], base_branch=pinned[1])
    if as_candidate:
        return facts.with_(default_branch="")
    raise RepositoryRefused(f"{name} is empty: it has no commit to work on. Leave it out.")


def closed(name: str, *, is_disabled: bool) -> RepositoryRefused:
    """What to say of a repository that GitHub has closed."""
    what = "disabled" if is_disabled else "locked"
    return RepositoryRefused(f"{name} is {what} on GitHub. Leave it out.")


def _pinned(
    connection: Connection, repository: RepositoryRef, found: _Found
) -> tuple[str, str] | None:
    """The commit to pin, and the branch a pull request goes to; None where there is no commit."""
    base, full_name = found.facts.default_branch, found.facts.repository.full_name
    if repository.ref is None:
        head = found.facts.head_commit or branch_commit(connection, full_name, base)
        return None if head is None else (head, base)
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

    def read(raw: Mapping[str, Any]) -> str | None:
        # Older servers answer with the refs that begin like the one asked for.
        is_it = isinstance(raw, dict) and raw.get("ref") == f"refs/heads/{branch}"
        return str(raw["object"]["sha"]) if is_it else None

    path = f"/repos/{full_name}/git/ref/heads/{quote(branch)}"
    return connection.find(f"looking at the branch {branch} of {full_name}", path, read)


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


def _unknown(repository: RepositoryRef, variable: str) -> RepositoryNotFound:
    return RepositoryNotFound(
        f"GitHub knows no repository {repository.full_name}, or {variable} may not see it. "
        "Check its name and the credential's access."
    )

"""Candidates for a selection: of an organisation, a user, a topic, a search, or by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codybatch.domain.errors import (
    CodeHostError,
    InvalidSelection,
    NotPermitted,
    RepositoryNotFound,
)
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.selection import Source, SourceKind
from codybatch.github.connection import Connection, GraphQLAnswer
from codybatch.github.facts import FIELDS, named, of_node, of_rest
from codybatch.github.failures import one_line
from codybatch.github.look_up import closed, look_up
from codybatch.github.permissions import installed
from codybatch.ports import Candidates, Unusable

PER_PAGE = 100
"""Repositories or hits of one call, in either API (docs.github.com, "Using pagination")."""
MOST_HITS = 1000
"""What GitHub gives of one search (docs.github.com, "REST API endpoints for search")."""

# docs.github.com: of an account 39 letters, digits and hyphens (and a short code after an
# underscore where an enterprise manages it), of a topic 50.
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")

_OWNED = f"""
query($login: String!, $first: Int!, $after: String) {{ repositoryOwner(login: $login) {{
  __typename
  repositories(
    first: $first, after: $after, ownerAffiliations: [OWNER],
    orderBy: {{field: NAME, direction: ASC}}
  ) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {FIELDS} }} }}
}} }}
"""
_BY_ID = f"""
query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Repository {{ {FIELDS} }} }} }}
"""
_KINDS = {"Organization": SourceKind.ORGANISATION, "User": SourceKind.USER}
_PLAIN = {SourceKind.ORGANISATION: "organisation", SourceKind.USER: "user"}

Found = RepositoryFacts | Unusable


def candidates(connection: Connection, source: Source, limit: int) -> Candidates:
    """At most ``limit`` repositories of a source.

    Raises:
        RepositoryNotFound: there is no such organisation or user.
        NotPermitted: it may not be seen, or the search needs a credential.
        InvalidSelection: the source's words cannot be understood; the message says why.
    """
    ways: dict[SourceKind, Callable[[Connection, Source, int], Candidates]] = {
        SourceKind.NAMES: _named,
        SourceKind.ORGANISATION: _of_owner,
        SourceKind.USER: _of_owner,
        SourceKind.TOPIC: _of_topic,
        SourceKind.SEARCH: _of_search,
        SourceKind.CODE: _of_code,
    }
    return ways[source.kind](connection, source, limit)


def _named(connection: Connection, source: Source, limit: int) -> Candidates:
    found = look_up(connection, source.names[:limit], as_candidates=True)
    return Candidates(found, _cut(len(found), len(source.names), "are named"))


# --- an organisation's or a user's


def _of_owner(connection: Connection, source: Source, limit: int) -> Candidates:
    login = source.query.strip()
    if not _LOGIN.fullmatch(login):
        raise InvalidSelection(
            f"{source.query!r} is no {_PLAIN[source.kind]}: write its name on GitHub alone, "
            "which has letters, digits and hyphens."
        )
    if connection.credential.is_nobody:
        return _listed(connection, source.kind, login, limit)
    return _by_graphql(connection, source.kind, login, limit)


def _by_graphql(connection: Connection, kind: SourceKind, login: str, limit: int) -> Candidates:
    own = _installed(connection)
    found: list[Found] = []
    hidden, total, after = 0, 0, None
    while len(found) < limit:
        asked = {"login": login, "first": min(PER_PAGE, limit - len(found)), "after": after}
        answer = connection.graphql(f"listing the repositories of {login}", _OWNED, asked)
        listed = _repositories_of(answer, kind, login)
        nodes = listed.get("nodes") or ()
        found += [_of_node(node, own) for node in nodes if node]
        hidden += sum(not node for node in nodes)
        total, after = listed["totalCount"], listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            total = len(found) + hidden
            break
    return Candidates(
        tuple(found),
        _sentences(
            _cut(len(found) + hidden, total, f"are in {login}"),
            f"{hidden} of {login} may not be seen with this credential." if hidden else "",
        ),
    )


def _repositories_of(answer: GraphQLAnswer, kind: SourceKind, login: str) -> Mapping[str, Any]:
    owner = answer.data.get("repositoryOwner")
    if owner is None or owner.get("repositories") is None:
        error = answer.error_at("repositoryOwner")
        if error.get("type") not in {None, "NOT_FOUND"}:
            said = one_line(str(error.get("message", "")))
            raise NotPermitted(f"GitHub does not permit listing {login}: {said}")
        raise _no_owner(kind, login)
    is_kind = _KINDS.get(str(owner["__typename"]))
    if is_kind is not None and is_kind is not kind:
        raise _other_kind(login, is_kind, kind)
    repositories: Mapping[str, Any] = owner["repositories"]
    return repositories


def _listed(connection: Connection, kind: SourceKind, login: str, limit: int) -> Candidates:
    """As anybody may list them."""
    start = "orgs" if kind is SourceKind.ORGANISATION else "users"
    found: list[Found] = []
    while len(found) <= limit:  # one more says that there are more
        page = {"per_page": PER_PAGE, "page": len(found) // PER_PAGE + 1, "sort": "full_name"}
        try:
            some = connection.get(
                f"listing the repositories of {login}",
                f"/{start}/{login}/repos",
                lambda raw: [of_rest(each) for each in raw],
                page,
            )
        except RepositoryNotFound:
            raise _no_owner(kind, login) from None
        found += some
        if len(some) < PER_PAGE:
            break
    more = f"There are more than {limit} in {login}; only the first were looked at."
    return Candidates(tuple(found[:limit]), more if len(found) > limit else "")


def _no_owner(kind: SourceKind, login: str) -> RepositoryNotFound:
    return RepositoryNotFound(
        f"GitHub knows no {_PLAIN[kind]} {login}, or the credential may not see it. "
        "Check the name and the credential's access."
    )


def _other_kind(login: str, found: SourceKind, asked: SourceKind) -> InvalidSelection:
    return InvalidSelection(
        f"{login} is a GitHub {_PLAIN[found]}, not a GitHub {_PLAIN[asked]}. Ask for it as that."
    )


# --- what a search finds


def _of_topic(connection: Connection, source: Source, limit: int) -> Candidates:
    topic = source.query.strip().lower()
    if not _TOPIC.fullmatch(topic):
        raise InvalidSelection(
            f"{source.query!r} is no topic: a topic has letters, digits and hyphens alone."
        )
    return _searched(connection, f"topic:{topic} fork:true", limit)


def _of_search(connection: Connection, source: Source, limit: int) -> Candidates:
    return _searched(connection, _words(source), limit)


def _searched(connection: Connection, query: str, limit: int) -> Candidates:
    found: list[Mapping[str, Any]] = []
    total, timed_out = 0, False
    for page in _pages(connection, "/search/repositories", query):
        found += page.items
        total, timed_out = page.total, timed_out or page.timed_out
        if len(found) >= limit:
            break
    given = found[:limit]
    incomplete = _sentences(_cut(len(given), total, "match", is_search=True), _partly(timed_out))
    return Candidates(_facts(connection, given), incomplete)


def _of_code(connection: Connection, source: Source, limit: int) -> Candidates:
    query = _words(source)
    if connection.credential.is_nobody:
        raise NotPermitted(
            "GitHub searches code only for accounts: set GITHUB_TOKEN or a GitHub App."
        )
    hits, total, timed_out = 0, 0, False
    found: dict[str, Mapping[str, Any]] = {}  # many hits a repository
    for page in _pages(connection, "/search/code", query):
        found |= {str(each["node_id"]): each for each in page.items}
        hits += len(page.items)
        total, timed_out = page.total, timed_out or page.timed_out
        if len(found) > limit:
            break
    given = list(found.values())[:limit]
    more = (
        f"More than {limit} repositories match; only the first were looked at."
        if len(found) > limit
        else f"{total} files match, and GitHub shows {hits} of them: narrow the search to see all."
        if total > hits
        else ""
    )
    return Candidates(_facts(connection, given), _sentences(more, _partly(timed_out)))


def _words(source: Source) -> str:
    query = " ".join(source.query.split())
    if not query:
        raise InvalidSelection("The search is empty. Say what to look for.")
    return query


@dataclass(frozen=True)
class _Page:
    """One page of a search."""

    items: list[Mapping[str, Any]]
    """Repositories; one for each file that was found."""
    total: int
    timed_out: bool


def _read_page(raw: Mapping[str, Any]) -> _Page:
    items = [each.get("repository") or each for each in raw["items"]]
    return _Page(
        items,
        int(raw["total_count"]),
        bool(raw["incomplete_results"]),
    )


def _pages(connection: Connection, path: str, query: str) -> Iterator[_Page]:
    doing = "searching code" if path.endswith("code") else "searching repositories"
    for number in range(1, MOST_HITS // PER_PAGE + 1):
        asked = {"q": query, "per_page": PER_PAGE, "page": number}
        page = connection.search(doing, path, _read_page, asked)
        yield page
        if not page.items or number * PER_PAGE >= page.total:
            return


def _facts(connection: Connection, raw: Sequence[Mapping[str, Any]]) -> tuple[Found, ...]:
    """What is to be known of repositories that a search found."""
    if connection.credential.is_nobody:
        return tuple(of_rest(each) for each in raw)
    own = _installed(connection)
    found: list[Found] = []
    for start in range(0, len(raw), PER_PAGE):
        some = raw[start : start + PER_PAGE]
        asked = {"ids": [each["node_id"] for each in some]}
        answer = connection.graphql("looking at what a search found", _BY_ID, asked)
        for place, node in enumerate(answer.data.get("nodes") or ()):
            found.append(
                _of_node(node, own)
                if node
                else _hidden(some[place], answer.error_at("nodes", place))
            )
    return tuple(found)


def _hidden(raw: Mapping[str, Any], error: Mapping[str, Any]) -> Unusable:
    name, said = str(raw["full_name"]), one_line(str(error.get("message", "")))
    problem: CodeHostError | NotPermitted = (
        NotPermitted(f"GitHub does not permit looking at {name}: {said}")
        if error.get("type") == "FORBIDDEN"
        else RepositoryNotFound(f"GitHub's search found {name}, which is gone by now.")
    )
    return Unusable(named(name), problem)


def _of_node(node: Mapping[str, Any], own: frozenset[str] | None) -> Found:
    facts = of_node(node, own)
    if facts.disabled or node.get("isLocked"):
        error = closed(facts.repository.full_name, is_disabled=facts.disabled)
        return Unusable(facts.repository, error)
    return facts


def _installed(connection: Connection) -> frozenset[str] | None:
    return installed(connection) if connection.credential.is_installation else None


# --- what is not there


def _cut(given: int, total: int, how: str, *, is_search: bool = False) -> str:
    if total <= given:
        return ""
    narrow = f"; GitHub gives {MOST_HITS} of a search at most" if is_search else ""
    return f"{total} repositories {how}, and the first {given} were looked at{narrow}."


def _partly(timed_out: bool) -> str:
    return "GitHub's search took too long and may have missed some." if timed_out else ""


def _sentences(*said: str) -> str:
    return " ".join(sentence for sentence in said if sentence)

"""Candidates of every source, against the stand-in over real HTTP, and how many calls they cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    InvalidSelection,
    NotPermitted,
    RepositoryNotFound,
    RepositoryRefused,
)
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.selection import Source, SourceKind
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.credentials import AppInstallation, GitHubApp
from codybatch.github.write_gate import WriteGate
from codybatch.ports import Candidates, Unusable
from codybatch.standins.github import Fault, GitHubStandin, faults
from tests.unit.github.kit import WatchedClock, code_host, key_pair

BOTH = pytest.mark.parametrize("token", ["service", None])
KNOWN: dict[str, Any] = {"language": "Python", "size_kb": 1}
"""Facts that are set by hand need no look into the files."""


def source(kind: str, query: str = "", *names: str) -> Source:
    parsed = tuple(RepositoryRef.parse(name) for name in names)
    return Source(kind=SourceKind(kind), query=query, names=parsed)


def names(found: Candidates) -> list[str]:
    return [one.repository.full_name for one in found.found]


def copies(github: GitHubStandin, count: int, owner: str = "big", **facts: Any) -> list[str]:
    made = [f"{owner}/r{number:04d}" for number in range(count)]
    for name in made:
        github.add_repository(name, copy_of="acme/app", **KNOWN, **facts)
    github.journal.clear()
    return made


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubStandin]:
    """An organisation of 1,000 repositories, all with one topic."""
    clock = WatchedClock()
    folder = tmp_path_factory.mktemp("thousand")
    with GitHubStandin(folder / "github", now=clock.now) as running:
        running.add_repository("acme/app", files={"a.txt": "a\n"})
        copies(running, 1000, topics=("batch", "many"), permissions={"service": "push"})
        copies(running, 5, owner="more", topics=("many",))
        yield running


# --- how many calls


@pytest.mark.parametrize(("kind", "query", "calls"), [
    ("organisation", "big", 10), ("topic", "batch", 20), ("search", "topic:batch", 20),
])  # fmt: skip
def test_a_thousand_repositories_cost_tens_of_calls(
    thousand: GitHubStandin, kind: str, query: str, calls: int
) -> None:
    thousand.journal.clear()

    found = code_host(thousand).candidates(source(kind, query), 1000)

    assert len(set(names(found))) == 1000
    assert found.incomplete == ""
    assert all(isinstance(one, RepositoryFacts) and one.owned for one in found.found)
    assert len(thousand.requests()) == calls


def test_an_app_that_is_installed_in_a_thousand_repositories_costs_tens_of_calls(
    thousand: GitHubStandin,
) -> None:
    private, public = key_pair()
    thousand.add_app(7, public, "service")
    thousand.journal.clear()
    clock = WatchedClock()
    login = AppInstallation(GitHubApp("7", private), thousand.api_url, clock)
    host = GitHubCodeHost(thousand.api_url, thousand.url, login, clock, WriteGate(0.0))

    found = host.candidates(source("organisation", "big"), 1000)

    assert len(found.found) == 1000
    assert all(isinstance(one, RepositoryFacts) and one.owned for one in found.found)
    routes = ("GET /app/installations", "POST /app/*", "GET /installation/*", "POST /graphql")
    assert [len(thousand.requests(route)) for route in routes] == [1, 1, 10, 10]


def test_nobody_lists_a_thousand_repositories_in_eleven_calls(thousand: GitHubStandin) -> None:
    thousand.journal.clear()

    found = code_host(thousand, None).candidates(source("organisation", "big"), 1000)

    assert len(set(names(found))) == 1000
    assert len(thousand.requests()) == 11


def test_code_search_costs_a_call_a_hundred_hits_and_one_a_hundred_repositories(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    for number in range(20):
        files = {f"f{place}.py": "needle\n" for place in range(30)}
        github.add_repository(f"acme/code{number}", files=files, permissions={"service": "push"})
    github.journal.clear()

    found = host.candidates(source("code", "needle"), 1000)

    assert sorted(names(found)) == sorted(f"acme/code{number}" for number in range(20))
    assert len(github.requests("GET /search/code")) == 6
    assert len(github.requests("POST /graphql")) == 1


def test_what_is_behind_the_limit_of_a_search_is_told_and_costs_no_call(
    thousand: GitHubStandin,
) -> None:
    thousand.journal.clear()

    found = code_host(thousand).candidates(source("topic", "many"), 5000)

    assert len(found.found) == 1000
    assert found.incomplete == (
        "1005 repositories match, and the first 1000 were looked at; "
        "GitHub gives 1000 of a search at most."
    )
    assert len(thousand.requests()) == 20


def test_files_behind_the_limit_of_a_code_search_are_told(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    files = {f"f{place}.py": "needle\n" for place in range(1100)}
    github.add_repository("acme/large", files=files)

    found = host.candidates(source("code", "needle"), 1000)

    assert names(found) == ["acme/large"]
    assert found.incomplete.startswith("1100 files match, and GitHub shows 1000 of them")
    assert len(github.requests("GET /search/code")) == 10


# --- by name


@BOTH
def test_named_ones_are_looked_up(github: GitHubStandin, token: str | None) -> None:
    asked = source("names", "", "acme/app", "acme/gone")

    found = code_host(github, token).candidates(asked, 10)

    app, gone = found.found
    assert isinstance(app, RepositoryFacts)
    assert app.head_commit == github.bare("acme/app").branch("main")
    assert isinstance(gone, Unusable)
    assert found.incomplete == ""


@BOTH
@pytest.mark.parametrize("kind", ["names", "organisation"])
def test_archived_and_empty_ones_come_as_they_are(
    github: GitHubStandin, token: str | None, kind: str
) -> None:
    github.change_repository("acme/app", archived=True)
    github.add_repository("acme/empty")
    asked = source(kind, "acme", *(("acme/app", "acme/empty") if kind == "names" else ()))

    archived, empty = code_host(github, token).candidates(asked, 10).found

    assert isinstance(archived, RepositoryFacts)
    assert isinstance(empty, RepositoryFacts)
    assert archived.archived
    # A list does not show nobody whether a repository is empty.
    assert bool(empty.default_branch) is (token is None and kind == "organisation")


def test_a_locked_one_cannot_be_used_and_says_so(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.change_repository("acme/app", locked=True)

    (locked,) = host.candidates(source("organisation", "acme"), 10).found

    assert isinstance(locked, Unusable)
    assert isinstance(locked.error, RepositoryRefused)
    assert "locked" in str(locked.error)


# --- of an organisation or a user


@BOTH
@pytest.mark.parametrize("login", ["dana", "mona_acme"])  # the second one is a company's
def test_a_user_has_repositories_too(github: GitHubStandin, token: str | None, login: str) -> None:
    github.add_user(login)
    github.add_repository(f"{login}/notes", files={"a": "a"})

    found = code_host(github, token).candidates(source("user", f" {login} "), 10)

    assert names(found) == [f"{login}/notes"]


@BOTH
@pytest.mark.parametrize("kind", ["organisation", "user"])
def test_nobody_of_that_name_is_told(github: GitHubStandin, token: str | None, kind: str) -> None:
    with pytest.raises(RepositoryNotFound, match=f"no {kind} nobody-here"):
        code_host(github, token).candidates(source(kind, "nobody-here"), 10)


def test_a_user_is_no_organisation(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.add_user("dana")

    with pytest.raises(InvalidSelection, match="dana is a GitHub user, not a GitHub organisation"):
        host.candidates(source("organisation", "dana"), 10)


@pytest.mark.parametrize("kind", ["organisation", "user", "topic"])
@pytest.mark.parametrize("query", ["", " ", "acme org:upstream", "acme/app", "x\ny", "a?b=c", "ä",
                                   '"x"', "-x", "x OR y", "../acme"])  # fmt: skip
def test_a_name_cannot_smuggle_in_anything_else(
    github: GitHubStandin, host: GitHubCodeHost, kind: str, query: str
) -> None:
    with pytest.raises(InvalidSelection):
        host.candidates(source(kind, query), 10)
    assert github.requests() == []


@BOTH
def test_a_limit_cuts_a_listing_and_says_so(github: GitHubStandin, token: str | None) -> None:
    copies(github, 5)

    found = code_host(github, token).candidates(source("organisation", "big"), 3)

    assert names(found) == ["big/r0000", "big/r0001", "big/r0002"]
    assert "first" in found.incomplete
    assert "big" in found.incomplete


def test_a_listing_that_ends_at_the_limit_is_whole(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    copies(github, 3)

    assert host.candidates(source("organisation", "big"), 3).incomplete == ""


def test_the_rights_on_each_are_told(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.add_repository("acme/foreign", files={"a": "a"})

    found = host.candidates(source("organisation", "acme"), 10).found

    owned = {str(one.repository): isinstance(one, RepositoryFacts) and one.owned for one in found}
    assert owned == {"acme/app": True, "acme/foreign": False}


FORBIDDEN = "Resource protected by organization SAML enforcement."


def graphql(data: object, *path: str | int) -> Fault:
    """An answer of GraphQL in which what stands at a path may not be seen."""
    error = {"type": "FORBIDDEN", "path": path, "message": FORBIDDEN}
    body = json.dumps({"data": data, "errors": [error]})
    return Fault(route="POST /graphql", kind="answer", status=200, body=body)


def test_an_organisation_that_may_not_be_seen_is_told_with_the_reason(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.faults.add(graphql({"repositoryOwner": None}, "repositoryOwner"))

    with pytest.raises(NotPermitted, match=f"listing acme: {FORBIDDEN}"):
        host.candidates(source("organisation", "acme"), 10)


def test_repositories_that_may_not_be_seen_are_counted(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    listed = {"totalCount": 2, "pageInfo": {"hasNextPage": False, "endCursor": None},
              "nodes": [None, None]}  # fmt: skip
    owner = {"__typename": "Organization", "repositories": listed}
    path = ("repositoryOwner", "repositories", "nodes", 0)
    github.faults.add(graphql({"repositoryOwner": owner}, *path))

    found = host.candidates(source("organisation", "acme"), 10)

    assert found == Candidates((), "2 of acme may not be seen with this credential.")


def test_what_a_search_finds_and_the_token_may_not_see_is_told(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.change_repository("acme/app", topics=("web",))
    github.faults.add(graphql({"nodes": [None]}, "nodes", 0))

    (hidden,) = host.candidates(source("topic", "web"), 10).found

    assert isinstance(hidden, Unusable)
    assert isinstance(hidden.error, NotPermitted)
    assert FORBIDDEN in str(hidden.error)


# --- by topic, by a search of repositories, by a search of code


@BOTH
def test_a_topic_is_found_whatever_its_case(github: GitHubStandin, token: str | None) -> None:
    github.change_repository("acme/app", topics=("web",))
    github.add_repository("acme/other", files={"a": "a"}, topics=("web",))
    github.add_repository("acme/none", files={"a": "a"})

    found = code_host(github, token).candidates(source("topic", "Web"), 10)

    assert sorted(names(found)) == ["acme/app", "acme/other"]
    (asked,) = github.requests("GET /search/repositories")
    assert "topic%3Aweb+fork%3Atrue" in asked.query


def test_a_search_keeps_the_words_of_the_person(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.add_repository("upstream/app", files={"a": "a"})

    found = host.candidates(source("search", "app  org:upstream"), 10)

    assert names(found) == ["upstream/app"]


def test_a_search_that_github_does_not_understand_is_told(host: GitHubCodeHost) -> None:
    with pytest.raises(InvalidSelection, match=r"'org:nobody-here'.*cannot be searched"):
        host.candidates(source("search", "org:nobody-here"), 10)


@pytest.mark.parametrize("kind", ["search", "code"])
def test_an_empty_search_is_refused(host: GitHubCodeHost, kind: str) -> None:
    with pytest.raises(InvalidSelection, match="empty"):
        host.candidates(source(kind, " \n"), 10)


def test_the_search_s_own_limit_is_told(github: GitHubStandin, host: GitHubCodeHost) -> None:
    copies(github, 5, topics=("web",))

    found = host.candidates(source("topic", "web"), 2)

    assert len(found.found) == 2
    assert found.incomplete.startswith("5 repositories match, and the first 2 were looked at")


def test_a_search_that_took_too_long_is_told(github: GitHubStandin, host: GitHubCodeHost) -> None:
    body = '{"total_count": 0, "incomplete_results": true, "items": []}'
    github.faults.add(Fault(route="GET /search/repositories", kind="answer", status=200, body=body))

    found = host.candidates(source("search", "web"), 10)

    assert found.incomplete == "GitHub's search took too long and may have missed some."


def test_nobody_searches_code(github: GitHubStandin) -> None:
    with pytest.raises(NotPermitted, match="GITHUB_TOKEN"):
        code_host(github, None).candidates(source("code", "needle"), 10)
    assert github.requests() == []


def test_more_repositories_with_hits_than_asked_for_are_told(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    for name in ("acme/one", "acme/two"):
        github.add_repository(name, files={"a": "needle", "b": "needle"})

    found = host.candidates(source("code", "needle"), 1)

    assert names(found) == ["acme/one"]
    assert found.incomplete.startswith("More than 1 repositories match")


def test_what_vanished_since_the_search_is_told(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.change_repository("acme/app", private=True, topics=("web",))
    github.faults.add(faults.permission_withdrawn("POST /graphql", "acme/app", "service"))

    (gone,) = host.candidates(source("topic", "web"), 10).found

    assert isinstance(gone, Unusable)
    assert str(gone.repository) == "acme/app"
    assert "gone by now" in str(gone.error)


# --- pace


def test_searches_are_paced_and_whoever_waits_is_told(tmp_path: Path) -> None:
    clock, told = WatchedClock(), list[tuple[float, str]]()

    def wait(seconds: float, why: str) -> None:
        told.append((seconds, why))
        clock.sleep(seconds)

    with GitHubStandin(tmp_path / "github", now=clock.now, limits={"code_search": 2}) as github:
        files = {f"f{place}.py": "needle\n" for place in range(450)}
        github.add_repository("acme/app", files=files)
        host = code_host(github, clock=clock).waiting(wait)

        found = host.candidates(source("code", "needle"), 10)

        assert names(found) == ["acme/app"]
        statuses = [entry.status for entry in github.requests("GET /search/code")]
    assert statuses == [200] * 5  # never refused
    assert len(told) == 2
    assert all(0 < seconds <= 61 for seconds, _ in told)
    assert "lets no search through" in told[0][1]
    assert "searching code" in told[0][1]


@pytest.mark.parametrize("seconds", [20, 60])
def test_a_search_that_others_used_up_is_waited_for(
    github: GitHubStandin, host: GitHubCodeHost, clock: WatchedClock, seconds: int
) -> None:
    reset = int(clock.now().timestamp()) + seconds
    github.faults.add(faults.primary_rate_limit("GET /search/code", reset=reset))

    host.candidates(source("code", "needle"), 10)

    assert [seconds - 2 < slept <= seconds + 1 for slept in clock.slept] == [True]


def test_a_revoked_token_is_told(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.tokens.revoke("service")

    for asked in (source("organisation", "acme"), source("topic", "web"), source("code", "x")):
        with pytest.raises(CodeHostCredentialRefused):
            host.candidates(asked, 10)

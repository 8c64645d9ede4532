"""GitHub behind its port: access, heads and who we are."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import RepositoryNotFound
from codybatch.domain.repositories import AllowList, RepositoryRef
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.ports import CodeHost
from codybatch.standins.github import GitHubStandin
from tests.unit.github.kit import APP, WatchedClock, branch, code_host

GONE = RepositoryRef(owner="acme", name="gone")


def test_it_is_a_code_host(host: GitHubCodeHost) -> None:
    port: CodeHost = host
    assert port is host


def test_git_gets_an_address_without_the_credential(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    access = host.git_access(APP, write=True)

    assert access.url == f"{github.url}/acme/app.git"
    assert access.token == github.tokens["service"]
    assert access.allow_http is True
    assert access.token not in repr(access)
    assert github.requests() == []


@pytest.mark.parametrize("token", [None, ""])
def test_nobody_has_no_credential(github: GitHubStandin, token: str | None) -> None:
    assert code_host(github, token).git_access(APP).token is None


def test_http_is_for_servers_that_are_set_so(github: GitHubStandin, host: GitHubCodeHost) -> None:
    safe = GitHubCodeHost(
        github.api_url, "https://github.com/", "t", host._connection.clock, host._connection.gate
    )

    access = safe.git_access(APP)

    assert (access.url, access.allow_http) == ("https://github.com/acme/app.git", False)


@pytest.mark.parametrize("name", ["work", "deep/er", "fünf", "a#b", "50%25", "a+b&c=d"])
def test_the_head_of_a_branch_is_found(
    github: GitHubStandin, host: GitHubCodeHost, name: str
) -> None:
    head = branch(github, name)

    assert host.branch_head(APP, name) == head


def test_a_branch_that_only_begins_so_is_not_it(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    branch(github, "work-2")

    assert host.branch_head(APP, "work") is None


def test_an_empty_repository_has_no_heads(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.add_repository("acme/empty", permissions={"service": "push"})

    assert host.branch_head(RepositoryRef.parse("acme/empty"), "main") is None


def test_a_repository_that_is_gone_is_no_missing_branch(host: GitHubCodeHost) -> None:
    for ask in (
        lambda: host.branch_head(GONE, "main"),
        lambda: host.may_push(GONE),
        lambda: host.pull_request_of(GONE, "work"),
    ):
        with pytest.raises(RepositoryNotFound, match="acme/gone"):
            ask()


def test_a_former_name_leads_to_the_repository_and_git_goes_there(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.rename_repository("acme/app", "acme/tool")

    assert host.may_push(APP) is True
    assert host.branch_head(APP, "main") == github.bare("acme/tool").branch("main")
    assert host.git_access(APP).url == f"{github.url}/acme/tool.git"


def test_a_repository_that_went_to_another_owner_is_not_followed(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    """Nobody's allow-list was asked about it."""
    github.rename_repository("acme/app", "evil/app")

    with pytest.raises(RepositoryNotFound, match="has moved to evil/app"):
        host.may_push(APP)
    with pytest.raises(RepositoryNotFound, match="has moved to evil/app"):
        host.branch_head(APP, "main")


def test_a_repository_whose_new_name_is_not_allowed_is_not_followed(github: GitHubStandin) -> None:
    allowed = AllowList.parse("acme/*,!acme/secret*")
    github.add_repository("acme/tool", files={"a": "a"}, permissions={"service": "push"})
    github.rename_repository("acme/app", "acme/secrets")
    github.rename_repository("acme/tool", "acme/tools")
    token, gate = github.tokens["service"], WriteGate(0.0)
    host = GitHubCodeHost(
        github.api_url, github.url, token, WatchedClock(), gate, permits=allowed.permits
    )

    with pytest.raises(RepositoryNotFound, match="has moved to acme/secrets"):
        host.may_push(APP)
    assert host.may_push(RepositoryRef.parse("acme/tool")) is True

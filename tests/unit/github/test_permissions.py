"""What the service account may do, asked now."""

from __future__ import annotations

import pytest

from codybatch.domain.repositories import RepositoryFacts
from codybatch.github.code_host import GitHubCodeHost
from codybatch.standins.github import GitHubStandin
from tests.unit.github.kit import APP, code_host


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("pull", False), ("triage", False), ("push", True), ("maintain", True), ("admin", True)],
)
def test_a_role_may_push_or_not(
    github: GitHubStandin, host: GitHubCodeHost, role: str, allowed: bool
) -> None:
    github.change_repository("acme/app", permissions={"service": role})

    assert host.may_push(APP) is allowed


@pytest.mark.parametrize("fact", ["archived", "disabled"])
def test_nobody_pushes_to_what_takes_no_change(
    github: GitHubStandin, host: GitHubCodeHost, fact: str
) -> None:
    github.change_repository("acme/app", **{fact: True})

    assert host.may_push(APP) is False


def test_nobody_may_push_and_nothing_is_asked(github: GitHubStandin) -> None:
    assert code_host(github, None).may_push(APP) is False
    assert github.requests() == []


def test_it_is_asked_each_time(github: GitHubStandin, host: GitHubCodeHost) -> None:
    assert host.may_push(APP) is True
    github.change_repository("acme/app", permissions={})
    assert host.may_push(APP) is False


def test_an_app_may_push_where_it_is_installed(github: GitHubStandin) -> None:
    github.add_repository("acme/other", files={"a": "a"})
    ids = tuple(
        github.add_repository(f"acme/r{number}", copy_of="acme/app").id for number in range(100)
    )
    installed = (*ids, github.repository("acme/app").id)
    token = github._site.new_token("app", "app[bot]", installation=1, repositories=installed).value
    host = code_host(github, token)

    assert host.may_push(APP) is True
    other = APP.with_(name="other")
    assert host.may_push(other) is False
    own, foreign = host.look_up([APP, other])
    assert isinstance(own, RepositoryFacts)
    assert isinstance(foreign, RepositoryFacts)
    assert (own.owned, foreign.owned) == (True, False)

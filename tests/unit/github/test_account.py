"""Who GitHub takes us for, what the token says it may do, and what is left of the limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.github import Fault, GitHubStandin
from tests.unit.github.kit import code_host


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path) as running:
        yield running


def test_a_token_is_its_account_with_its_scopes_and_what_is_left(github: GitHubStandin) -> None:
    github.tokens.add("classic", "dana", scopes="repo, workflow")

    found = code_host(github, "classic").account()

    assert (found.login, found.scopes) == ("dana", ("repo", "workflow"))
    assert (found.calls_left, found.calls_an_hour) == (5000, 5000)
    assert found.resets_at is not None
    assert found.installed is None


@pytest.mark.parametrize(("scopes", "read"), [(None, None), ("", ())])
def test_a_token_that_names_no_scopes_is_told_from_one_that_has_none(
    github: GitHubStandin, scopes: str | None, read: tuple[str, ...] | None
) -> None:
    github.tokens.add("other", scopes=scopes)

    assert code_host(github, "other").account().scopes == read


def test_nobody_has_no_login_and_sixty_calls(github: GitHubStandin) -> None:
    found = code_host(github, None).account()

    assert (found.login, found.scopes, found.calls_an_hour) == (None, None, 60)


def test_an_apps_installation_says_in_how_many_repositories_it_is(github: GitHubStandin) -> None:
    app = github.add_repository("acme/app", files={"a.txt": "a"})
    github._site.new_token("installed", "cody[bot]", installation=1, repositories=(app.id,))

    found = code_host(github, "installed").account()

    assert (found.login, found.scopes, found.installed) == ("cody[bot]", None, 1)


@pytest.mark.parametrize(("token", "login"), [("service", "service"), (None, None)])
def test_a_server_without_limits_answers_all_the_same(
    github: GitHubStandin, token: str | None, login: str | None
) -> None:
    missing = '{"message": "Not Found"}'
    github.faults.add(Fault(route="GET /rate_limit", kind="answer", status=404, body=missing))

    found = code_host(github, token).account()

    assert (found.login, found.calls_left, found.resets_at) == (login, None, None)

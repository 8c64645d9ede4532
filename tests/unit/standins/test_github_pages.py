"""The pages that a browser gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from codybatch.standins.github import GitHubStandin
from tests.unit.standins.github_world import APP, branch, pygithub

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository(APP, files={"a.txt": "a\n"}, permissions={"service": "push"})
        branch(running.bare(APP), "feature", {"a.txt": "<script>b</script>\n"})
        yield running


def page(github: GitHubStandin, path: str) -> requests.Response:
    return requests.get(github.url + path, headers=BROWSER, timeout=20)


def test_a_pull_requests_address_shows_it_with_its_changes(github: GitHubStandin) -> None:
    pull = (
        pygithub(github)
        .get_repo(APP)
        .create_pull("main", "feature", title="T <b>", body="Why <img src=x>", draft=True)
    )

    shown = requests.get(pull.html_url, headers=BROWSER, timeout=20)

    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "T &lt;b&gt;" in shown.text
    assert "Draft: service wants to merge" in shown.text
    assert "+&lt;script&gt;b&lt;/script&gt;" in shown.text
    assert "<script" not in shown.text
    assert "<img" not in shown.text


def test_a_repositorys_address_lists_its_pull_requests(github: GitHubStandin) -> None:
    assert "None yet." in page(github, f"/{APP}").text
    pygithub(github).get_repo(APP).create_pull("main", "feature", title="First")

    assert 'href="/acme/app/pull/1">#1 First</a> (Open)' in page(github, f"/{APP}").text


def test_the_diff_address_gives_the_plain_diff(github: GitHubStandin) -> None:
    pull = pygithub(github).get_repo(APP).create_pull("main", "feature", title="T")

    diff = requests.get(pull.diff_url, timeout=20)

    assert diff.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "-a\n+<script>b</script>\n" in diff.text


@pytest.mark.parametrize("path", ["/acme/gone", "/acme/app/pull/9", "/"])
def test_what_is_not_there_is_a_404(github: GitHubStandin, path: str) -> None:
    assert page(github, path).status_code == 404


def test_a_private_repository_has_no_page(github: GitHubStandin) -> None:
    github.change_repository(APP, private=True)

    assert page(github, f"/{APP}").status_code == 404

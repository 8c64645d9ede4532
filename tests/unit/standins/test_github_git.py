"""git through the GitHub stand-in: who may, and what a push changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from git import Repo

from codybatch.standins.github import GitHubStandin, faults
from tests.unit.standins.github_world import APP, git, push_url, pygithub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository(APP, files={"a.txt": "a"}, permissions={"service": "push"})
        running.tokens.add("reader")
        yield running


@pytest.fixture
def work(github: GitHubStandin, tmp_path: Path) -> Path:
    """A clone by GitPython from the address the API gives, with one commit of its own."""
    folder = tmp_path / "work"
    Repo.clone_from(pygithub(github).get_repo(APP).clone_url, folder, depth=1)
    (folder / "b.txt").write_text("b")
    git(folder, "add", "b.txt")
    git(folder, "commit", "-qm", "Add b")
    return folder


def push(work: Path, github: GitHubStandin, token: str = "service") -> tuple[int, str]:
    pushed = git(work, "push", push_url(github, token=token), "HEAD:refs/heads/feature")
    return pushed.returncode, pushed.stderr


def test_a_shallow_clone_pushes_a_branch(github: GitHubStandin, work: Path) -> None:
    status, _ = push(work, github)

    assert status == 0
    head = git(work, "rev-parse", "HEAD").stdout.strip()
    assert github.bare(APP).branch("feature") == head
    assert pygithub(github).get_repo(APP).get_branch("feature").commit.sha == head


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"permissions": {"service": "triage"}}, "Permission to acme/app.git denied to service"),
        ({"archived": True}, "This repository was archived so it is read-only."),
        ({"locked": True}, "This repository is locked."),
        ({"disabled": True}, "Access to this repository has been disabled."),
    ],
)
def test_a_push_is_refused_in_githubs_words(
    github: GitHubStandin, work: Path, facts: dict[str, object], message: str
) -> None:
    github.change_repository(APP, **facts)

    status, output = push(work, github)

    assert status != 0
    assert message in output
    assert "error: 403" in output


def test_a_revoked_token_is_refused(github: GitHubStandin, work: Path) -> None:
    github.tokens.revoke("service")

    status, output = push(work, github)

    assert status != 0
    assert "Invalid username or token" in output


def test_a_new_token_of_the_same_account_works_on(github: GitHubStandin, work: Path) -> None:
    github.tokens.add("fresh", login="service")
    github.tokens.revoke("service")

    assert push(work, github, "fresh")[0] == 0
    assert pygithub(github, github.tokens["fresh"]).get_user().login == "service"


def test_a_private_repository_is_cloned_with_a_token_only(
    github: GitHubStandin, tmp_path: Path
) -> None:
    github.change_repository(APP, private=True)

    def clone(url: str, folder: str) -> int:
        return git(tmp_path, "clone", "-q", url, folder).returncode

    assert clone(push_url(github), "one") == 0
    assert clone(push_url(github, token="reader"), "two") != 0
    assert clone(f"{github.url}/{APP}.git", "three") != 0


def test_a_renamed_repository_is_followed_by_git(github: GitHubStandin, tmp_path: Path) -> None:
    github.rename_repository(APP, "acme/new")
    old = f"{github.url}/{APP}.git"

    followed = git(tmp_path, "clone", "-q", old, "one")
    refused = git(tmp_path, "-c", "http.followRedirects=false", "clone", "-q", old, "two")

    assert followed.returncode == 0, followed.stderr
    assert refused.returncode != 0


def test_the_address_works_without_its_ending(github: GitHubStandin, tmp_path: Path) -> None:
    assert git(tmp_path, "clone", "-q", f"{github.url}/{APP}", "one").returncode == 0


def test_a_push_to_a_copy_leaves_the_others_alone(github: GitHubStandin, work: Path) -> None:
    github.add_repository("acme/copy", copy_of=APP, permissions={"service": "push"})
    github.add_repository("acme/twin", copy_of=APP)

    pushed = git(work, "push", push_url(github, "acme/copy"), "HEAD:refs/heads/feature")

    assert pushed.returncode == 0, pushed.stderr
    assert list(github.bare("acme/copy").branches()) == ["feature", "main"]
    assert list(github.bare("acme/twin").branches()) == ["main"]


def test_a_push_whose_answer_is_lost_has_happened(github: GitHubStandin, work: Path) -> None:
    route = f"POST /{APP}.git/git-receive-pack"
    github.faults.add(faults.cut(route, after_acting=True, after_bytes=1))

    status, _ = push(work, github)

    assert status != 0
    assert "feature" in github.bare(APP).branches()


def test_permission_may_go_between_discovery_and_push(github: GitHubStandin, work: Path) -> None:
    route = f"POST /{APP}.git/git-receive-pack"
    github.faults.add(faults.permission_withdrawn(route, APP, "service"))

    status, output = push(work, github)

    assert status != 0
    assert "403" in output
    assert "feature" not in github.bare(APP).branches()


def test_git_requests_are_recorded_like_all_others(github: GitHubStandin, work: Path) -> None:
    github.journal.clear()

    push(work, github)

    recorded = [(entry.method, entry.path, entry.token) for entry in github.requests()]
    assert ("POST", f"/{APP}.git/git-receive-pack", "service") in recorded
    assert recorded[0] == ("GET", f"/{APP}.git/info/refs", "")

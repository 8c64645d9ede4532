"""Repositories through PyGithub and plain REST."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from github import GithubException, UnknownObjectException

from codybatch.standins.github import FixtureCommit, FixtureFile, GitHubStandin
from tests.unit.standins.github_world import APP, branch, call, pygithub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository(
            APP,
            files={"README.md": "# App\n", "src/app.py": "print('app')\n" * 40},
            permissions={"service": "push"},
            description="The app",
            topics=("web", "python"),
        )
        yield running


def test_a_repository_tells_what_is_true_of_it(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)

    assert repository.full_name == APP
    assert repository.id == github.repository(APP).id
    assert repository.node_id == github.repository(APP).node_id
    assert repository.clone_url == f"{github.url}/acme/app.git"
    assert (repository.private, repository.archived, repository.fork) == (False, False, False)
    assert repository.raw_data["disabled"] is False
    assert (repository.default_branch, repository.language) == ("main", "Python")
    assert repository.topics == ["web", "python"]
    assert repository.size == github.bare(APP).size_kb() > 0
    assert call(github, "GET", f"/repos/{APP}/languages").json() == {"Python": 520}


@pytest.mark.parametrize(
    ("role", "push", "admin"),
    [
        ("pull", False, False),
        ("triage", False, False),
        ("push", True, False),
        ("admin", True, True),
    ],
)
def test_permissions_follow_the_role(
    github: GitHubStandin, role: str, push: bool, admin: bool
) -> None:
    github.change_repository(APP, permissions={"service": role})

    permissions = pygithub(github).get_repo(APP).permissions

    assert (permissions.pull, permissions.push, permissions.admin) == (True, push, admin)


def test_nobody_is_told_of_permissions(github: GitHubStandin) -> None:
    assert "permissions" not in call(github, "GET", f"/repos/{APP}", token=None).json()


def test_a_private_repository_is_missing_for_strangers(github: GitHubStandin) -> None:
    github.change_repository(APP, private=True)
    github.tokens.add("stranger")

    statuses = [
        call(github, "GET", f"/repos/{APP}", token=token).status_code
        for token in ("service", "stranger", None)
    ]

    assert statuses == [200, 404, 404]


@pytest.mark.parametrize("token", ["unknown", "revoked"])
def test_a_token_that_does_not_hold_is_refused_everywhere(
    github: GitHubStandin, token: str
) -> None:
    github.tokens.add("revoked")
    github.tokens.revoke("revoked")

    answer = call(github, "GET", f"/repos/{APP}", token=token)

    assert answer.status_code == 401
    assert answer.json()["message"] == "Bad credentials"


def test_a_renamed_repository_is_followed(github: GitHubStandin) -> None:
    github.rename_repository(APP, "acme/application")

    redirect = call(github, "GET", f"/repos/{APP}")
    repository = pygithub(github).get_repo(APP)

    assert redirect.status_code == 301
    assert redirect.headers["Location"] == f"{github.api_url}/repositories/{repository.id}"
    assert repository.full_name == "acme/application"
    assert repository.clone_url.endswith("/acme/application.git")


def test_a_change_under_a_former_name_is_not_made(github: GitHubStandin) -> None:
    branch(github.bare(APP), "feature", {"a.txt": "a"})
    github.rename_repository(APP, "acme/application")
    new = {"title": "T", "head": "feature", "base": "main"}

    answer = call(github, "POST", f"/repos/{APP}/pulls", json=new)

    assert answer.status_code == 307
    assert github.pull_requests("acme/application") == []


def test_names_are_found_in_any_case(github: GitHubStandin) -> None:
    assert pygithub(github).get_repo("ACME/App").full_name == APP


def test_the_api_is_at_the_root_too_with_its_own_addresses(github: GitHubStandin) -> None:
    repository = pygithub(github, base_url=github.url).get_repo(APP)

    assert repository.url == f"{github.url}/repos/{APP}"
    assert [found.name for found in repository.get_branches()] == ["main"]


def test_addresses_keep_the_name_that_the_client_used(github: GitHubStandin) -> None:
    base_url = github.api_url.replace("127.0.0.1", "localhost")

    assert pygithub(github, base_url=base_url).get_repo(APP).get_branch("main").name == "main"


def test_another_host_name_is_refused(github: GitHubStandin) -> None:
    answer = call(github, "GET", f"/repos/{APP}", headers={"Host": "evil.example"})

    assert answer.status_code == 403


def test_branches_and_refs_are_those_of_git(github: GitHubStandin) -> None:
    head = branch(github.bare(APP), "team/feature", {"b.txt": "b"})
    repository = pygithub(github).get_repo(APP)

    assert {found.name for found in repository.get_branches()} == {"main", "team/feature"}
    assert repository.get_branch("team/feature").commit.sha == head
    assert repository.get_git_ref("heads/team/feature").object.sha == head
    with pytest.raises(GithubException, match="Branch not found"):
        repository.get_branch("gone")
    with pytest.raises(UnknownObjectException):
        repository.get_git_ref("heads/gone")


def test_a_branch_is_deleted_by_its_ref(github: GitHubStandin) -> None:
    branch(github.bare(APP), "feature", {"b.txt": "b"})

    pygithub(github).get_repo(APP).get_git_ref("heads/feature").delete()

    assert list(github.bare(APP).branches()) == ["main"]


def test_commits_are_those_of_git(github: GitHubStandin) -> None:
    head = github.commit(APP, {"b.txt": "b"}, "Add b\n\nBecause.")
    repository = pygithub(github).get_repo(APP)

    commit = repository.get_commit("main")

    assert (commit.sha, commit.commit.message) == (head, "Add b\n\nBecause.")
    assert commit.commit.author.email == "ada@example.com"
    assert [found.sha for found in repository.get_commits()] == [head, commit.parents[0].sha]
    with pytest.raises(GithubException) as missing:
        repository.get_commit("0" * 40)
    assert missing.value.status == 422


def test_files_are_read_as_they_are(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)
    content = repository.get_contents("src/app.py")

    assert repository.get_readme().decoded_content == b"# App\n"
    assert not isinstance(content, list)
    assert content.decoded_content.startswith(b"print(")
    with pytest.raises(UnknownObjectException):
        repository.get_contents("missing.txt")


def test_an_empty_repository_has_neither_commits_nor_readme(github: GitHubStandin) -> None:
    github.add_repository("acme/empty")
    repository = pygithub(github).get_repo("acme/empty")

    assert list(repository.get_branches()) == []
    with pytest.raises(GithubException) as empty:
        list(repository.get_commits())
    assert empty.value.status == 409
    with pytest.raises(UnknownObjectException):
        repository.get_readme()


def test_listings_come_in_pages_linked_to_each_other(github: GitHubStandin) -> None:
    for number in range(5):
        github.add_repository(f"acme/copy-{number}", copy_of=APP)

    first = call(github, "GET", "/orgs/acme/repos?per_page=2")
    last = call(github, "GET", "/orgs/acme/repos?per_page=2&page=3")

    assert [found["name"] for found in first.json()] == ["app", "copy-0"]
    assert set(first.links) == {"next", "last"}
    assert first.links["last"]["url"] == f"{github.api_url}/orgs/acme/repos?per_page=2&page=3"
    assert [found["name"] for found in last.json()] == ["copy-3", "copy-4"]
    assert set(last.links) == {"prev", "first"}


def test_a_thousand_repositories_are_listed_in_ten_calls(github: GitHubStandin) -> None:
    for number in range(999):
        github.add_repository(f"acme/copy-{number:03}", copy_of=APP)
    client = pygithub(github)
    client.per_page = 100

    names = {found.full_name for found in client.get_organization("acme").get_repos()}

    assert len(names) == 1000
    assert len(github.requests("GET /orgs/acme/repos")) == 10


def test_lists_show_what_the_caller_may_see(github: GitHubStandin) -> None:
    github.add_repository("acme/hidden", private=True)
    github.add_repository("acme/shown", private=True, permissions={"service": "pull"})
    client = pygithub(github)

    organization = {found.name for found in client.get_organization("acme").get_repos()}
    named = {found.name for found in client.get_user("acme").get_repos()}
    own = {found.name for found in client.get_user().get_repos()}

    assert organization == {"app", "shown"}
    assert named == {"app"}
    assert own == {"app", "shown"}
    assert client.get_user().login == "service"


def test_an_organisation_is_not_a_user_and_nobody_is_missing_quietly(
    github: GitHubStandin,
) -> None:
    github.add_user("ada")
    client = pygithub(github)

    assert client.get_user("acme").type == "Organization"
    with pytest.raises(UnknownObjectException):
        client.get_organization("ada")
    with pytest.raises(UnknownObjectException):
        client.get_user("nobody")


def test_an_answer_unchanged_is_a_304_without_cost(github: GitHubStandin) -> None:
    first = call(github, "GET", f"/repos/{APP}")
    tag = {"If-None-Match": first.headers["ETag"]}

    unchanged = call(github, "GET", f"/repos/{APP}", headers=tag)
    github.change_repository(APP, archived=True)
    changed = call(github, "GET", f"/repos/{APP}", headers=tag)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200
    used = [answer.headers["X-RateLimit-Used"] for answer in (first, unchanged, changed)]
    assert used == ["1", "1", "2"]


def test_pygithub_notices_that_nothing_changed(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)

    assert repository.update() is False
    github.change_repository(APP, description="Another")
    assert repository.update() is True
    assert repository.description == "Another"


def test_a_fork_has_the_commits_and_names_its_parent(github: GitHubStandin) -> None:
    fork = pygithub(github).get_repo(APP).create_fork(default_branch_only=True)

    assert (fork.full_name, fork.fork, fork.parent.full_name) == ("service/app", True, APP)
    assert fork.permissions.admin is True
    assert github.bare("service/app").branches() == github.bare(APP).branches()


def test_copies_go_their_own_ways(github: GitHubStandin) -> None:
    before = github.bare(APP).branches()
    github.add_repository("acme/one", copy_of=APP)
    github.add_repository("acme/two", copy_of=APP)

    github.commit(APP, {"changed.txt": "in the original"})
    github.commit("acme/one", {"changed.txt": "in a copy"})

    assert github.bare("acme/two").branches() == before
    assert github.bare("acme/one").branches() != before
    assert github.bare("acme/one").branches() != github.bare(APP).branches()


def test_a_folder_becomes_a_repository(github: GitHubStandin, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "package").mkdir(parents=True)
    (source / "package/code.py").write_text("x = 1\n")
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)
    (source / "link").symlink_to("run.sh")

    github.add_repository("acme/imported", source=source)

    listed = github.bare("acme/imported").git("ls-tree", "-r", "main").decode()
    modes = {line.split()[-1]: line.split()[0] for line in listed.splitlines()}
    assert modes == {"link": "120000", "package/code.py": "100644", "run.sh": "100755"}


def test_a_git_repository_is_copied_with_its_history(github: GitHubStandin) -> None:
    github.commit(APP, {"b.txt": "b"})

    github.add_repository("acme/mirror", source=github.bare(APP).path)

    assert github.bare("acme/mirror").branches() == github.bare(APP).branches()


def test_several_commits_are_made_at_once(github: GitHubStandin) -> None:
    github.add_repository(
        "acme/history",
        commits=[
            FixtureCommit({"run": FixtureFile(b"#!/bin/sh\n", "100755")}, "First"),
            FixtureCommit({"run": None, "b.txt": "b"}, "Second"),
        ],
    )

    subjects = github.bare("acme/history").git("log", "--format=%s", "main").decode().split()
    assert subjects == ["Second", "First"]


def test_a_fact_that_does_not_exist_is_refused(github: GitHubStandin) -> None:
    with pytest.raises(ValueError, match="colour"):
        github.add_repository("acme/odd", colour="red")
    with pytest.raises(ValueError, match="owner is no role"):
        github.change_repository(APP, permissions={"service": "owner"})
    with pytest.raises(ValueError, match="exists already"):
        github.add_repository(APP)


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with GitHubStandin(tmp_path / "github") as before:
        before.add_repository(APP, files={"a.txt": "a"}, permissions={"service": "push"})
        before.rename_repository(APP, "acme/new")
        branch(before.bare(APP), "feature", {"b.txt": "b"})
        pull = pygithub(before).get_repo("acme/new").create_pull("main", "feature", title="T")
        pull.add_to_labels("kept")
        before.set_check(APP, "feature", "test", "failure")
        token = before.tokens["service"]

    with GitHubStandin(tmp_path / "github") as after:
        assert after.tokens["service"] == token
        found = pygithub(after).get_repo(APP).get_pull(1)
        assert [label.name for label in found.labels] == ["kept"]
        assert found.mergeable_state == "unstable"
        new = after.add_repository("acme/later")
        assert new.id > after.pull_requests(APP)[0].id

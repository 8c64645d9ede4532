"""Pull requests through PyGithub: made once, followed, merged, closed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from github import GithubException
from github.Repository import Repository

from codybatch.standins.github import GitHubStandin
from tests.unit.standins.github_world import APP, branch, call, git, push_url, pygithub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository(
            APP,
            files={"README.md": "# App\n", "app.py": "one\ntwo\nthree\n"},
            permissions={"service": "push"},
        )
        branch(running.bare(APP), "feature", {"app.py": "one\n2\nthree\nfour\n"})
        yield running


@pytest.fixture
def repository(github: GitHubStandin) -> Repository:
    return pygithub(github).get_repo(APP)


def test_a_draft_is_made_and_its_merge_is_tried_later(
    github: GitHubStandin, repository: Repository
) -> None:
    pull = repository.create_pull("main", "feature", title="Title", body="Body", draft=True)

    assert (pull.number, pull.title, pull.body, pull.draft) == (1, "Title", "Body", True)
    assert pull.user.login == "service"
    assert pull.html_url == f"{github.url}/acme/app/pull/1"
    assert pull.head.sha == github.bare(APP).branch("feature")
    assert pull.raw_data["mergeable"] is None
    pull.update()
    assert (pull.mergeable, pull.mergeable_state) == (True, "draft")
    assert (pull.commits, pull.changed_files, pull.additions, pull.deletions) == (1, 1, 2, 1)


def test_a_lazy_client_needs_one_call(github: GitHubStandin) -> None:
    client = pygithub(github)

    pull = client.withLazy(True).get_repo(APP).create_pull("main", "feature", title="T")

    assert pull.number == 1
    assert [entry.method for entry in github.requests()] == ["POST"]


def test_a_second_one_for_the_same_branches_is_refused(
    github: GitHubStandin, repository: Repository
) -> None:
    repository.create_pull("main", "feature", title="One")

    with pytest.raises(GithubException) as refused:
        repository.create_pull("main", "feature", title="Two")

    assert refused.value.status == 422
    assert refused.value.data["message"] == "Validation Failed"
    assert refused.value.data["errors"][0]["message"] == (
        "A pull request already exists for acme:feature."
    )
    assert len(github.pull_requests(APP)) == 1


@pytest.mark.parametrize(
    ("head", "base", "error"),
    [
        ("gone", "main", {"resource": "PullRequest", "code": "invalid", "field": "head"}),
        ("feature", "gone", {"resource": "PullRequest", "code": "invalid", "field": "base"}),
        ("nobody:feature", "main", {"resource": "PullRequest", "code": "invalid", "field": "head"}),
        (
            "same",
            "main",
            {
                "resource": "PullRequest",
                "code": "custom",
                "message": "No commits between main and same",
            },
        ),
        (
            "orphan",
            "main",
            {
                "resource": "PullRequest",
                "code": "custom",
                "message": "The orphan branch has no history in common with main",
            },
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    github: GitHubStandin,
    repository: Repository,
    head: str,
    base: str,
    error: dict[str, str],
) -> None:
    bare = github.bare(APP)
    bare.set_branch("same", bare.branches()["main"])
    bare.commit({"else.txt": "else"}, branch="orphan")

    with pytest.raises(GithubException) as refused:
        repository.create_pull(base, head, title="T")

    assert (refused.value.status, refused.value.data["errors"]) == (422, [error])


@pytest.mark.parametrize(
    ("title", "body", "field"), [("T" * 257, "", "title"), ("T", "b" * 65_537, "body")]
)
def test_texts_that_are_too_long_are_refused(
    repository: Repository, title: str, body: str, field: str
) -> None:
    with pytest.raises(GithubException) as refused:
        repository.create_pull("main", "feature", title=title, body=body)

    assert refused.value.status == 422
    assert refused.value.data["errors"][0]["field"] == field


def test_a_missing_part_is_named(github: GitHubStandin) -> None:
    answer = call(github, "POST", f"/repos/{APP}/pulls", json={"title": "T", "base": "main"})

    assert answer.status_code == 422
    assert answer.json()["message"] == 'Invalid request.\n\n"head" wasn\'t supplied.'


def test_drafts_may_be_unsupported(github: GitHubStandin, repository: Repository) -> None:
    github.change_repository(APP, drafts_supported=False)

    with pytest.raises(GithubException) as refused:
        repository.create_pull("main", "feature", title="T", draft=True)
    ready = repository.create_pull("main", "feature", title="T", draft=False)

    assert refused.value.status == 422
    assert refused.value.data["message"] == (
        "Draft pull requests are not supported in this repository."
    )
    assert ready.draft is False


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"permissions": {"service": "pull"}}, "Resource not accessible"),
        ({"archived": True}, "archived so is read-only"),
    ],
)
def test_whoever_may_not_push_makes_none(
    github: GitHubStandin, repository: Repository, facts: dict[str, object], message: str
) -> None:
    github.change_repository(APP, **facts)

    with pytest.raises(GithubException, match=message) as refused:
        repository.create_pull("main", "feature", title="T")

    assert refused.value.status == 403


def test_a_reader_proposes_from_a_fork(github: GitHubStandin, repository: Repository) -> None:
    github.change_repository(APP, permissions={})
    repository.create_fork()
    fork = github.bare("service/app")
    fork.set_branch("idea", fork.branches()["main"])
    head = github.commit("service/app", {"idea.txt": "idea"}, branch="idea")

    pull = repository.create_pull("main", "service:idea", title="Idea")

    assert pull.head.repo.full_name == "service/app"
    assert pull.head.sha == head
    assert [found.number for found in repository.get_pulls(head="service:idea")] == [1]
    pull.update()
    assert pull.mergeable is True


def test_a_look_up_by_head_finds_open_and_closed_ones(
    github: GitHubStandin, repository: Repository
) -> None:
    branch(github.bare(APP), "other", {"b.txt": "b"})
    repository.create_pull("main", "feature", title="One").edit(state="closed")
    repository.create_pull("main", "other", title="Two")

    def numbers(**query: str) -> list[int]:
        return [found.number for found in repository.get_pulls(**query)]

    assert numbers(state="all", head="acme:feature") == [1]
    assert numbers(head="acme:feature") == []
    assert numbers(state="closed") == [1]
    assert numbers() == [2]
    # As on GitHub a head without its owner narrows nothing.
    assert numbers(state="all", head="feature") == [2, 1]
    assert numbers(state="all", base="gone") == []


def test_a_push_moves_the_head(
    github: GitHubStandin, repository: Repository, tmp_path: Path
) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    git(tmp_path, "clone", "-q", "-b", "feature", push_url(github), "work")
    (tmp_path / "work/more.txt").write_text("more")
    git(tmp_path / "work", "add", "more.txt")
    git(tmp_path / "work", "commit", "-qm", "More")

    pushed = git(tmp_path / "work", "push", "-q")

    assert pushed.returncode == 0, pushed.stderr
    pull.update()
    assert pull.head.sha == git(tmp_path / "work", "rev-parse", "HEAD").stdout.strip()
    assert pull.commits == 2
    fetched = git(tmp_path / "work", "ls-remote", "origin", "refs/pull/1/head")
    assert fetched.stdout.split()[0] == pull.head.sha


def test_a_moved_base_shows_as_a_conflict(github: GitHubStandin, repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    base = pull.base.sha

    github.commit(APP, {"app.py": "one\nzwei\nthree\n"}, branch="main")

    pull.update()
    assert (pull.mergeable, pull.mergeable_state) == (False, "dirty")
    # GitHub keeps the base's old commit until the head moves.
    assert pull.base.sha == base


def test_a_deleted_branch_closes_it(github: GitHubStandin, repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T")

    github.bare(APP).delete_branch("feature")

    pull.update()
    assert (pull.state, pull.merged) == ("closed", False)
    with pytest.raises(GithubException, match="422"):
        pull.edit(state="open")


def test_a_head_reset_to_the_base_closes_it(github: GitHubStandin, repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    bare = github.bare(APP)

    bare.set_branch("feature", bare.branches()["main"])

    pull.update()
    assert (pull.state, pull.merged) == ("closed", False)


def test_a_base_that_takes_the_head_in_merges_it(
    github: GitHubStandin, repository: Repository
) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    bare = github.bare(APP)

    bare.set_branch("main", bare.branches()["feature"])

    pull.update()
    assert (pull.state, pull.merged) == ("closed", True)


def test_a_closed_one_keeps_its_head_and_opens_again(
    github: GitHubStandin, repository: Repository
) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    head = pull.head.sha
    pull.edit(state="closed")
    later = github.commit(APP, {"later.txt": "later"}, branch="feature")

    pull.update()
    assert pull.head.sha == head
    pull.edit(state="open")
    assert (pull.state, pull.head.sha) == ("open", later)


def test_another_may_follow_a_closed_one(github: GitHubStandin, repository: Repository) -> None:
    repository.create_pull("main", "feature", title="One").edit(state="closed")

    second = repository.create_pull("main", "feature", title="Two")

    assert second.number == 2
    assert [pull.state for pull in github.pull_requests(APP)] == ["closed", "open"]


def test_merging_makes_a_commit_with_both_parents(
    github: GitHubStandin, repository: Repository
) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    main = github.commit(APP, {"other.txt": "other"}, branch="main")

    merged = pull.merge(sha=pull.head.sha)

    pull.update()
    assert pull.merged is True
    assert pull.is_merged()
    assert pull.merge_commit_sha == merged.sha == github.bare(APP).branch("main")
    parents = [parent.sha for parent in repository.get_commit("main").parents]
    assert parents == [main, pull.head.sha]


def test_what_cannot_be_merged_is_not(github: GitHubStandin, repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T", draft=True)

    with pytest.raises(GithubException) as draft:
        pull.merge()
    with pytest.raises(GithubException) as stale:
        pull.merge(sha="0" * 40)
    github.commit(APP, {"app.py": "one\nzwei\nthree\n"}, branch="main")
    pull.mark_ready_for_review()
    with pytest.raises(GithubException) as conflict:
        pull.merge()

    assert [error.value.status for error in (draft, stale, conflict)] == [405, 409, 405]
    assert github.pull_requests(APP)[0].merged is False


def test_a_draft_becomes_ready_and_a_draft_again(repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T", draft=True)

    pull.mark_ready_for_review()
    assert repository.get_pull(1).draft is False
    pull.convert_to_draft()
    assert repository.get_pull(1).draft is True


def test_title_body_and_base_are_edited(github: GitHubStandin, repository: Repository) -> None:
    branch(github.bare(APP), "release", {"r.txt": "r"})
    pull = repository.create_pull("main", "feature", title="T", body="B")

    pull.edit(title="New", body="Text", base="release")

    assert (pull.title, pull.body, pull.base.ref) == ("New", "Text", "release")


def test_labels_are_added_set_and_removed(repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T")

    pull.add_to_labels("automated", "python")
    pull.add_to_labels("automated")
    assert [label.name for label in pull.get_labels()] == ["automated", "python"]
    pull.remove_from_labels("python")
    assert [label.name for label in repository.get_pull(1).labels] == ["automated"]
    pull.set_labels("fresh")
    assert [label.name for label in pull.get_labels()] == ["fresh"]


def test_people_are_assigned_and_asked_for_review(
    github: GitHubStandin, repository: Repository
) -> None:
    github.add_user("ada")
    pull = repository.create_pull("main", "feature", title="T")

    pull.add_to_assignees("ada", "nobody")
    pull.create_review_request(reviewers=["ada"], team_reviewers=["core"])

    found = repository.get_pull(1)
    assert [person.login for person in found.assignees] == ["ada"]
    assert [person.login for person in found.requested_reviewers] == ["ada"]
    assert github.pull_requests(APP)[0].team_reviewers == ("core",)
    with pytest.raises(GithubException, match="not a collaborator"):
        pull.create_review_request(reviewers=["nobody"])
    with pytest.raises(GithubException, match="pull request author"):
        pull.create_review_request(reviewers=["service"])


def test_comments_are_kept_in_order(repository: Repository) -> None:
    pull = repository.create_pull("main", "feature", title="T")

    pull.create_issue_comment("first")
    pull.create_issue_comment("second")

    assert [comment.body for comment in pull.get_issue_comments()] == ["first", "second"]
    assert repository.get_pull(1).comments == 2


def test_checks_and_statuses_are_told_for_a_commit(
    github: GitHubStandin, repository: Repository
) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    github.set_check(APP, "feature", "test", "failure")
    github.set_check(APP, "feature", "test", "success")
    github.set_check(APP, "feature", "lint", None)
    github.set_check(APP, "feature", "ci/old", "success", kind="status")
    commit = repository.get_commit(pull.head.sha)

    runs = {run.name: (run.status, run.conclusion) for run in commit.get_check_runs()}
    status = commit.get_combined_status()

    assert runs == {"test": ("completed", "success"), "lint": ("in_progress", None)}
    assert (status.state, status.total_count) == ("success", 1)
    pull.update()
    assert pull.mergeable_state == "unstable"


def test_without_statuses_the_combined_one_is_pending(repository: Repository) -> None:
    assert repository.get_commit("main").get_combined_status().state == "pending"


def test_auto_merge_waits_for_what_is_not_clean(
    github: GitHubStandin, repository: Repository
) -> None:
    pull = repository.create_pull("main", "feature", title="T")
    with pytest.raises(GithubException, match="not allowed"):
        pull.enable_automerge("SQUASH")
    github.change_repository(APP, auto_merge_allowed=True)
    with pytest.raises(GithubException, match="clean status"):
        pull.enable_automerge("SQUASH")
    github.set_check(APP, "feature", "test", None)

    pull.enable_automerge("SQUASH", expected_head_oid=pull.head.sha)

    assert repository.get_pull(1).raw_data["auto_merge"]["merge_method"] == "squash"


def test_the_maintainers_side_is_at_hand(github: GitHubStandin, repository: Repository) -> None:
    repository.create_pull("main", "feature", title="T")

    closed = github.close_pull_request(APP, 1)
    repository.get_pull(1).edit(state="open")
    merged = github.merge_pull_request(APP, 1)

    assert (closed.state, closed.merged) == ("closed", False)
    assert (merged.merged, merged.merged_by) == (True, "maintainer")


def test_of_many_at_the_same_moment_one_is_made(github: GitHubStandin) -> None:
    def create(_: int) -> int:
        new = {"title": "T", "head": "feature", "base": "main"}
        return call(github, "POST", f"/repos/{APP}/pulls", json=new).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(create, range(8)))

    assert statuses == [201, *[422] * 7]
    assert len(github.pull_requests(APP)) == 1

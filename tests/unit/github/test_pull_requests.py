"""Pull requests, against the stand-in over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from codybatch.domain.errors import (
    CodeHostError,
    CodeHostThrottled,
    NotPermitted,
    PullRequestRefused,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.domain.publication import PullRequest
from codybatch.github.code_host import GitHubCodeHost
from codybatch.ports import PullRequestText
from codybatch.standins.github import Fault, GitHubStandin, faults
from tests.unit.github.kit import APP, TEXT, WatchedClock, branch, code_host

CREATE = "POST /repos/acme/app/pulls"
LIST = "GET /repos/acme/app/pulls"


@pytest.fixture(autouse=True)
def head(github: GitHubStandin) -> str:
    """A branch to open pull requests from."""
    return branch(github, "work")


def opened(host: GitHubCodeHost, draft: bool = True, **text: tuple[str, ...]) -> PullRequest:
    worded = PullRequestText(TEXT.title, TEXT.body, **text)
    return host.open_pull_request(APP, "work", "main", worded, draft)


def test_it_is_opened_as_asked(github: GitHubStandin, host: GitHubCodeHost, head: str) -> None:
    made = opened(host)

    (pull,) = github.pull_requests("acme/app")
    assert (pull.title, pull.body, pull.draft) == (TEXT.title, TEXT.body, True)
    assert (made.number, made.state, made.draft) == (1, "open", True)
    assert (made.head_commit, made.node_id) == (head, pull.node_id)
    assert made.url == f"{github.url}/acme/app/pull/1"


def test_opened_again_it_is_the_same(github: GitHubStandin, host: GitHubCodeHost) -> None:
    first = opened(host)

    assert opened(host).number == first.number
    assert len(github.requests(CREATE)) == 1


def test_one_of_another_branch_is_another(github: GitHubStandin, host: GitHubCodeHost) -> None:
    branch(github, "work-2")
    opened(host)

    assert host.pull_request_of(APP, "work-2") is None
    assert host.open_pull_request(APP, "work-2", "main", TEXT, False).number == 2
    found = host.pull_request_of(APP, "work")
    assert found is not None
    assert found.number == 1


@pytest.mark.parametrize("ending", ["closed", "merged"])
def test_an_ended_one_is_given_back_untouched(
    github: GitHubStandin, host: GitHubCodeHost, ending: str
) -> None:
    opened(host, draft=False)
    end = github.close_pull_request if ending == "closed" else github.merge_pull_request
    end("acme/app", 1)

    found = opened(host, labels=("late",))

    assert (found.number, found.state) == (1, ending)
    assert [pull.labels for pull in github.pull_requests("acme/app")] == [()]


def test_an_open_one_stands_before_a_newer_closed_one(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    bare = github.bare("acme/app")
    bare.set_branch("other", bare.branches()["main"])
    opened(host)
    host.open_pull_request(APP, "work", "other", TEXT, False)  # finds the first
    github.close_pull_request("acme/app", 1)
    github.faults.add(Fault(route=LIST, kind="answer", status=200, body="[]", times=1))
    host.open_pull_request(APP, "work", "other", TEXT, False)
    github.faults.clear()

    found = host.pull_request_of(APP, "work")

    assert found is not None
    assert (found.number, found.state) == (2, "open")


def test_a_fork_with_a_branch_of_the_same_name_is_not_ours(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    listed = {
        "number": 9,
        "state": "open",
        "head": {"ref": "work", "sha": "0" * 40, "label": "acme:work", "repo": None},
    }
    github.faults.add(Fault(route=LIST, kind="answer", status=200, body=json.dumps([listed])))

    assert host.pull_request_of(APP, "work") is None


@pytest.mark.parametrize("lost", [faults.bad_gateway, faults.cut])
def test_a_lost_answer_makes_no_second_one(
    github: GitHubStandin, host: GitHubCodeHost, lost: Callable[..., Fault]
) -> None:
    github.faults.add(lost(CREATE, after_acting=True))

    assert opened(host).number == 1
    assert len(github.pull_requests("acme/app")) == 1
    assert len(github.requests(CREATE)) == 1


@pytest.mark.parametrize("lost", [faults.bad_gateway, faults.cut])
def test_a_post_that_did_not_arrive_is_not_sent_again_by_itself(
    github: GitHubStandin, host: GitHubCodeHost, lost: Callable[..., Fault]
) -> None:
    github.faults.add(lost(CREATE))

    with pytest.raises(RepositoryUnavailable):
        opened(host)

    assert len(github.requests(CREATE)) == 1
    assert opened(host).number == 1


def test_one_that_exists_already_is_found_after_the_refusal(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    opened(host)
    github.faults.add(Fault(route=LIST, kind="answer", status=200, body="[]"))

    assert opened(host).number == 1


def test_without_drafts_it_is_ready(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.change_repository("acme/app", drafts_supported=False)

    assert opened(host).draft is False


def test_a_refusal_says_what_github_said(github: GitHubStandin, host: GitHubCodeHost) -> None:
    bare = github.bare("acme/app")
    bare.set_branch("work", bare.branches()["main"])

    with pytest.raises(PullRequestRefused, match="No commits between main and work"):
        opened(host)
    with pytest.raises(PullRequestRefused, match="base invalid"):
        host.open_pull_request(APP, "work", "nowhere", TEXT, False)


def test_a_body_that_is_too_long_is_refused(github: GitHubStandin, host: GitHubCodeHost) -> None:
    opened(host)
    long = PullRequestText("T", "x" * 70_000)

    with pytest.raises(PullRequestRefused, match="too long"):
        host.update_pull_request(APP, 1, long)
    assert github.pull_requests("acme/app")[0].body == TEXT.body


def test_without_the_right_it_is_not_permitted(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.faults.add(faults.permission_withdrawn(CREATE, "acme/app", "service"))

    with pytest.raises(NotPermitted, match="acme/app"):
        opened(host)


@pytest.mark.parametrize("limited", [faults.secondary_rate_limit, faults.too_many_requests])
def test_a_write_refused_for_its_number_is_sent_after_the_pause(
    github: GitHubStandin, host: GitHubCodeHost, clock: WatchedClock, limited: Callable[..., Fault]
) -> None:
    github.faults.add(limited(CREATE, retry_after=30))

    assert opened(host).number == 1
    assert [round(seconds) for seconds in clock.slept] == [30]
    assert len(github.pull_requests("acme/app")) == 1


def test_a_write_that_must_wait_long_is_raised(
    github: GitHubStandin, host: GitHubCodeHost, clock: WatchedClock
) -> None:
    github.faults.add(faults.secondary_rate_limit(CREATE, retry_after=61))

    with pytest.raises(CodeHostThrottled) as stopped:
        opened(host)

    assert 50 < (stopped.value.until - clock.now()).total_seconds() < 70
    assert clock.slept == []


def test_labels_assignees_and_reviewers_are_three_writes(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    for login in ("al", "bo"):
        github.add_user(login)

    opened(host, labels=("a", "b"), assignees=("al", "bo"), reviewers=("al", "bo", "acme/team"))

    (pull,) = github.pull_requests("acme/app")
    assert (pull.labels, pull.assignees, pull.reviewers) == (("a", "b"), ("al", "bo"), ("al", "bo"))
    assert pull.team_reviewers == ("team",)
    assert len(github.requests("POST /repos/*")) == 4


def test_who_is_refused_is_left_out_and_the_others_stay(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.add_user("bo")

    made = opened(
        host,
        labels=("x" * 51, "fine"),
        assignees=("bo", "nobody-here"),
        reviewers=("nobody-here", "bo", "service"),
    )

    (pull,) = github.pull_requests("acme/app")
    assert made.number == 1
    assert (pull.labels, pull.assignees, pull.reviewers) == (("fine",), ("bo",), ("bo",))
    assert made.left_out == (
        f"label {'x' * 51}", "assignee nobody-here", "reviewer nobody-here", "reviewer service"
    )  # fmt: skip
    assert host.refresh([made])[0].left_out == made.left_out


def test_a_reviewer_who_is_there_already_and_a_label_in_other_case_are_no_refusal(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    github.add_user("Bo")
    opened(host, labels=("Fine",), assignees=("bo",), reviewers=("bo",))

    assert opened(host, labels=("fine",), assignees=("bo",), reviewers=("bo",)).left_out == ()


def test_a_missing_right_to_label_does_not_fail_it(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    labels = "POST /repos/acme/app/issues/1/labels"
    github.faults.add(faults.permission_withdrawn(labels, "acme/app", "service"))

    made = opened(host, labels=("a",), assignees=("service",))

    assert made.number == 1
    assert made.left_out == ("label a", "assignee service")


def test_a_text_is_given_anew(github: GitHubStandin, host: GitHubCodeHost, head: str) -> None:
    opened(host)

    made = host.update_pull_request(APP, 1, PullRequestText("New", "Newer."))

    (pull,) = github.pull_requests("acme/app")
    assert (pull.title, pull.body) == ("New", "Newer.")
    assert (made.number, made.state, made.head_commit) == (1, "open", head)


def test_after_a_rename_all_is_done_under_the_new_name(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    first = opened(host, draft=False)
    github.rename_repository("acme/app", "acme/tool")
    fresh = GitHubCodeHost(
        github.api_url,
        github.url,
        github.tokens["service"],
        WatchedClock(),
        host._connection.gate,
    )

    assert opened(fresh, labels=("a",)).number == first.number
    assert fresh.update_pull_request(APP, 1, PullRequestText("New", "N")).number == 1
    github.close_pull_request("acme/tool", 1)
    found = fresh.pull_request_of(APP, "work")
    fresh.close()

    (pull,) = github.pull_requests("acme/tool")
    assert (pull.title, pull.labels) == ("New", ("a",))
    assert found is not None
    assert (found.number, found.state) == (1, "closed")


def test_one_whose_repository_was_renamed_is_refreshed_with_its_address_of_today(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    made = opened(host)
    github.rename_repository("acme/app", "acme/tool")

    (fresh,) = host.refresh([made])

    assert (fresh.number, fresh.node_id, fresh.state) == (made.number, made.node_id, "open")
    assert fresh.url == f"{github.url}/acme/tool/pull/1"


def test_in_a_repository_that_went_to_another_owner_nothing_is_changed(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    made = opened(host)
    github.rename_repository("acme/app", "evil/app")
    fresh = code_host(github)
    github.journal.clear()

    with pytest.raises(RepositoryNotFound, match="has moved to evil/app"):
        fresh.update_pull_request(APP, made.number, TEXT)
    with pytest.raises(RepositoryNotFound, match="has moved to evil/app"):
        fresh.open_pull_request(APP, "work", "main", TEXT, draft=True)

    assert {entry.method for entry in github.requests()} == {"GET"}


# many at once


def test_many_are_refreshed_in_few_calls(github: GitHubStandin, host: GitHubCodeHost) -> None:
    made = opened(host, draft=False)
    missing = [made.with_(node_id=f"PR_kgDO{number:06d}", number=number) for number in range(299)]
    github.set_check("acme/app", "work", "tests", "failure")
    github.journal.clear()

    fresh = host.refresh([missing[0], made, *missing[1:], made])

    assert len(github.requests()) == 3
    assert fresh[0] == missing[0]
    assert fresh[2:-1] == tuple(missing[1:])
    assert (fresh[1].checks, fresh[1].mergeable, fresh[1].state) == ("failure", True, "open")
    assert fresh[1] == fresh[-1]


@pytest.mark.parametrize(
    ("conclusion", "checks"), [("success", "success"), ("failure", "failure"), (None, "pending")]
)
def test_checks_are_told_in_three_words(
    github: GitHubStandin, host: GitHubCodeHost, conclusion: str | None, checks: str
) -> None:
    made = opened(host)
    github.set_check("acme/app", "work", "tests", conclusion)

    assert host.refresh([made])[0].checks == checks


def test_states_are_told(github: GitHubStandin, host: GitHubCodeHost) -> None:
    branch(github, "other")
    made = opened(host, draft=False)
    other = host.open_pull_request(APP, "other", "main", TEXT, True)
    github.merge_pull_request("acme/app", 1)
    github.close_pull_request("acme/app", 2)

    merged, closed = host.refresh([made, other])

    assert (merged.state, closed.state) == ("merged", "closed")
    assert (merged.draft, closed.draft, closed.checks) == (False, True, None)


def test_a_conflict_is_told(github: GitHubStandin, host: GitHubCodeHost) -> None:
    made = opened(host)
    github.commit("acme/app", {"work.txt": "other\n"})

    assert host.refresh([made])[0].mergeable is False


def test_nothing_is_refreshed_without_a_call(github: GitHubStandin, host: GitHubCodeHost) -> None:
    assert host.refresh([]) == ()
    assert github.requests() == []


def test_an_answer_that_is_not_githubs_is_an_error_with_a_next_step(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    body = "<html>Please log in</html>"
    github.faults.add(Fault(route=LIST, kind="answer", status=200, body=body))

    with pytest.raises(CodeHostError, match="GITHUB_API_URL"):
        host.pull_request_of(APP, "work")

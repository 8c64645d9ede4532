"""Faults as clients meet them, and what the stand-in records."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from github import (
    Auth,
    BadCredentialsException,
    Github,
    GithubException,
    GithubRetry,
    RateLimitExceededException,
)

from codybatch.standins.github import Fault, GitHubStandin, faults
from tests.unit.standins.github_world import APP, branch, call, graphql, pygithub

CREATE = f"POST /repos/{APP}/pulls"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository(APP, files={"a.txt": "a"}, permissions={"service": "push"})
        branch(running.bare(APP), "feature", {"b.txt": "b"})
        yield running


def test_a_secondary_limit_is_waited_out_as_it_says(github: GitHubStandin) -> None:
    github.faults.add(faults.secondary_rate_limit("GET /repos/*", retry_after=1))
    client = Github(
        auth=Auth.Token(github.tokens["service"]),
        base_url=github.api_url,
        retry=GithubRetry(total=3),
        seconds_between_requests=0,
    )

    began = time.monotonic()
    repository = client.get_repo(APP)

    assert repository.full_name == APP
    assert time.monotonic() - began >= 1
    assert [entry.status for entry in github.requests("GET /repos/*")] == [403, 200]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.secondary_rate_limit("GET /repos/*"), 403),
        (faults.primary_rate_limit("GET /repos/*", reset=2_000_000_000), 403),
    ],
)
def test_a_limit_is_known_by_its_words(github: GitHubStandin, fault: Fault, status: int) -> None:
    github.faults.add(fault)

    with pytest.raises(RateLimitExceededException) as limited:
        pygithub(github).get_repo(APP)

    assert limited.value.status == status


def test_a_429_may_say_nothing_of_when_to_come_back(github: GitHubStandin) -> None:
    github.faults.add(faults.too_many_requests("GET /repos/*"))

    answer = call(github, "GET", f"/repos/{APP}")

    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


def test_a_refused_credential_is_one_fault_among_others(github: GitHubStandin) -> None:
    github.faults.add(faults.unauthorized("GET /repos/*"))

    with pytest.raises(BadCredentialsException):
        pygithub(github).get_repo(APP)
    assert pygithub(github).get_repo(APP).name == "app"


def test_a_502_before_acting_leaves_nothing(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)
    github.faults.add(faults.bad_gateway(CREATE))

    with pytest.raises(GithubException) as lost:
        repository.create_pull("main", "feature", title="T")

    assert lost.value.status == 502
    assert github.pull_requests(APP) == []


def test_a_502_after_acting_hides_a_pull_request(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)
    github.faults.add(faults.bad_gateway(CREATE, after_acting=True))

    with pytest.raises(GithubException) as lost:
        repository.create_pull("main", "feature", title="T")

    assert lost.value.status == 502
    assert [found.title for found in repository.get_pulls(head="acme:feature")] == ["T"]


def test_a_cut_after_acting_hides_one_too(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)
    github.faults.add(faults.cut(CREATE, after_acting=True))

    with pytest.raises(requests.ConnectionError):
        repository.create_pull("main", "feature", title="T")

    assert len(github.pull_requests(APP)) == 1
    assert github.requests(CREATE)[0].status == 0


def test_a_cut_in_the_middle_of_an_answer_is_noticed(github: GitHubStandin) -> None:
    github.faults.add(faults.cut("GET /repos/*", after_bytes=100))

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call(github, "GET", f"/repos/{APP}")


def test_a_stall_outlasts_a_clients_patience_and_ends_with_the_server(
    github: GitHubStandin,
) -> None:
    github.faults.add(faults.stall("GET /repos/*", seconds=600))

    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{github.api_url}/repos/{APP}", timeout=0.3)

    began = time.monotonic()
    github.stop()
    assert time.monotonic() - began < 5


def test_graphql_tells_of_its_limit_in_an_answer_of_200(github: GitHubStandin) -> None:
    github.faults.add(faults.graphql_rate_limited(), faults.graphql_rate_limited(kind="RATE_LIMIT"))

    kinds = [graphql(github, "{ viewer { login } }")["errors"][0]["type"] for _ in range(2)]

    assert kinds == ["RATE_LIMITED", "RATE_LIMIT"]
    assert "errors" not in graphql(github, "{ viewer { login } }")


def test_a_permission_can_be_withdrawn_in_the_middle(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)
    github.faults.add(faults.permission_withdrawn(CREATE, APP, "service"))

    with pytest.raises(GithubException) as refused:
        repository.create_pull("main", "feature", title="T")

    assert refused.value.status == 403
    assert pygithub(github).get_repo(APP).permissions.push is False


def test_a_branch_can_vanish_in_the_middle(github: GitHubStandin) -> None:
    repository = pygithub(github).get_repo(APP)
    github.faults.add(faults.branch_vanishes(CREATE, APP, "feature"))

    with pytest.raises(GithubException) as refused:
        repository.create_pull("main", "feature", title="T")

    assert refused.value.data["errors"][0]["field"] == "head"


def test_requests_are_recorded_with_the_tokens_name_alone(github: GitHubStandin) -> None:
    github.faults.add(faults.bad_gateway(f"GET /repos/{APP}", times=1))
    for token in ("service", None, "made-up-value"):
        call(github, "GET", f"/repos/{APP}?x=1", token=token)

    recorded = github.requests()

    assert [(entry.token, entry.status, entry.fault) for entry in recorded] == [
        ("", 502, "answer"),
        ("", 200, ""),
        ("unknown", 401, ""),
    ]
    assert recorded[0].query == "x=1"
    assert github.tokens["service"] not in repr(recorded)


def test_a_test_can_wait_for_a_request(github: GitHubStandin) -> None:
    thread = threading.Thread(target=call, args=(github, "GET", f"/repos/{APP}"))
    thread.start()

    assert github.journal.wait_for("GET /repos/*") is True
    thread.join()
    assert github.journal.wait_for("GET /user", seconds=0) is False

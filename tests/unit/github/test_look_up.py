"""Looking repositories up, against the stand-in over real HTTP."""

from __future__ import annotations

import json

import pytest

from codybatch.domain.errors import (
    BranchNotFound,
    CodeHostThrottled,
    NotPermitted,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.github.code_host import GitHubCodeHost
from codybatch.ports import Unusable
from codybatch.standins.github import Fault, GitHubStandin, faults
from tests.unit.github.kit import WatchedClock, branch, code_host

BOTH = pytest.mark.parametrize("token", ["service", None])


def one(host: GitHubCodeHost, written: str) -> RepositoryFacts:
    (answer,) = host.look_up([RepositoryRef.parse(written)])
    assert isinstance(answer, RepositoryFacts), answer
    return answer


def refusal(host: GitHubCodeHost, written: str) -> Exception:
    (answer,) = host.look_up([RepositoryRef.parse(written)])
    assert isinstance(answer, Unusable), answer
    assert answer.repository == RepositoryRef.parse(written)
    return answer.error


@BOTH
def test_a_repository_is_pinned_to_the_head_of_its_default_branch(
    github: GitHubStandin, token: str | None
) -> None:
    github.change_repository("acme/app", topics=("web",), language="Python", size_kb=7)

    facts = one(code_host(github, token), "acme/app")

    assert facts.head_commit == github.bare("acme/app").branch("main")
    assert (facts.default_branch, facts.base_branch) == ("main", "main")
    assert (facts.topics, facts.language, facts.size_kb) == (("web",), "Python", 7)
    assert facts.id == str(github.repository("acme/app").id)
    assert facts.owned is (token == "service")
    assert facts.pushed_at is not None
    assert facts.pushed_at.tzinfo is not None
    assert facts.web_url == f"{github.url}/acme/app"


def test_many_repositories_are_one_call(github: GitHubStandin, host: GitHubCodeHost) -> None:
    names = [f"acme/r{number}" for number in range(30)]
    for name in names:
        github.add_repository(name, copy_of="acme/app")

    answers = host.look_up([RepositoryRef.parse(name) for name in names])

    assert [str(answer.repository) for answer in answers] == names
    assert all(isinstance(answer, RepositoryFacts) for answer in answers)
    assert len(github.requests()) == 1


def test_more_repositories_than_one_call_takes_come_back_in_order(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    asked = [RepositoryRef.parse("acme/app")] * 40 + [RepositoryRef.parse("acme/gone")]

    answers = host.look_up(asked)

    assert [isinstance(answer, Unusable) for answer in answers] == [False] * 40 + [True]
    assert len(github.requests("POST /graphql")) == 2


@BOTH
def test_a_branch_is_a_base_for_pull_requests(github: GitHubStandin, token: str | None) -> None:
    head = branch(github, "next/2")

    facts = one(code_host(github, token), "acme/app@next/2")

    assert (facts.head_commit, facts.base_branch) == (head, "next/2")
    assert facts.repository.ref == "next/2"


def test_a_named_branch_costs_no_further_call(github: GitHubStandin, host: GitHubCodeHost) -> None:
    branch(github, "next")

    one(host, "acme/app@next")

    assert [entry.path for entry in github.requests()] == ["/graphql"]


@BOTH
@pytest.mark.parametrize("name", ["fünf", "a#b", "50%25", "quote'\"", "a+b&c=d"])
def test_a_branch_may_have_any_name_that_git_allows(
    github: GitHubStandin, token: str | None, name: str
) -> None:
    head = branch(github, name)

    facts = one(code_host(github, token), f"acme/app@{name}")

    assert (facts.head_commit, facts.base_branch) == (head, name)


@BOTH
@pytest.mark.parametrize("kind", ["tag", "annotated", "commit", "short"])
def test_a_tag_or_a_commit_is_pinned_and_the_default_branch_is_the_base(
    github: GitHubStandin, token: str | None, kind: str
) -> None:
    bare = github.bare("acme/app")
    first = bare.branches()["main"]
    bare.git("tag", "v1", first)
    who = ("-c", "user.name=T", "-c", "user.email=t@example.com")
    bare.git(*who, "tag", "-a", "-m", "Two", "v2", first)
    github.commit("acme/app", {"b.txt": "b\n"})
    ref = {"tag": "v1", "annotated": "v2", "commit": first, "short": first[:10]}[kind]

    facts = one(code_host(github, token), f"acme/app@{ref}")

    assert (facts.head_commit, facts.base_branch) == (first, "main")


@BOTH
@pytest.mark.parametrize("ref", ["nowhere", "f" * 40, "ma", "heads"])
def test_a_vanished_ref_is_named_with_the_default_branch(
    github: GitHubStandin, token: str | None, ref: str
) -> None:
    error = refusal(code_host(github, token), f"acme/app@{ref}")

    assert isinstance(error, BranchNotFound)
    assert f"no branch, tag or commit named {ref!r}" in str(error)
    assert "'main'" in str(error)


@BOTH
@pytest.mark.parametrize(
    ("change", "word"), [({"archived": True}, "archived"), ({"disabled": True}, "disabled")]
)
def test_a_repository_that_takes_no_change_is_refused(
    github: GitHubStandin, token: str | None, change: dict[str, bool], word: str
) -> None:
    github.change_repository("acme/app", **change)

    error = refusal(code_host(github, token), "acme/app")

    assert isinstance(error, RepositoryRefused | NotPermitted)
    if isinstance(error, RepositoryRefused):
        assert word in str(error)
        assert "Leave it out" in str(error)


def test_a_locked_repository_is_refused(github: GitHubStandin, host: GitHubCodeHost) -> None:
    github.change_repository("acme/app", locked=True)

    assert "locked" in str(refusal(host, "acme/app"))


@BOTH
def test_an_empty_repository_is_refused(github: GitHubStandin, token: str | None) -> None:
    github.add_repository("acme/empty")

    error = refusal(code_host(github, token), "acme/empty")

    assert isinstance(error, RepositoryRefused)
    assert "acme/empty is empty" in str(error)


@BOTH
def test_an_unknown_or_hidden_repository_does_not_harm_the_others(
    github: GitHubStandin, token: str | None
) -> None:
    github.add_repository("secret/plans", files={"a": "a"}, private=True)
    asked = [RepositoryRef.parse(name) for name in ("acme/gone", "acme/app", "secret/plans")]

    gone, app, hidden = code_host(github, token).look_up(asked)

    assert isinstance(app, RepositoryFacts)
    for answer in (gone, hidden):
        assert isinstance(answer, Unusable)
        assert isinstance(answer.error, RepositoryNotFound)
        assert str(answer.repository) in str(answer.error)
        assert "GITHUB_TOKEN" in str(answer.error)


@BOTH
def test_a_renamed_repository_answers_under_its_new_name(
    github: GitHubStandin, token: str | None
) -> None:
    github.rename_repository("acme/app", "other/tool")

    facts = one(code_host(github, token), "acme/app@main")

    assert facts.repository == RepositoryRef(owner="other", name="tool", ref="main")
    assert facts.head_commit == github.bare("other/tool").branch("main")


@pytest.mark.parametrize(("role", "owned"), [("pull", False), ("triage", False), ("push", True),
                                             ("maintain", True), ("admin", True)])  # fmt: skip
def test_the_permission_decides_whether_it_is_owned(
    github: GitHubStandin, host: GitHubCodeHost, role: str, owned: bool
) -> None:
    github.change_repository("acme/app", permissions={"service": role})

    assert one(host, "acme/app").owned is owned


def test_nobody_asks_by_rest_and_owns_nothing(github: GitHubStandin) -> None:
    facts = one(code_host(github, None), "acme/app")

    assert facts.owned is False
    assert github.requests("POST /graphql") == []


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_a_limit_told_in_an_answer_of_200_is_waited_out(
    github: GitHubStandin, host: GitHubCodeHost, clock: WatchedClock, kind: str
) -> None:
    github.faults.add(faults.graphql_rate_limited(kind=kind))

    one(host, "acme/app")

    assert [round(seconds) for seconds in clock.slept] == [60]


def test_a_used_up_graphql_limit_says_when_it_ends(github: GitHubStandin) -> None:
    clock = WatchedClock()
    limited = GitHubStandin(
        github.bare("acme/app").path.parents[2] / "second", limits={"graphql": 0}
    )
    with limited:
        limited.add_repository("acme/app", files={"a": "a"})
        with pytest.raises(CodeHostThrottled) as stopped:
            code_host(limited, clock=clock).look_up([RepositoryRef.parse("acme/app")])

    assert 3500 < (stopped.value.until - clock.now()).total_seconds() < 3700
    assert clock.slept == []


def graphql_answer(body: object, times: int = 1) -> Fault:
    """The next answer of GraphQL, with status 200."""
    return Fault(
        route="POST /graphql", kind="answer", status=200, body=json.dumps(body), times=times
    )


def test_an_answer_without_data_is_asked_for_again_and_never_read_as_unknown(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    said = {"errors": [{"message": "Something went wrong while executing your query."}]}
    github.faults.add(graphql_answer(said, times=2))

    assert one(host, "acme/app").owned is True

    github.faults.add(graphql_answer(said, times=3))
    with pytest.raises(RepositoryUnavailable, match="Something went wrong"):
        host.look_up([RepositoryRef.parse("acme/app")])


@pytest.mark.parametrize("kind", ["FORBIDDEN", "INSUFFICIENT_SCOPES"])
def test_a_token_that_may_not_ask_is_told_so(
    github: GitHubStandin, host: GitHubCodeHost, kind: str
) -> None:
    error = {"type": kind, "message": "Your token has not been granted the required scopes"}
    github.faults.add(graphql_answer({"errors": [error]}))

    with pytest.raises(NotPermitted, match="required scopes"):
        host.look_up([RepositoryRef.parse("acme/app")])


def test_a_repository_behind_single_sign_on_is_refused_with_githubs_words(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    message = "Resource protected by organization SAML enforcement."
    error = {"type": "FORBIDDEN", "path": ["r0"], "message": message}
    github.faults.add(graphql_answer({"data": {"r0": None}, "errors": [error]}))

    refused = refusal(host, "acme/app")

    assert isinstance(refused, NotPermitted)
    assert message in str(refused)


def test_one_alias_that_failed_is_unavailable_and_not_unknown(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    error = {"type": "INTERNAL", "path": ["r0"], "message": "timed out"}
    github.faults.add(graphql_answer({"data": {"r0": None}, "errors": [error]}))

    assert isinstance(refusal(host, "acme/app"), RepositoryUnavailable)


def test_text_in_a_name_never_becomes_part_of_the_query(
    github: GitHubStandin, host: GitHubCodeHost
) -> None:
    hostile = RepositoryRef(owner="acme", name='app") { id } x: repository(owner: "acme')

    (answer,) = host.look_up([hostile])

    assert isinstance(answer, Unusable)
    assert github.requests("POST /graphql")[0].detail == "query: repository"

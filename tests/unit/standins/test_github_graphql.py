"""GraphQL as the clients of GitHub use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from github import GithubException

from codybatch.standins.github import GitHubStandin
from tests.unit.standins.github_world import APP, branch, graphql, pygithub

REPOSITORY = """
fragment Facts on Repository {
  databaseId nameWithOwner viewerPermission isArchived isLocked isEmpty isDisabled isPrivate isFork
  diskUsage pushedAt autoMergeAllowed
  defaultBranchRef { name target { oid } }
  primaryLanguage { name }
  languages(first: 10) { totalSize edges { size node { name } } }
  mergeQueue { id }
}
"""
PULLS = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on PullRequest {
      number state isDraft merged mergeable mergeStateStatus reviewDecision headRefOid baseRefOid
      isInMergeQueue autoMergeRequest { mergeMethod } statusCheckRollup { state }
    }
  }
  rateLimit { cost remaining }
}
"""


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        running.add_repository(
            APP,
            files={"README.md": "# App\n", "app.py": "x = 1\n"},
            permissions={"service": "push"},
            topics=("web",),
        )
        running.add_repository("acme/empty", archived=True, locked=True, merge_queue=True)
        yield running


def test_many_repositories_are_asked_for_at_once(github: GitHubStandin) -> None:
    query = (
        '{ a: repository(owner: "acme", name: "app") { ...Facts } '
        f'b: repository(owner: "acme", name: "empty") {{ ...Facts }} }}{REPOSITORY}'
    )

    data = graphql(github, query)["data"]

    assert data["a"] == {
        "databaseId": github.repository(APP).id,
        "nameWithOwner": APP,
        "viewerPermission": "WRITE",
        "isArchived": False,
        "isLocked": False,
        "isEmpty": False,
        "isDisabled": False,
        "isPrivate": False,
        "isFork": False,
        "diskUsage": github.bare(APP).size_kb(),
        "pushedAt": github.repository(APP).pushed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "autoMergeAllowed": False,
        "defaultBranchRef": {"name": "main", "target": {"oid": github.bare(APP).branch("main")}},
        "primaryLanguage": {"name": "Python"},
        "languages": {"totalSize": 6, "edges": [{"size": 6, "node": {"name": "Python"}}]},
        "mergeQueue": None,
    }
    empty = data["b"]
    assert (empty["viewerPermission"], empty["isArchived"], empty["isLocked"]) == (
        "READ",
        True,
        True,
    )
    assert (empty["isEmpty"], empty["defaultBranchRef"], empty["primaryLanguage"]) == (
        True,
        None,
        None,
    )
    assert set(empty["mergeQueue"]) == {"id"}


def test_a_missing_repository_harms_no_other(github: GitHubStandin) -> None:
    query = """{
  a: repository(owner: "acme", name: "app") { name }
  b: repository(owner: "acme", name: "gone") { name }
}"""

    found = graphql(github, query)

    assert found["data"] == {"a": {"name": "app"}, "b": None}
    assert found["errors"] == [
        {
            "type": "NOT_FOUND",
            "path": ["b"],
            "locations": [{"line": 3, "column": 3}],
            "message": "Could not resolve to a Repository with the name 'acme/gone'.",
        }
    ]


def test_pygithub_raises_although_data_came(github: GitHubStandin) -> None:
    requester = pygithub(github).requester
    query = '{ repository(owner: "acme", name: "gone") { name } }'

    with pytest.raises(GithubException) as raised:
        requester.graphql_query(query, {})

    assert raised.value.status == 404
    assert raised.value.data["data"] == {"repository": None}


def test_pull_requests_are_refreshed_by_their_ids(github: GitHubStandin) -> None:
    branch(github.bare(APP), "feature", {"app.py": "x = 2\n"})
    pull = pygithub(github).get_repo(APP).create_pull("main", "feature", title="T", draft=True)
    node_id = github.pull_requests(APP)[0].node_id

    found = graphql(github, PULLS, ids=[node_id, "PR_gone", node_id])

    assert found["data"]["nodes"][0] == {
        "number": pull.number,
        "state": "OPEN",
        "isDraft": True,
        "merged": False,
        "mergeable": "MERGEABLE",
        "mergeStateStatus": "DRAFT",
        "reviewDecision": None,
        "headRefOid": github.bare(APP).branch("feature"),
        "baseRefOid": github.bare(APP).branch("main"),
        "isInMergeQueue": False,
        "autoMergeRequest": None,
        "statusCheckRollup": None,
    }
    assert found["data"]["nodes"][1] is None
    assert found["data"]["nodes"][2] == found["data"]["nodes"][0]
    assert found["data"]["rateLimit"]["cost"] == 1
    assert [(error["type"], error["path"]) for error in found["errors"]] == [
        ("NOT_FOUND", ["nodes", 1])
    ]


def test_a_refreshed_state_is_the_present_one(github: GitHubStandin) -> None:
    branch(github.bare(APP), "feature", {"app.py": "x = 2\n"})
    pygithub(github).get_repo(APP).create_pull("main", "feature", title="T")
    node_id = github.pull_requests(APP)[0].node_id

    def state() -> tuple[str, ...]:
        node = graphql(github, PULLS, ids=[node_id])["data"]["nodes"][0]
        rollup = node["statusCheckRollup"]
        checks = rollup["state"] if rollup else ""
        return node["state"], node["mergeable"], node["mergeStateStatus"], checks

    assert state() == ("OPEN", "MERGEABLE", "CLEAN", "")
    github.set_check(APP, "feature", "test", None)
    assert state() == ("OPEN", "MERGEABLE", "UNSTABLE", "PENDING")
    github.set_check(APP, "feature", "test", "failure")
    assert state() == ("OPEN", "MERGEABLE", "UNSTABLE", "FAILURE")
    github.set_check(APP, "feature", "test", "success")
    assert state() == ("OPEN", "MERGEABLE", "CLEAN", "SUCCESS")
    conflicting = github.commit(APP, {"app.py": "x = 3\n"}, branch="main")
    assert state()[1:3] == ("CONFLICTING", "DIRTY")
    github.bare(APP).set_branch("main", f"{conflicting}~1")
    github.merge_pull_request(APP, 1)
    assert state()[:2] == ("MERGED", "UNKNOWN")


def test_a_hundred_ids_are_the_most(github: GitHubStandin) -> None:
    found = graphql(github, PULLS, ids=["PR_x"] * 101)

    assert found["data"]["nodes"] is None
    assert found["errors"][0]["type"] == "ARGUMENT_LIMIT"


def test_connections_are_paged_with_cursors(github: GitHubStandin) -> None:
    for number in range(5):
        github.add_repository(f"acme/copy-{number}", copy_of=APP)
    query = """query ($after: String) {
      organization(login: "acme") {
        repositories(first: 3, after: $after, isArchived: false) {
          totalCount nodes { name } pageInfo { hasNextPage endCursor }
        }
      }
    }"""

    first = graphql(github, query, after=None)["data"]["organization"]["repositories"]
    second = graphql(github, query, after=first["pageInfo"]["endCursor"])
    page = second["data"]["organization"]["repositories"]

    assert first["totalCount"] == 6
    assert [node["name"] for node in first["nodes"]] == ["app", "copy-0", "copy-1"]
    assert [node["name"] for node in page["nodes"]] == ["copy-2", "copy-3", "copy-4"]
    assert (first["pageInfo"]["hasNextPage"], page["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize(
    ("bounds", "kind"),
    [("", "MISSING_PAGINATION_BOUNDARIES"), ("(first: 101)", "EXCESSIVE_PAGINATION")],
)
def test_a_connection_without_bounds_or_with_too_many_is_refused(
    github: GitHubStandin, bounds: str, kind: str
) -> None:
    query = f'{{ organization(login: "acme") {{ repositories{bounds} {{ totalCount }} }} }}'

    assert graphql(github, query)["errors"][0]["type"] == kind


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ viewer { shoeSize } }", "Field 'shoeSize' doesn't exist on type 'User'"),
        ("{ viewer }", "Field 'viewer' must have selections"),
        ("{ viewer { login { x } } }", "Field 'login' can't have selections"),
        ('{ repository(owner: "a") { id } }', "missing required arguments: name"),
        ("{ viewer(size: 1) { login } }", "doesn't accept argument 'size'"),
        ("{ viewer { ...Missing } }", "No such fragment"),
        ("query ($id: ID!) { node(id: $id) { id } }", "Variable $id"),
        ("{ viewer { login }", "Parse error on end of file"),
        ("{ viewer { %login } }", "Parse error"),
    ],
)
def test_an_invalid_query_gives_errors_and_no_data(
    github: GitHubStandin, query: str, message: str
) -> None:
    found = graphql(github, query)

    assert message in found["errors"][0]["message"]
    assert "data" not in found


def test_abstract_types_show_what_is_really_there(github: GitHubStandin) -> None:
    query = """query ($repository: ID!, $login: String!) {
      node(id: $repository) { __typename id ... on Repository { owner { __typename login } } }
      repositoryOwner(login: $login) { ... on Organization { login } ... on User { name } }
      repository(owner: "acme", name: "app") {
        object(expression: "HEAD:README.md") { __typename ... on Blob { text byteSize isBinary } }
        head: object(expression: "main") { ... on Commit { messageHeadline author { name } } }
        gone: object(expression: "main:gone") { oid }
        repositoryTopics(first: 5) { nodes { topic { name } } }
      }
    }"""
    repository_id = github.repository(APP).node_id

    data = graphql(github, query, repository=repository_id, login="acme")["data"]

    owner = {"__typename": "Organization", "login": "acme"}
    assert data["node"] == {"__typename": "Repository", "id": repository_id, "owner": owner}
    assert data["repositoryOwner"] == {"login": "acme"}
    assert data["repository"] == {
        "object": {"__typename": "Blob", "text": "# App\n", "byteSize": 6, "isBinary": False},
        "head": {"messageHeadline": "First commit", "author": {"name": "Ada Example"}},
        "gone": None,
        "repositoryTopics": {"nodes": [{"topic": {"name": "web"}}]},
    }


def test_parts_of_a_query_are_included_or_skipped(github: GitHubStandin) -> None:
    query = """query Some($with: Boolean = false) {
      viewer { login id @include(if: $with) ... on User @skip(if: true) { databaseId } }
    }"""

    assert graphql(github, query)["data"] == {"viewer": {"login": "service"}}
    assert set(graphql(github, query, **{"with": True})["data"]["viewer"]) == {"login", "id"}


def test_searching_counts_and_pages(github: GitHubStandin) -> None:
    query = """{ search(query: "org:acme archived:false", type: REPOSITORY, first: 10) {
      repositoryCount nodes { ... on Repository { nameWithOwner } } } }"""

    found = graphql(github, query)["data"]["search"]

    assert found == {"repositoryCount": 1, "nodes": [{"nameWithOwner": APP}]}


def test_nobody_may_ask(github: GitHubStandin) -> None:
    answer = requests.post(
        f"{github.url}/graphql", json={"query": "{ viewer { login } }"}, timeout=20
    )

    assert answer.status_code == 401


def test_what_was_asked_is_recorded(github: GitHubStandin) -> None:
    graphql(github, "query Who { viewer { login } rateLimit { cost } }")

    assert github.requests("POST /graphql")[0].detail == "query Who: viewer, rateLimit"

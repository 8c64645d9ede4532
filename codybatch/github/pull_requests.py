"""Pull requests: find the one of a branch, or make it; never a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from github import Github, GithubException
from github.PullRequest import PullRequest as FoundPullRequest

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostError,
    CodeHostThrottled,
    NotPermitted,
    PullRequestRefused,
    RepositoryUnavailable,
)
from codybatch.domain.publication import PullRequest
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.connection import Connection
from codybatch.github.failures import message_of
from codybatch.ports import PullRequestText

PER_CALL = 100
"""Nodes of one GraphQL call (docs.github.com, "Rate limits and query limits")."""

_REFRESH = """
query($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest {
  id number url state isDraft merged mergeable headRefOid
  commits(last: 1) { nodes { commit { statusCheckRollup { state } } } }
} } }
"""
_CHECKS = {"SUCCESS": "success", "FAILURE": "failure", "ERROR": "failure"}
_MERGEABLE = {"MERGEABLE": True, "CONFLICTING": False}


def pull_request_of(
    connection: Connection, repository: RepositoryRef, branch: str
) -> PullRequest | None:
    """The newest pull request from a branch of the repository itself, in any state.

    One that is open stands before all others.
    """
    name = connection.current_name(repository)
    head = f"{name.partition('/')[0]}:{branch}"  # without the owner GitHub lists all there are

    def ask(github: Github) -> PullRequest | None:
        listed = github.get_repo(name).get_pulls(
            state="all", head=head, sort="created", direction="desc"
        )
        found = [pull for pull in listed if _is_from(pull, name, branch)]
        found.sort(key=lambda pull: pull.state != "open")
        return _read(found[0].raw_data, connection.clock.now()) if found else None

    return connection.read(f"looking for the pull request of {branch} in {name}", ask)


def _is_from(pull: FoundPullRequest, name: str, branch: str) -> bool:
    """Whether it comes from this branch of this repository, and not of a fork."""
    head = pull.head.raw_data
    source = head.get("repo") or {}  # none where the fork was deleted
    return head["ref"] == branch and str(source.get("full_name", "")).lower() == name.lower()


@dataclass(frozen=True)
class Proposal:
    """What a new pull request is to be."""

    repository: RepositoryRef
    branch: str
    base: str
    text: PullRequestText
    draft: bool


def open_pull_request(connection: Connection, proposal: Proposal) -> PullRequest:
    """Find the pull request of this branch, or make it.

    Raises:
        PullRequestRefused: GitHub refuses it; the message is GitHub's.
        NotPermitted: the credential may not do this.
    """
    found = pull_request_of(connection, proposal.repository, proposal.branch)
    if found is None:
        try:
            found = _create(connection, proposal)
        except (PullRequestRefused, RepositoryUnavailable):
            # It may be there all the same: the answer got lost, or another worker was faster.
            found = pull_request_of(connection, proposal.repository, proposal.branch)
            if found is None:
                raise
    if found.state == "open":
        _decorate(connection, proposal.repository, found.number, proposal.text)
    return found


def _create(connection: Connection, proposal: Proposal) -> PullRequest:
    name = connection.current_name(proposal.repository)

    def act(github: Github) -> PullRequest:
        return _read(_post(github, name, proposal).raw_data, connection.clock.now())

    try:
        return connection.write(f"opening a pull request in {name}", act)
    except PullRequestRefused as error:
        if proposal.draft and "draft" in str(error).lower():  # not every plan has drafts
            return _create(connection, replace(proposal, draft=False))
        raise


def _post(github: Github, name: str, proposal: Proposal) -> FoundPullRequest:
    try:
        return github.get_repo(name).create_pull(
            proposal.base,
            proposal.branch,
            title=proposal.text.title,
            body=proposal.text.body,
            draft=proposal.draft,
        )
    except GithubException as error:
        if error.status != 422:
            raise
        said = message_of(error)
        raise PullRequestRefused(f"GitHub refused the pull request: {said}") from None


def update_pull_request(
    connection: Connection, repository: RepositoryRef, number: int, text: PullRequestText
) -> PullRequest:
    """Give an open pull request a new title and body.

    Raises:
        PullRequestRefused: GitHub refuses them; the message is GitHub's.
        NotPermitted: the credential may not do this.
    """
    name = connection.current_name(repository)

    def act(github: Github) -> PullRequest:
        sent = {"title": text.title, "body": text.body}
        path = f"/repos/{name}/pulls/{number}"
        try:
            # PyGithub's own edit() keeps nothing of the answer to read the state from.
            raw = github.requester.requestJsonAndCheck("PATCH", path, input=sent)[1]
        except GithubException as error:
            if error.status != 422:
                raise
            said = message_of(error)
            raise PullRequestRefused(f"GitHub refused the pull request's text: {said}") from None
        return _read(raw, connection.clock.now())

    return connection.write(f"updating pull request {number} of {name}", act)


def refresh(
    connection: Connection, pull_requests: Sequence[PullRequest]
) -> tuple[PullRequest, ...]:
    """The pull requests as they are now, a hundred in one call; deleted ones as they were."""
    fresh: dict[str, PullRequest] = {}
    ids = list(dict.fromkeys(pull.node_id for pull in pull_requests if pull.node_id))
    for start in range(0, len(ids), PER_CALL):
        asked = {"ids": ids[start : start + PER_CALL]}
        answer = connection.graphql("refreshing pull requests", _REFRESH, asked)
        for node in answer.data.get("nodes") or ():
            if node and "number" in node:  # null for one that is gone, empty for another thing
                fresh[node["id"]] = _read_node(node, connection.clock.now())
    return tuple(fresh.get(pull.node_id, pull) for pull in pull_requests)


def _read(raw: Mapping[str, Any], now: datetime) -> PullRequest:
    return PullRequest(
        number=raw["number"],
        url=raw["html_url"],
        node_id=raw.get("node_id") or "",
        state="merged" if raw.get("merged_at") else raw["state"],
        draft=bool(raw.get("draft")),
        head_commit=raw["head"]["sha"],
        mergeable=raw.get("mergeable"),
        refreshed_at=now,
    )


def _read_node(node: dict[str, Any], now: datetime) -> PullRequest:
    commits = (node.get("commits") or {}).get("nodes") or [{}]
    rollup = ((commits[0] or {}).get("commit") or {}).get("statusCheckRollup") or {}
    return PullRequest(
        number=node["number"],
        url=node["url"],
        node_id=node["id"],
        state="merged" if node["merged"] else node["state"].lower(),
        draft=node["isDraft"],
        head_commit=node["headRefOid"],
        checks=_CHECKS.get(rollup["state"], "pending") if rollup else None,
        mergeable=_MERGEABLE.get(node["mergeable"]),
        refreshed_at=now,
    )


def _decorate(
    connection: Connection, repository: RepositoryRef, number: int, text: PullRequestText
) -> None:
    """Labels, assignees and reviewers: who or what GitHub refuses is left out, the rest stays."""
    name = connection.current_name(repository)

    def pull(github: Github) -> FoundPullRequest:
        return github.get_repo(name).get_pull(number)

    kinds: tuple[tuple[Sequence[str], Callable[[Github, Sequence[str]], object]], ...] = (
        (text.labels, lambda github, names: pull(github).add_to_labels(*names)),
        (text.assignees, lambda github, names: pull(github).add_to_assignees(*names)),
        (
            text.reviewers,
            lambda github, names: pull(github).create_review_request(**_reviewers(names)),
        ),
    )
    for names, add in kinds:
        # All at once is one write; where one name spoils it, the others get a turn each.
        if names and not _added(connection, name, add, names) and len(names) > 1:
            for one in names:
                _added(connection, name, add, (one,))


def _added(
    connection: Connection,
    repository: str,
    add: Callable[[Github, Sequence[str]], object],
    names: Sequence[str],
) -> bool:
    try:
        connection.write(
            f"adding {', '.join(names)} in {repository}", lambda github: add(github, names)
        )
    except (CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable):
        raise
    except (CodeHostError, NotPermitted):
        return False
    return True


def _reviewers(names: Sequence[str]) -> dict[str, list[str]]:
    """People by login, teams as ``org/team``."""
    teams = [name.partition("/")[2] for name in names if "/" in name]
    people = [name for name in names if "/" not in name]
    return {
        kind: found for kind, found in (("reviewers", people), ("team_reviewers", teams)) if found
    }

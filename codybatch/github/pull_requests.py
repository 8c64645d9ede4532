"""Pull requests: find the one of a branch, or make it; never a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from github import Github, GithubException
from github.PullRequest import PullRequest as FoundPullRequest

from codybatch.domain.errors import (
    PullRequestRefused,
    RepositoryUnavailable,
)
from codybatch.domain.publication import PullRequest
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.connection import Connection
from codybatch.github.decorations import decorate
from codybatch.github.failures import message_of
from codybatch.ports import PullRequestText

PER_CALL = 100
"""Nodes of a GraphQL call, items of a page (docs.github.com, "Rate limits and query limits")."""
MOST_PAGES = 100

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

    asked = {"state": "all", "head": head, "sort": "created", "direction": "desc"}

    def read(raw: Sequence[Mapping[str, Any]]) -> tuple[int, list[PullRequest]]:
        now = connection.clock.now()
        return len(raw), [_read(each, now) for each in raw if _is_from(each, name, branch)]

    found: list[PullRequest] = []
    for page in range(1, MOST_PAGES + 1):
        listed, ours = connection.get(
            f"looking for the pull request of {branch} in {name}",
            f"/repos/{name}/pulls",
            read,
            {**asked, "per_page": PER_CALL, "page": page},
        )
        found += ours
        if listed < PER_CALL:
            break
    found.sort(key=lambda pull: pull.state != "open")
    return found[0] if found else None


def _is_from(raw: Mapping[str, Any], name: str, branch: str) -> bool:
    """Whether it comes from this branch of this repository, and not of a fork."""
    head = raw["head"]
    source = head.get("repo") or {}  # none where the fork was deleted
    return bool(head["ref"] == branch and str(source.get("full_name", "")).lower() == name.lower())


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
    if found.state != "open":
        return found
    refused = decorate(connection, proposal.repository, found.number, proposal.text)
    return found.with_(left_out=refused)


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
    return tuple(
        fresh[pull.node_id].with_(left_out=pull.left_out) if pull.node_id in fresh else pull
        for pull in pull_requests
    )


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

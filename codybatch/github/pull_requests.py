"""Pull requests: find the one of a branch, or make it; never a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from codybatch.github.failures import message_of, translated
from codybatch.ports import Clock, PullRequestText

PER_CALL = 100
"""Nodes of one GraphQL call."""

_REFRESH = """
query($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest {
  id number url state isDraft merged mergeable headRefOid
  commits(last: 1) { nodes { commit { statusCheckRollup { state } } } }
} } }
"""
_CHECKS = {"SUCCESS": "success", "FAILURE": "failure", "ERROR": "failure"}
_MERGEABLE = {"MERGEABLE": True, "CONFLICTING": False}


def pull_request_of(
    connection: Connection, repository: RepositoryRef, branch: str, clock: Clock
) -> PullRequest | None:
    """The newest pull request from a branch of the repository itself, in any state."""
    with translated(f"looking for the pull request of {branch}", clock):
        found = connection.reading.get_repo(repository.full_name).get_pulls(
            state="all", head=f"{repository.owner}:{branch}", sort="created", direction="desc"
        )
        for pull in found:
            if pull.head.ref == branch:
                return _read(pull, clock.now())
    return None


@dataclass(frozen=True)
class Proposal:
    """What a new pull request is to be."""

    repository: RepositoryRef
    branch: str
    base: str
    text: PullRequestText
    draft: bool


def open_pull_request(connection: Connection, proposal: Proposal, clock: Clock) -> PullRequest:
    """Find the pull request of this branch, or make it.

    Raises:
        PullRequestRefused: GitHub refuses it; the message is GitHub's.
        NotPermitted: the credential may not do this.
    """
    repository, branch = proposal.repository, proposal.branch
    found = pull_request_of(connection, repository, branch, clock)
    if found is None:
        try:
            found = _create(connection, proposal, clock)
        except (PullRequestRefused, RepositoryUnavailable):
            # It may be there all the same: the answer got lost, or another worker was faster.
            found = pull_request_of(connection, repository, branch, clock)
            if found is None:
                raise
    if found.state == "open":
        _decorate(connection, repository, found.number, proposal.text)
    return found


def _create(connection: Connection, proposal: Proposal, clock: Clock) -> PullRequest:
    doing = f"opening a pull request in {proposal.repository.full_name}"
    try:
        with translated(doing, clock), connection.writing() as github:
            return _read(_post(github, proposal), clock.now())
    except PullRequestRefused as error:
        if proposal.draft and "draft" in str(error).lower():  # not every plan has drafts
            return _create(connection, replace(proposal, draft=False), clock)
        raise


def _post(github: Github, proposal: Proposal) -> FoundPullRequest:
    try:
        return github.get_repo(proposal.repository.full_name).create_pull(
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
    connection: Connection,
    repository: RepositoryRef,
    number: int,
    text: PullRequestText,
    clock: Clock,
) -> PullRequest:
    """Give an open pull request a new title and body."""
    doing = f"updating pull request {number} of {repository.full_name}"
    with translated(doing, clock), connection.writing() as github:
        pull = github.get_repo(repository.full_name).get_pull(number)
        pull.edit(title=text.title, body=text.body)
        return _read(pull, clock.now())


def refresh(
    connection: Connection, pull_requests: Sequence[PullRequest], clock: Clock
) -> tuple[PullRequest, ...]:
    """The pull requests as they are now, a hundred in one call; deleted ones as they were."""
    fresh: dict[str, PullRequest] = {}
    for start in range(0, len(pull_requests), PER_CALL):
        ids = [pull.node_id for pull in pull_requests[start : start + PER_CALL]]
        with translated("refreshing pull requests", clock):
            answer = connection.graphql(_REFRESH, {"ids": ids})
        for node in (answer.get("data") or {}).get("nodes") or ():
            if node:
                fresh[node["id"]] = _read_node(node, clock.now())
    return tuple(fresh.get(pull.node_id, pull) for pull in pull_requests)


def _read(pull: FoundPullRequest, now: datetime) -> PullRequest:
    return PullRequest(
        number=pull.number,
        url=pull.html_url,
        node_id=pull.raw_data.get("node_id", ""),
        state="merged" if pull.raw_data.get("merged_at") else pull.state,
        draft=bool(pull.raw_data.get("draft")),
        head_commit=pull.head.sha,
        mergeable=pull.raw_data.get("mergeable"),
        refreshed_at=now,
    )


def _read_node(node: dict[str, Any], now: datetime) -> PullRequest:
    commits = (node.get("commits") or {}).get("nodes") or [{}]
    rollup = (commits[0].get("commit") or {}).get("statusCheckRollup") or {}
    checks = _CHECKS.get(rollup["state"], "pending") if rollup else None
    return PullRequest(
        number=node["number"],
        url=node["url"],
        node_id=node["id"],
        state="merged" if node["merged"] else node["state"].lower(),
        draft=node["isDraft"],
        head_commit=node["headRefOid"],
        checks=checks,
        mergeable=_MERGEABLE.get(node["mergeable"]),
        refreshed_at=now,
    )


def _decorate(
    connection: Connection, repository: RepositoryRef, number: int, text: PullRequestText
) -> None:
    """Labels, reviewers and assignees: what GitHub refuses is left out, the rest stays."""
    if not (text.labels or text.reviewers or text.assignees):
        return
    pull = connection.reading.get_repo(repository.full_name).get_pull(number)
    for wanted, add in (
        (text.labels, pull.add_to_labels),
        (text.assignees, pull.add_to_assignees),
        (text.reviewers, lambda *names: pull.create_review_request(reviewers=list(names))),
    ):
        for name in wanted:
            _try(connection, add, name)


def _try(connection: Connection, add: Callable[..., object], name: str) -> None:
    try:
        with connection.writing():
            add(name)
    except GithubException:
        return

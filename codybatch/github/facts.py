"""What GitHub says of a repository, by GraphQL or by REST, as the facts that we keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from codybatch.domain.repositories import RepositoryFacts, RepositoryRef

_MAY_PUSH = frozenset({"ADMIN", "MAINTAIN", "WRITE"})

FIELDS = """
  id databaseId nameWithOwner isPrivate isFork isArchived isDisabled isLocked isEmpty diskUsage
  viewerPermission pushedAt url primaryLanguage { name }
  repositoryTopics(first: 20) { nodes { topic { name } } }
  defaultBranchRef { name target { oid } }
"""
"""What is asked of a repository in GraphQL."""


def of_node(
    node: Mapping[str, Any], own: frozenset[str] | None, ref: str | None = None
) -> RepositoryFacts:
    """The facts in a GraphQL answer to ``FIELDS``.

    Args:
        node: the repository's.
        own: where a GitHub App is installed, in lower case; None where the permission shown holds.
        ref: what was asked for of it.
    """
    branch = node.get("defaultBranchRef") or {}
    name = str(node["nameWithOwner"])
    topics = (node.get("repositoryTopics") or {}).get("nodes") or ()
    return RepositoryFacts(
        id=str(node["databaseId"]),
        repository=named(name, ref),
        default_branch=branch.get("name") or "",
        head_commit=(branch.get("target") or {}).get("oid") or "",
        size_kb=node.get("diskUsage") or 0,
        private=bool(node["isPrivate"]),
        archived=bool(node["isArchived"]),
        disabled=bool(node["isDisabled"]),
        fork=bool(node["isFork"]),
        language=(node.get("primaryLanguage") or {}).get("name"),
        topics=tuple(topic["topic"]["name"] for topic in topics),
        pushed_at=_moment(node.get("pushedAt")),
        owned=node.get("viewerPermission") in _MAY_PUSH if own is None else name.lower() in own,
        web_url=node["url"],
    )


def of_rest(raw: Mapping[str, Any], ref: str | None = None) -> RepositoryFacts:
    """The facts in a REST answer to nobody: nothing is owned, and no head is told.

    An empty repository shows the default branch that it would have.
    """
    return RepositoryFacts(
        id=str(raw["id"]),
        repository=named(raw["full_name"], ref),
        default_branch=raw["default_branch"] or "",
        head_commit="",
        size_kb=raw.get("size") or 0,
        private=bool(raw["private"]),
        archived=bool(raw["archived"]),
        disabled=bool(raw.get("disabled")),
        fork=bool(raw["fork"]),
        language=raw.get("language"),
        topics=tuple(raw.get("topics") or ()),
        pushed_at=_moment(raw.get("pushed_at")),
        owned=False,
        web_url=raw["html_url"],
    )


def named(full_name: str, ref: str | None = None) -> RepositoryRef:
    """A repository by the name that GitHub uses today."""
    owner, _, name = full_name.partition("/")
    return RepositoryRef(owner=owner, name=name, ref=ref)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

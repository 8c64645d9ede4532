"""What the stand-in remembers, one small file a record."""

from __future__ import annotations

import base64
from datetime import datetime
from enum import IntEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Role(IntEnum):
    """What somebody may do with a repository, in rising order."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5

    @classmethod
    def named(cls, name: str) -> Role:
        """Return the role for a name of the REST API (`push`) or of GraphQL (`WRITE`).

        Raises:
            ValueError: there is no such role.
        """
        plain = {"PULL": "READ", "PUSH": "WRITE"}.get(name.upper(), name.upper())
        if plain not in cls.__members__:
            raise ValueError(f"{name} is no role: use pull, triage, push, maintain or admin")
        return cls[plain]


def node_id(prefix: str, number: int) -> str:
    """Return a global id as GitHub shapes them: a type's prefix and an opaque rest."""
    encoded = base64.urlsafe_b64encode(b"\x93" + number.to_bytes(6, "big")).decode().rstrip("=")
    return f"{prefix}_kgDO{encoded}"


def number_of(global_id: str) -> tuple[str, int] | None:
    """Return the prefix and the number of a global id, or None for one that is not ours."""
    prefix, _, rest = global_id.partition("_")
    encoded = rest.removeprefix("kgDO")
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return None
    number = int.from_bytes(raw[1:], "big")
    return (prefix, number) if node_id(prefix, number) == global_id else None


class Record(BaseModel):
    """A record is replaced, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Account(Record):
    """A person, a service or an organisation."""

    id: int
    login: str
    kind: Literal["User", "Organization"] = "User"

    @property
    def node_id(self) -> str:
        """The global id in GraphQL."""
        return node_id("U" if self.kind == "User" else "O", self.id)


class Token(Record):
    """A credential; `repositories` limits an installation's token to these ids."""

    name: str
    value: str
    login: str
    expires_at: datetime | None = None
    revoked: bool = False
    installation: int | None = None
    repositories: tuple[int, ...] | None = None
    scopes: str | None = "repo"
    """As answers to a classic token name them; None for a fine-grained one. They bar nothing."""


class App(Record):
    """A GitHub App with one installation on one account's repositories."""

    id: int
    installation: int
    login: str
    public_key: str


class Repository(Record):
    """A repository's data beside git; `permissions` holds a role's name by login."""

    id: int
    owner: str
    name: str
    description: str = ""
    private: bool = False
    archived: bool = False
    disabled: bool = False
    locked: bool = False
    fork_of: int | None = None
    template: str | None = None
    default_branch: str = "main"
    topics: tuple[str, ...] = ()
    permissions: dict[str, str] = {}
    former_names: tuple[str, ...] = ()
    drafts_supported: bool = True
    auto_merge_allowed: bool = False
    merge_queue: bool = False
    language: str | None = None
    size_kb: int | None = None
    stars: int = 0
    created_at: datetime
    pushed_at: datetime

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def node_id(self) -> str:
        """The global id in GraphQL."""
        return node_id("R", self.id)


class Comment(Record):
    """A comment in a pull request's conversation."""

    id: int
    author: str
    body: str
    created_at: datetime


class PullRequest(Record):
    """A pull request; `head_oid` follows the head branch while it is open."""

    id: int
    repository: int
    number: int
    title: str
    body: str = ""
    author: str
    head_repository: int
    head_ref: str
    head_oid: str
    base_ref: str
    base_oid: str
    seen_base_oid: str
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    merged: bool = False
    merge_oid: str | None = None
    merged_by: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    team_reviewers: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    auto_merge_method: str | None = None
    in_merge_queue: bool = False
    review_decision: str | None = None
    maintainer_can_modify: bool = True
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    merged_at: datetime | None = None

    @property
    def node_id(self) -> str:
        """The global id in GraphQL."""
        return node_id("PR", self.id)


class Check(Record):
    """A check run, or with `context` a commit status, on one commit."""

    id: int
    repository: int
    oid: str
    name: str
    kind: Literal["check_run", "status"] = "check_run"
    status: str = "completed"
    conclusion: str | None = None
    at: datetime

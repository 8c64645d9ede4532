"""Refs, commits, trees and blobs, read from the bare repositories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from codybatch.standins.git.bare import BareRepository
from codybatch.standins.github.checks import rollup
from codybatch.standins.github.graphql.schema import (
    Arguments,
    Type,
    TypeBuilder,
    connection_types,
)
from codybatch.standins.github.records import Check, Repository, node_id
from codybatch.standins.github.view import View

COMMIT_FORMAT = "%an%x00%ae%x00%aI%x00%cI%x00%B"


@dataclass(frozen=True)
class Ref:
    """A branch and its head."""

    repository: Repository
    name: str
    oid: str


@dataclass(frozen=True)
class GitObject:
    """A commit, a tree or a blob; `kind` is git's word for it."""

    repository: Repository
    bare: BareRepository
    kind: str
    oid: str

    @cached_property
    def told(self) -> list[str]:
        """What `git show` says of a commit, asked for once and only if a field needs it."""
        return (
            self.bare.git("show", "-s", f"--format={COMMIT_FORMAT}", self.oid).decode().split("\0")
        )

    @cached_property
    def content(self) -> bytes:
        """The bytes of a blob."""
        return self.bare.git("cat-file", "blob", self.oid)


@dataclass(frozen=True)
class Rollup:
    """The checks of one commit, of which there is at least one."""

    commit: GitObject
    checks: tuple[Check, ...]


def ref(view: View, repository: Repository, name: str) -> Ref | None:
    """Return a branch by its short or full name."""
    short = name.removeprefix("refs/heads/")
    oid = view.site.bare(repository).branch(short)
    return None if oid is None else Ref(repository, short, oid)


def commit(view: View, repository: Repository, oid: str) -> GitObject:
    """Return a commit that is known to exist."""
    return GitObject(repository, view.site.bare(repository), "commit", oid)


def find_object(view: View, repository: Repository, arguments: Arguments) -> GitObject | None:
    """Return what `expression` (`HEAD:README.md`) or `oid` means, or None."""
    bare = view.site.bare(repository)
    wanted = str(arguments.get("oid") or arguments.get("expression") or "")
    told = bare.try_git("cat-file", "--batch-check", given=wanted.encode() + b"\n").stdout.split()
    if "\n" in wanted or len(told) != 3 or not told[2].isdigit():
        return None
    return GitObject(repository, bare, told[1].decode(), told[0].decode())


def rollup_of(view: View, found: GitObject) -> Rollup | None:
    """Return the checks on a commit, or None where there are none."""
    checks = view.site.state.checks_of(found.repository.id, found.oid)
    return Rollup(found, tuple(checks)) if checks else None


def types() -> Iterable[Type]:
    """Return the types of this file."""
    yield _ref_type()
    yield from (_commit_type(), _blob_type(), _object("Tree").build(), _actor())
    yield Type("GitObject", _object("GitObject").fields, frozenset({"Commit", "Blob", "Tree"}))
    yield from (_rollup_type(), _check_run(), _status_context())
    contexts = frozenset({"CheckRun", "StatusContext"})
    yield Type("StatusCheckRollupContext", {}, contexts)
    yield from connection_types("StatusCheckRollupContext")
    yield from connection_types("Ref")


def _ref_type() -> Type:
    built = TypeBuilder("Ref")
    built.add("id", lambda r, _, __: node_id("REF", r.repository.id))
    built.add_plain(name="name")
    built.add("prefix", lambda _, __, ___: "refs/heads/")
    built.add("target", lambda r, _, view: commit(view, r.repository, r.oid), "GitObject")
    return built.build()


def _object(name: str) -> TypeBuilder:
    built = TypeBuilder(name)
    built.add("id", lambda found, _, __: node_id(found.kind[0].upper(), found.repository.id))
    built.add_plain(oid="oid")
    built.add("abbreviatedOid", lambda found, _, __: found.oid[:7])
    return built


def _commit_type() -> Type:
    built = _object("Commit")
    built.add("message", lambda found, _, __: found.told[4].rstrip("\n"))
    built.add("messageHeadline", lambda found, _, __: found.told[4].partition("\n")[0])
    built.add("authoredDate", lambda found, _, __: found.told[2])
    built.add("committedDate", lambda found, _, __: found.told[3])
    built.add("author", lambda found, _, __: tuple(found.told[:3]), "GitActor")
    built.add(
        "statusCheckRollup", lambda found, _, view: rollup_of(view, found), "StatusCheckRollup"
    )
    return built.build()


def _actor() -> Type:
    built = TypeBuilder("GitActor")
    for place, name in enumerate(("name", "email", "date")):
        built.add(name, lambda told, _, __, place=place: told[place])  # type: ignore[misc]
    return built.build()


def _blob_type() -> Type:
    built = _object("Blob")
    built.add("byteSize", lambda found, _, __: len(found.content))
    built.add("isBinary", lambda found, _, __: b"\0" in found.content[:8000])
    built.add("isTruncated", lambda _, __, ___: False)
    built.add("text", lambda found, _, __: _text(found.content))
    return built.build()


def _text(content: bytes) -> str | None:
    return None if b"\0" in content[:8000] else content.decode(errors="replace")


def _rollup_type() -> Type:
    built = TypeBuilder("StatusCheckRollup")
    built.add("id", lambda found, _, __: node_id("SCR", found.commit.repository.id))
    built.add("state", lambda found, _, __: rollup(list(found.checks)))
    built.add("commit", lambda found, _, __: found.commit, "Commit")
    built.add_connection(
        "contexts", lambda found, _, __: found.checks, "StatusCheckRollupContextConnection"
    )
    return built.build()


def _check_run() -> Type:
    built = TypeBuilder("CheckRun")
    built.add_plain(name="name", databaseId="id")
    built.add("id", lambda check, _, __: node_id("CR", check.id))
    built.add("status", lambda check, _, __: check.status.upper())
    built.add("conclusion", lambda check, _, __: _upper(check.conclusion))
    return built.build()


def _status_context() -> Type:
    built = TypeBuilder("StatusContext")
    built.add_plain(context="name")
    built.add("id", lambda check, _, __: node_id("SC", check.id))
    built.add("state", lambda check, _, __: (check.conclusion or "pending").upper())
    return built.build()


def _upper(text: Any) -> str | None:
    return None if text is None else str(text).upper()

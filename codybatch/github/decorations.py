"""Labels, assignees and reviewers of a pull request: who or what GitHub refuses is left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github import Github

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    CodeHostError,
    CodeHostThrottled,
    NotPermitted,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import RepositoryRef
from codybatch.github.connection import Connection
from codybatch.ports import PullRequestText

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Kind:
    """One sort of thing that a pull request can have."""

    noun: str
    path: str
    """Behind the repository's."""
    body: Callable[[Sequence[str]], Mapping[str, Any]]
    taken: Callable[[Any, str], bool]
    """Whether an answer shows that a name was taken."""


def decorate(
    connection: Connection, repository: RepositoryRef, number: int, text: PullRequestText
) -> tuple[str, ...]:
    """Add what the text names; says what GitHub did not take, such as ``reviewer nobody``.

    Raises:
        CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable: it is unknown, and
            asking again does no harm.
    """
    name = connection.current_name(repository)
    refused: list[str] = []
    for kind, names in (
        (_labels(number), text.labels),
        (_assignees(number), text.assignees),
        (_reviewers(number), text.reviewers),
    ):
        missing = _add(connection, name, kind, names)
        if missing and len(names) > 1:  # one name may spoil it for all: each gets its turn
            missing = [one for one in missing if _add(connection, name, kind, (one,))]
        refused += [f"{kind.noun} {one}" for one in missing]
    return tuple(refused)


def _add(connection: Connection, repository: str, kind: _Kind, names: Sequence[str]) -> list[str]:
    """Add all at once, which is one write; the names that were not taken."""
    if not names:
        return []

    def act(github: Github) -> list[str]:
        path = f"/repos/{repository}/{kind.path}"
        sent = dict(kind.body(names))
        raw = github.requester.requestJsonAndCheck("POST", path, input=sent)[1]
        return [name for name in names if not kind.taken(raw, name)]

    try:
        return connection.write(f"adding {', '.join(names)} in {repository}", act)
    except (CodeHostThrottled, CodeHostCredentialRefused, RepositoryUnavailable):
        raise
    except (CodeHostError, NotPermitted) as error:
        log.info("%s", error)
        return list(names)


def _labels(number: int) -> _Kind:
    """GitHub makes labels that are not there yet."""
    return _Kind(
        "label",
        f"issues/{number}/labels",
        lambda names: {"labels": list(names)},
        lambda raw, name: name.lower() in {str(each["name"]).lower() for each in raw},
    )


def _assignees(number: int) -> _Kind:
    """Who cannot be assigned is left out without a word (docs.github.com, "Add assignees")."""
    return _Kind(
        "assignee",
        f"issues/{number}/assignees",
        lambda names: {"assignees": list(names)},
        lambda raw, name: name.lower() in _logins(raw.get("assignees")),
    )


def _reviewers(number: int) -> _Kind:
    """People by login, teams as ``org/team``; one who is refused spoils it for all.

    The answer does not show who has reviewed already, so what was not refused counts as taken.
    """

    def body(names: Sequence[str]) -> Mapping[str, Any]:
        teams = [name.partition("/")[2] for name in names if "/" in name]
        people = [name for name in names if "/" not in name]
        asked = (("reviewers", people), ("team_reviewers", teams))
        return {kind: found for kind, found in asked if found}

    return _Kind(
        "reviewer", f"pulls/{number}/requested_reviewers", body, lambda _, name: bool(name)
    )


def _logins(people: Sequence[Mapping[str, Any]] | None) -> set[str]:
    return {str(person["login"]).lower() for person in people or ()}

"""What a person wants a pull request to carry, from the texts that the person wrote."""

from __future__ import annotations

import re

from pydantic import ValidationError

from codybatch.domain.errors import UsageError
from codybatch.domain.requests import PullRequestWishes


def written_wishes(labels: str, reviewers: str, assignees: str) -> PullRequestWishes:
    """Labels and people, each list separated by commas.

    Args:
        labels: a label may hold spaces.
        reviewers: logins, with or without ``@``, and teams as ``org/team``.
        assignees: logins, with or without ``@``.

    Raises:
        UsageError: one of them cannot be; the message names it.
    """
    try:
        return PullRequestWishes(
            labels=_listed(labels), reviewers=_people(reviewers), assignees=_people(assignees)
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0])
        what = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"{where.capitalize()}: {what}.") from None


def _listed(written: str) -> tuple[str, ...]:
    named = (" ".join(part.split()) for part in re.split(r"[,\n]", written))
    return tuple(dict.fromkeys(name for name in named if name))


def _people(written: str) -> tuple[str, ...]:
    return tuple(name.removeprefix("@") for name in _listed(written))

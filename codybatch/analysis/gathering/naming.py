"""Names of repositories that hold one apart from another, and sentences that name a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

_NAMED = 5
"""That are named; of more, the number is told."""


def names_of(repositories: Mapping[str, str]) -> dict[str, str]:
    """What repositories are called, by the code host's id: ``owner/name``, with the id where two
    have had the same name.

    Args:
        repositories: ``owner/name`` by the code host's id.
    """
    counts = Counter(name.casefold() for name in repositories.values())
    return {
        one: name if counts[name.casefold()] == 1 else f"{name} ({one})"
        for one, name in repositories.items()
    }


def a_few(names: Sequence[str]) -> str:
    """The first few of some names."""
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def listed(names: Sequence[str], most: int) -> str:
    """``a, b and c``; of more arms than ``most`` their number: ``4 arms``."""
    if len(names) > most:
        return f"{len(names):,} arms"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

"""Which list some filters choose: the store knows one filter at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import request_id
from codybatch.domain.repositories import GITHUB, RepositoryRef
from codybatch.domain.states import JobState
from codybatch.ports import Partition, PartitionKind

SEARCH = "search"
_KINDS = {"mine": PartitionKind.REQUESTER}


def chosen(
    filters: Mapping[str, str | None], host: str = GITHUB, called: Callable[[str], str] = str
) -> Partition | None:
    """The partition of the one filter that is given; everything where none is, None for a search.

    Args:
        filters: state, repository (or its address on ``host``), prompt, request, mine (a person) or
            search; those that are None or empty are not given.
        host: the code host whose addresses name repositories.
        called: what people call a filter.

    Raises:
        UsageError: more than one is given, or one that names nothing there could be.
    """
    given = {name: value for name, value in filters.items() if value}
    if len(given) > 1:
        raise UsageError(
            f"Lists take one filter at a time; these are {len(given)}: "
            f"{', '.join(sorted(map(called, given)))}."
        )
    for name, value in given.items():
        if name == SEARCH:
            return None
        return Partition(_KINDS.get(name) or PartitionKind(name), _checked(name, value, host))
    return Partition()


def _checked(name: str, value: str, host: str) -> str:
    """The value of a filter as records hold it."""
    if name == "state" and value not in set(JobState):
        raise UsageError(f"{value!r} is no state of a job: {', '.join(JobState)}.")
    if name == "repository":
        return RepositoryRef.parse(value, host).full_name
    if name == "request":
        return request_id(value)
    return value

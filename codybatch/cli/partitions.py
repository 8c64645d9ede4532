"""Which list a command's filters choose: the store knows one filter at a time."""

from __future__ import annotations

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import request_id
from codybatch.domain.repositories import GITHUB, RepositoryRef
from codybatch.domain.states import JobState
from codybatch.ports import Partition, PartitionKind

_NAMES = {"requester": "--mine"}


def chosen(*, search: str = "", host: str = GITHUB, **filters: str | None) -> Partition | None:
    """The partition of the one filter that is given; everything where none is, None for a search.

    A repository may be named by its address on ``host``.

    Raises:
        UsageError: more than one is given, or one that names nothing there could be.
    """
    given = {name: value for name, value in filters.items() if value}
    options = [_NAMES.get(name, f"--{name}") for name in given] + ["--search"] * bool(search)
    if len(options) > 1:
        raise UsageError(
            f"Lists take one filter at a time; these are {len(options)}: "
            f"{', '.join(sorted(options))}."
        )
    if search:
        return None
    for name, value in given.items():
        return Partition(PartitionKind(name), _checked(name, value, host))
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

"""Which list a command's filters choose: the store knows one filter at a time."""

from __future__ import annotations

from codybatch.domain.errors import UsageError
from codybatch.domain.states import JobState
from codybatch.ports import Partition, PartitionKind


def chosen(**filters: str | None) -> Partition:
    """The partition of the one filter that is given; everything where none is.

    Raises:
        UsageError: more than one is given, or a state that does not exist.
    """
    given = {name: value for name, value in filters.items() if value}
    if len(given) > 1:
        names = ", ".join(f"--{name}" for name in sorted(given))
        raise UsageError(f"Lists take one filter at a time; these are {len(given)}: {names}.")
    for name, value in given.items():
        if name == "state" and value not in set(JobState):
            raise UsageError(f"{value!r} is no state: {', '.join(JobState)}.")
        return Partition(PartitionKind(name), value)
    return Partition()

"""Counters of states and flags, added up over their shards."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.ports.lists import FlagCounts
from codybatch.stores.aws import keys
from codybatch.stores.aws.table import Table
from codybatch.stores.lists import Flags


def job_counts(table: Table) -> JobCounts:
    """How many jobs there are in each state."""
    return JobCounts(**_counted(table, [state.value for state in JobState]))


def flag_counts(table: Table) -> FlagCounts:
    """How many jobs have each flag."""
    return FlagCounts(**_counted(table, Flags._fields))


def _counted(table: Table, names: Sequence[str]) -> dict[str, int]:
    shards = list(table.query(keys.COUNTERS))
    return {name: sum(shard.number(name) for shard in shards) for name in names}

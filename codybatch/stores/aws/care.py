"""The care of the table: whether it is whole, whether it can be written, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from codybatch.domain.errors import StoreDamaged, StoreNotSetUp
from codybatch.domain.states import TERMINAL, JobState
from codybatch.stores.aws import counters, keys
from codybatch.stores.aws.items import Key
from codybatch.stores.aws.schema import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE
from codybatch.stores.aws.table import Range, Table

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TableDescriptionTypeDef

_MOST_RECOUNTED = 1_000
"""Jobs that have not ended: of more, only their counters are looked at."""


class CareRecords:
    """The part of ``Records`` about the store itself."""

    _table: Table

    def check(self) -> None:
        """See ``Records.check``; this costs the same however many jobs there are. It looks at the
        table's shape, writes once, and recounts the jobs that have not ended where they are few.
        """
        self._check_shape()
        self._check_writing()
        self._check_counters()

    def close(self) -> None:
        """See ``Records.close``."""
        self._table.connection.close()

    def _check_shape(self) -> None:
        ask = self._table.connection.ask
        name = self._table.name
        described = ask(lambda client: client.describe_table(TableName=name), "describe itself")
        if problem := _problem_of(described["Table"]):
            raise StoreNotSetUp(
                f"The table {name} {problem}. Name another by CODYBATCH_TABLE; `make deploy` "
                "makes one as it must be."
            )
        lives = ask(lambda client: client.describe_time_to_live(TableName=name), "describe itself")
        lived = lives["TimeToLiveDescription"]
        is_on = lived.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        if not is_on or lived.get("AttributeName") != TIME_TO_LIVE:
            raise StoreNotSetUp(
                f"The table {name} has no time to live in its attribute {TIME_TO_LIVE}, so old "
                "events would stay for ever. `make deploy` sets it."
            )

    def _check_writing(self) -> None:
        key = Key("PROBE", uuid4().hex)
        self._table.put(key, {"probe": True})
        found = self._table.get(key)
        self._table.delete(key)
        if found is None or not found.flag("probe"):
            raise self._damaged("what is written to it is not read again")

    def _check_counters(self) -> None:
        counts = counters.job_counts(self._table)
        for state in JobState:
            if counts.of(state) < 0:
                raise self._damaged(f"it counts {counts.of(state)} jobs that are {state}")
        alive = sum(counts.of(state) for state in set(JobState) - TERMINAL)
        if alive > _MOST_RECOUNTED:
            return
        listed = {state: self._listed(state) for state in JobState if not state.is_terminal}
        wrong = [state for state, number in listed.items() if number != counts.of(state)]
        if wrong and counters.job_counts(self._table) == counts:
            raise self._damaged("the counts of jobs are not those of the jobs that are there")

    def _listed(self, state: JobState) -> int:
        lists = keys.state_lists(state)
        return sum(self._table.count(Range(name), _MOST_RECOUNTED) for name in lists)

    def _damaged(self, reason: str) -> StoreDamaged:
        return StoreDamaged(
            f"The table {self._table.name} is damaged ({reason}). Restore it to a moment before "
            "(point-in-time recovery) under a new name, and name that by CODYBATCH_TABLE."
        )


def _problem_of(table: TableDescriptionTypeDef) -> str | None:
    """What is wrong with a table's shape."""
    schema = [(part["AttributeName"], part["KeyType"]) for part in table["KeySchema"]]
    if schema != [(PARTITION_KEY, "HASH"), (SORT_KEY, "RANGE")]:
        return f"has other keys than {PARTITION_KEY} and {SORT_KEY}"
    status = table["TableStatus"]
    return None if status in {"ACTIVE", "UPDATING"} else f"is {status}"

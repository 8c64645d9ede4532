"""What calls to DynamoDB cost by AWS's rules; the stand-in's own figures are not AWS's.

The rules are those of
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html: a
strongly consistent read of up to 4 KB is one read unit, a write of up to 1 KB one write unit of the
larger of the item before and after it, a write in a transaction counts twice, a query adds up its
items before it rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, local
from typing import Any

from boto3.session import Session
from botocore.model import OperationModel
from types_boto3_dynamodb import DynamoDBClient

from codybatch.stores.aws.items import read_item, size_of

_READ_BYTES = 4096
_WRITE_BYTES = 1024
_WRITES = ("Put", "Update", "Delete", "ConditionCheck")


@dataclass
class Cost:
    """What an operation asked of DynamoDB."""

    requests: int = 0
    read_units: int = 0
    write_units: int = 0
    calls: list[str] = field(default_factory=list)
    """The names of the calls, in their order."""

    @property
    def figures(self) -> tuple[int, int, int]:
        """Requests, read units, write units."""
        return self.requests, self.read_units, self.write_units


class Meter:
    """Counts what the clients of a session ask of one table.

    It looks at the sizes of items through a client of its own, which it does not count.
    """

    def __init__(self, session: Session, table: str) -> None:
        self._table = table
        self._plain: DynamoDBClient = Session().client("dynamodb")
        self._cost: Cost | None = None
        self._adding = Lock()
        self._call = local()  # of each thread: its parameters, and the sizes before it
        session.events.register("provide-client-params.dynamodb", self._asks)
        session.events.register("after-call.dynamodb", self._answered)

    @contextmanager
    def running(self) -> Iterator[Cost]:
        """Count what is asked inside."""
        self._cost = cost = Cost()
        yield cost
        self._cost = None

    def _asks(self, params: dict[str, Any], **_: Any) -> None:
        if self._cost is not None:
            self._call.params = params
            self._call.before = [self._size(key) for key in _keys(params)]

    def _answered(self, parsed: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
        cost = self._cost
        if cost is None:
            return
        reads, writes = self._read(parsed, model.name), self._written(model.name)
        with self._adding:
            cost.requests += 1
            cost.calls.append(model.name)
            cost.read_units += reads
            cost.write_units += writes

    def _read(self, parsed: Mapping[str, Any], name: str) -> int:
        if name == "GetItem":
            return _units(_size(parsed.get("Item")), _READ_BYTES)
        if name == "Query":
            return self._of_query(parsed)
        return self._of_batch(parsed) if name == "BatchGetItem" else 0

    def _written(self, name: str) -> int:
        after = [self._size(key) for key in _keys(self._call.params)]
        factor = 2 if name == "TransactWriteItems" else 1
        pairs = zip(self._call.before, after, strict=True)
        return factor * sum(_units(max(pair), _WRITE_BYTES) for pair in pairs)

    def _of_query(self, parsed: Mapping[str, Any]) -> int:
        if "Items" in parsed:
            return _units(sum(map(_size, parsed["Items"])), _READ_BYTES)
        names = ("TableName", "KeyConditionExpression", "Limit", "ExpressionAttributeNames")
        asked = {name: self._call.params[name] for name in (*names, "ExpressionAttributeValues")}
        counted = self._plain.query(**asked)
        return _units(sum(map(_size, counted["Items"])), _READ_BYTES)

    def _of_batch(self, parsed: Mapping[str, Any]) -> int:
        found = parsed["Responses"].get(self._table, [])
        asked = self._call.params["RequestItems"][self._table]["Keys"]
        sizes = [*map(_size, found), *(0 for _ in range(len(asked) - len(found)))]
        return sum(_units(size, _READ_BYTES) for size in sizes)

    def _size(self, key: dict[str, Any]) -> int:
        answer = self._plain.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _size(answer.get("Item"))


def _units(size: int, unit: int) -> int:
    return max(1, -(-size // unit))


def _size(stored: Mapping[str, Any] | None) -> int:
    if stored is None:
        return 0
    item = read_item(stored)
    return size_of(item.key, item.attributes)


def _keys(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The keys of what a call writes."""
    writes = [
        write[verb]
        for write in params.get("TransactItems", ())
        for verb in _WRITES
        if verb in write
    ]
    if "UpdateExpression" in params or "Item" in params:
        writes.append(params)
    for requests in params.get("RequestItems", {}).values():
        if isinstance(requests, list):
            writes += [next(iter(request.values())) for request in requests]
    return [_key(write) for write in writes]


def _key(write: Mapping[str, Any]) -> dict[str, Any]:
    whole: Mapping[str, Any] = write.get("Key") or write["Item"]
    return {name: whole[name] for name in ("pk", "sk")}

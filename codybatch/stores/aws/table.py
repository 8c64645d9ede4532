"""The verbs of the table: reading by key and by range, writing with conditions, transactions.

There is no scan: every read names its partition. Reads are strongly consistent, because what was
written is looked for at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import uuid4

from codybatch.domain.errors import StoreError, StoreUnavailable
from codybatch.stores.aws.connection import Connection, Refusal
from codybatch.stores.aws.expressions import (
    Condition,
    Placeholders,
    absent,
    changes,
    differs,
    either,
    every,
)
from codybatch.stores.aws.items import Attributes, Item, Key, read_item, written_item, written_key
from codybatch.stores.aws.patience import Patience
from codybatch.stores.aws.schema import PARTITION_KEY, SORT_KEY
from codybatch.stores.aws.transaction import Transaction

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

T = TypeVar("T")
R = TypeVar("R")

MOST_READ_AT_ONCE = 100
MOST_PUT_AT_ONCE = 25
"""API_BatchGetItem and API_BatchWriteItem of DynamoDB's reference."""
AT_ONCE = 8
"""Calls that one change makes side by side."""
CONTENTION = Patience(attempts=40, first_ceiling=0.02, last_ceiling=1.0)
"""How often a change is made again because somebody else changed the same items meanwhile."""
_CANCELLED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class ConditionsFailed(Exception):
    """Conditions of a write did not hold, and nothing was written.

    ``found`` has the items as they are, by the labels of the writes (None: there is no such item).
    """

    def __init__(self, found: dict[str, Item | None]) -> None:
        """Keep whose conditions these were."""
        super().__init__(", ".join(found))
        self.found = found


class Range(NamedTuple):
    """The items of a partition between two sort keys, both of which belong to it."""

    pk: str
    first: str = " "
    """Every sort key of ours begins with something greater."""
    last: str = "\U0010ffff"


class Table:
    """One table."""

    def __init__(self, connection: Connection, contention: Patience = CONTENTION) -> None:
        """Keep the connection, and how patient a change is that others get in the way of."""
        self.connection = connection
        self._contention = contention
        self.name = connection.table

    def get(self, key: Key) -> Item | None:
        """One item, where there is one."""
        answer = self.connection.ask(
            lambda client: client.get_item(
                TableName=self.name, Key=written_key(key), ConsistentRead=True
            ),
            "read a record",
        )
        return read_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Those of some items that there are; each read is of its own moment."""
        found: dict[Key, Item] = {}
        for some in _batches(dict.fromkeys(keys), MOST_READ_AT_ONCE):
            found.update((item.key, item) for item in self._batch(some))
        return found

    def _batch(self, keys: Sequence[Key]) -> Iterator[Item]:
        asked = [written_key(key) for key in keys]
        pauses = self._contention.pauses()
        while asked:
            request = {self.name: {"Keys": asked, "ConsistentRead": True}}
            answer = self.connection.ask(
                lambda client, request=request: client.batch_get_item(RequestItems=request),  # type: ignore[misc]
                "read records",
            )
            yield from map(read_item, answer["Responses"].get(self.name, ()))
            left = answer["UnprocessedKeys"].get(self.name, {"Keys": []})["Keys"]
            self._pause(pauses, len(asked) == len(left), "read records")
            asked = [dict(key) for key in left]

    def query(
        self, asked: Range, *, limit: int | None = None, newest_first: bool = False
    ) -> Iterator[Item]:
        """The items of a range in the order of their sort keys, read on as they are taken.

        Args:
            asked: which.
            limit: how many are read in one call.
            newest_first: whether the greatest sort key comes first.
        """
        arguments = self._range(asked)
        arguments["ScanIndexForward"] = not newest_first
        if limit is not None:
            arguments["Limit"] = limit
        while True:
            answer = self.connection.ask(lambda client: client.query(**arguments), "read records")
            yield from map(read_item, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def count(self, asked: Range, most: int) -> int:
        """How many items a range has, counted up to ``most``."""
        arguments = {**self._range(asked), "Select": "COUNT", "Limit": most}
        answer = self.connection.ask(lambda client: client.query(**arguments), "count records")
        return answer["Count"]

    def _range(self, asked: Range) -> dict[str, Any]:
        holders = Placeholders()
        pk, sk = holders.name(PARTITION_KEY), holders.name(SORT_KEY)
        first, last = holders.value(asked.first), holders.value(asked.last)
        return {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": f"{pk} = {holders.value(asked.pk)} "
            f"AND {sk} BETWEEN {first} AND {last}",
            "ExpressionAttributeNames": holders.names,
            "ExpressionAttributeValues": holders.values,
        }

    def put_many(self, items: Sequence[Item]) -> None:
        """Write whole items, whatever stood there: each by itself, and each maybe twice."""
        self._write_many(
            [{"PutRequest": {"Item": written_item(item.key, item.attributes)}} for item in items]
        )

    def delete_many(self, keys: Sequence[Key]) -> None:
        """Remove items, whether or not they are there: each by itself."""
        self._write_many([{"DeleteRequest": {"Key": written_key(key)}} for key in keys])

    def _write_many(self, requests: Sequence[dict[str, Any]]) -> None:
        self.side_by_side(self._write_some, list(_batches(requests, MOST_PUT_AT_ONCE)))

    def _write_some(self, left: list[Any]) -> None:
        pauses = self._contention.pauses()
        while left:
            request = {self.name: left}
            answer = self.connection.ask(
                lambda client, request=request: client.batch_write_item(RequestItems=request),  # type: ignore[misc]
                "write records",
            )
            unwritten = list(answer["UnprocessedItems"].get(self.name, ()))
            self._pause(pauses, len(unwritten) == len(left), "write records")
            left = unwritten

    @staticmethod
    def side_by_side(write: Callable[[T], None], parts: Sequence[T]) -> None:
        """Write parts of something large, a few of them at once; each must bear being repeated."""
        if len(parts) <= 1:
            for part in parts:
                write(part)
            return
        with ThreadPoolExecutor(min(len(parts), AT_ONCE)) as writers:
            list(writers.map(write, parts))

    @staticmethod
    def read_side_by_side(read: Callable[[T], R], wanted: Sequence[T]) -> list[R]:
        """What a read gives for each of these, in their order, a few at once."""
        if len(wanted) <= 1:
            return [read(one) for one in wanted]
        with ThreadPoolExecutor(min(len(wanted), AT_ONCE)) as readers:
            return list(readers.map(read, wanted))

    def _pause(self, pauses: Iterator[float], is_stuck: bool, doing: str) -> None:
        """Wait where a call did nothing of what it was asked: it was throttled."""
        if is_stuck:
            pause = next(pauses, None)
            if pause is None:
                raise self.throttled(doing)
            self.connection.note("UnprocessedItems", doing, pause)
            time.sleep(pause)

    def put(self, key: Key, attributes: Attributes) -> None:
        """Write a whole item, whatever stood there."""
        self.connection.ask(
            lambda client: client.put_item(TableName=self.name, Item=written_item(key, attributes)),
            "write a record",
        )

    def delete(self, key: Key) -> None:
        """Remove an item, whether or not it is there."""
        self.connection.ask(
            lambda client: client.delete_item(TableName=self.name, Key=written_key(key)),
            "remove a record",
        )

    def update(
        self,
        key: Key,
        *,
        put: Attributes,
        add: Attributes,
        condition: Condition,
        mark: str,
    ) -> Item | None:
        """Change one item where a condition holds; gives it as it is then, None where it did not.

        A call whose answer was lost is known by its mark, a new value in the attribute ``mark``:
        made again, it finds it and changes nothing.
        """
        holders = Placeholders()
        token = uuid4().hex
        is_new = every(condition, either(absent(mark), differs(mark, token)))
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "Key": written_key(key),
            "UpdateExpression": changes(holders, {**put, mark: token}, add, ()),
            "ConditionExpression": is_new(holders),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            "ExpressionAttributeNames": holders.names,
            "ExpressionAttributeValues": holders.values,
        }
        try:
            answer = self.connection.ask(
                lambda client: client.update_item(**arguments),
                "change a record",
                "ConditionalCheckFailedException",
            )
        except Refusal as refusal:
            stored: dict[str, AttributeValueTypeDef] = refusal.response.get("Item", {})
            item = read_item(stored) if stored else None
            return item if item and item.attributes.get(mark) == token else None
        return read_item(answer["Attributes"])

    def transact(self, transaction: Transaction, doing: str = "write a change") -> None:
        """Write all of it or nothing.

        A transaction whose answer was lost is sent again under the same token, and counts once
        (for 10 minutes; its conditions hold for ever).

        Raises:
            ConditionsFailed: conditions did not hold.
            StoreUnavailable: others kept changing the same items, or DynamoDB throttled us.
        """
        writes = transaction.written(self.name)
        if not writes:
            return
        token = uuid4().hex
        pauses = self._contention.pauses()
        while True:
            try:
                self.connection.ask(
                    lambda client: client.transact_write_items(
                        TransactItems=writes, ClientRequestToken=token
                    ),
                    doing,
                    _CANCELLED,
                )
            except Refusal as refusal:
                reason = self._passing_reason(refusal, transaction)
                pause = next(pauses, None)
                if pause is None:
                    raise self.throttled(doing) from refusal
                self.connection.note(reason, doing, pause)
                time.sleep(pause)
            else:
                return

    def attempt(self, transaction: Transaction, doing: str) -> bool:
        """Write all of it, and say so; False where conditions did not hold and nothing was written.

        Raises:
            StoreUnavailable: others kept changing the same items, or DynamoDB throttled us.
        """
        try:
            self.transact(transaction, doing)
        except ConditionsFailed:
            return False
        return True

    def _passing_reason(self, refusal: Refusal, transaction: Transaction) -> str:
        """Why a cancelled transaction may go through when it is sent again.

        Raises:
            ConditionsFailed: it never will.
            StoreError: DynamoDB does not take it.
        """
        reasons: list[dict[str, Any]] = refusal.response.get("CancellationReasons", [])
        failed = {
            label: read_item(reason["Item"]) if reason.get("Item") else None
            for label, reason in zip(transaction.labels, reasons, strict=True)
            if reason.get("Code") == _CONDITION
        }
        if failed:
            raise ConditionsFailed(failed)
        codes = [str(reason.get("Code")) for reason in reasons]
        for code, reason in zip(codes, reasons, strict=True):
            if code not in _PASSING | {"None"}:
                raise StoreError(f"DynamoDB does not take this: {code}: {reason.get('Message')}.")
        return next((code for code in codes if code != "None"), _CANCELLED)

    def tries(self, doing: str) -> Iterator[None]:
        """As many tries as a change is worth whose items others change too, with pauses between.

        Raises:
            StoreUnavailable: they were used up.
        """
        yield
        for pause in self._contention.pauses():
            self.connection.setbacks.count("ChangedMeanwhile")
            time.sleep(pause)
            yield
        raise self.throttled(doing)

    def throttled(self, doing: str) -> StoreUnavailable:
        """The error of a change that others never let through."""
        return StoreUnavailable(
            f"DynamoDB did not {doing} in the table {self.name}, though we asked for a while: "
            "too many processes change the same records, or its capacity is used up. Try again in "
            "a moment; if it stays so, look at the table's throttling in CloudWatch."
        )


def _batches(things: Iterable[T], most: int) -> Iterator[list[T]]:
    left = iter(things)
    while some := list(islice(left, most)):
        yield some

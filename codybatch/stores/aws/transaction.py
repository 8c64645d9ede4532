"""Writes that are made together or not at all; several to one item become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from codybatch.domain.errors import StoreError
from codybatch.stores.aws import amounts
from codybatch.stores.aws.expressions import Condition, Placeholders, changes, every
from codybatch.stores.aws.items import Attributes, Item, Key, Value, written_item, written_key

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_WRITES = 100
"""Items of one transaction, which also hold at most 4 MB together
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)."""

_Verb = Literal["Put", "Update", "Delete", "ConditionCheck"]


@dataclass
class _Write:
    verb: _Verb
    key: Key
    label: str
    put: dict[str, Value] = field(default_factory=dict)
    add: dict[str, int | Decimal] = field(default_factory=dict)
    remove: set[str] = field(default_factory=set)
    conditions: list[Condition] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Whether it would change nothing and asks nothing."""
        asks = self.put or self.remove or self.conditions or any(self.add.values())
        return self.verb == "Update" and not asks


class Transaction:
    """What is to be written; ``Table.transact`` writes it.

    A label says what a write is about, so that the caller is told whose condition did not hold.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._writes: dict[Key, _Write] = {}

    def put(
        self,
        key: Key,
        attributes: Attributes | None = None,
        condition: Condition | None = None,
        label: str = "",
    ) -> None:
        """Write a whole item."""
        write = self._new("Put", key, label)
        write.put.update(attributes or {})
        write.conditions += [condition] if condition else []

    def delete(self, key: Key, condition: Condition | None = None, label: str = "") -> None:
        """Remove an item; one that is not there is no fault."""
        write = self._new("Delete", key, label)
        write.conditions += [condition] if condition else []

    def update(
        self,
        key: Key,
        put: Attributes | None = None,
        remove: Iterable[str] = (),
        condition: Condition | None = None,
        label: str = "",
    ) -> None:
        """Change attributes of an item, which is made where it is missing."""
        write = self._updated(key, label)
        write.put.update(put or {})
        write.remove.update(remove)
        write.conditions += [condition] if condition else []

    def add(self, key: Key, name: str, number: int) -> None:
        """Let a whole number of an item rise, from 0 where it is missing."""
        write = self._updated(key, "")
        write.add[name] = write.add.get(name, 0) + number

    def add_amount(self, key: Key, name: str, amount: Decimal) -> None:
        """Let an amount of money of an item rise, exactly, from 0 where it is missing."""
        write = self._updated(key, "")
        for part, value in amounts.parts(name, amount).items():
            write.add[part] = amounts.EXACT.add(Decimal(write.add.get(part, 0)), value)

    def check(self, key: Key, condition: Condition, label: str) -> None:
        """Let all of it depend on an item that is not changed."""
        write = self._new("ConditionCheck", key, label)
        write.conditions.append(condition)

    def taken(self, label: str) -> Transaction:
        """The writes with a label, which are no longer part of this."""
        part = Transaction()
        part._writes = {key: one for key, one in self._writes.items() if one.label == label}
        self._writes = {key: one for key, one in self._writes.items() if one.label != label}
        return part

    def in_parts(self) -> list[Transaction]:
        """As many transactions as it takes."""
        parts = []
        writes = list(self._writes.items())
        for start in range(0, len(writes), MAX_WRITES):
            part = Transaction()
            part._writes = dict(writes[start : start + MAX_WRITES])
            parts.append(part)
        return parts

    def items(self) -> list[Item]:
        """The whole items that are put."""
        return [Item(one.key, one.put) for one in self._writes.values() if one.verb == "Put"]

    @property
    def is_too_long(self) -> bool:
        """Whether it has more writes than one transaction takes."""
        return len(self._active()) > MAX_WRITES

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of what is written, in its order."""
        return tuple(write.label for write in self._active())

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of what is written, in its order."""
        return tuple(write.key for write in self._active())

    def written(self, table: str) -> list[TransactWriteItemTypeDef]:
        """As DynamoDB takes it.

        Raises:
            StoreError: it is more than one transaction takes.
        """
        writes = self._active()
        if len(writes) > MAX_WRITES:
            raise StoreError(
                f"This change would write {len(writes)} items at once, and DynamoDB takes "
                f"{MAX_WRITES} in one transaction. Split it into smaller ones."
            )
        return [_written(write, table) for write in writes]

    def _active(self) -> list[_Write]:
        return [write for write in self._writes.values() if not write.is_idle]

    def _new(self, verb: _Verb, key: Key, label: str) -> _Write:
        if key in self._writes:
            raise StoreError(f"One change writes {key.pk} / {key.sk} twice.")
        self._writes[key] = _Write(verb, key, label)
        return self._writes[key]

    def _updated(self, key: Key, label: str) -> _Write:
        write = self._writes.get(key) or self._new("Update", key, label)
        write.label = write.label or label
        return write


def _written(write: _Write, table: str) -> TransactWriteItemTypeDef:
    holders = Placeholders()
    verb = write.verb
    parts: dict[str, object] = {"TableName": table}
    if verb == "Put":
        parts["Item"] = written_item(write.key, write.put)
    else:
        parts["Key"] = written_key(write.key)
    add = {name: number for name, number in write.add.items() if number}
    if verb == "Update" and (write.put or add or write.remove):
        parts["UpdateExpression"] = changes(holders, write.put, add, sorted(write.remove))
    elif verb == "Update":
        verb = "ConditionCheck"
    if write.conditions:
        parts["ConditionExpression"] = every(*write.conditions)(holders)
        parts["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if holders.names:
        parts["ExpressionAttributeNames"] = holders.names
    if holders.values:
        parts["ExpressionAttributeValues"] = holders.values
    return {verb: parts}  # type: ignore[misc]

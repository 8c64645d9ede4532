"""Items of the table: a key and attributes, between Python's types and those of DynamoDB.

Only strings, numbers, bytes and truth are used; what has more structure is JSON in a string.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from codybatch.domain.errors import StoreDamaged, UsageError
from codybatch.stores.aws.schema import PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

Value = str | int | Decimal | bytes | bool
Attributes = Mapping[str, Value]


class Key(NamedTuple):
    """The name of an item: its partition, and its place there."""

    pk: str
    sk: str


@dataclass(frozen=True)
class Item:
    """One item as it was read."""

    key: Key
    attributes: Attributes = field(default_factory=dict)

    def text(self, name: str) -> str:
        """An attribute that is a string.

        Raises:
            StoreDamaged: it is missing, or something else.
        """
        value = self.attributes.get(name)
        if not isinstance(value, str):
            raise damaged(self.key, f"{name} is no text")
        return value

    def maybe_text(self, name: str) -> str | None:
        """An attribute that is a string where it is there."""
        return self.text(name) if name in self.attributes else None

    def number(self, name: str) -> int:
        """An attribute that is a whole number; 0 where it is missing.

        Raises:
            StoreDamaged: it is something else.
        """
        value = self.amount(name)
        if value != value.to_integral_value():
            raise damaged(self.key, f"{name} is no whole number")
        return int(value)

    def amount(self, name: str) -> Decimal:
        """An attribute that is a number; 0 where it is missing.

        Raises:
            StoreDamaged: it is something else.
        """
        value = self.attributes.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise damaged(self.key, f"{name} is no number")
        return Decimal(value)

    def flag(self, name: str) -> bool:
        """Whether an attribute is there and true."""
        return self.attributes.get(name) is True


def damaged(key: Key, reason: str) -> StoreDamaged:
    """The error of an item that does not hold what was written to it."""
    return StoreDamaged(
        f"The item {key.pk} / {key.sk} of the table is damaged ({reason}). Restore the table to a "
        "moment before (point-in-time recovery), or remove the item where it can be spared."
    )


def written(value: Value) -> AttributeValueTypeDef:
    """A value as DynamoDB takes it.

    Raises:
        UsageError: a text that has no UTF-8, or a number that DynamoDB cannot hold.
    """
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": _utf8(value)}
    if isinstance(value, bytes):
        return {"B": value}
    return {"N": _digits(Decimal(value))}


def written_item(key: Key, attributes: Attributes) -> dict[str, AttributeValueTypeDef]:
    """A whole item as DynamoDB takes it."""
    return {**written_key(key), **{name: written(value) for name, value in attributes.items()}}


def written_key(key: Key) -> dict[str, AttributeValueTypeDef]:
    """A key as DynamoDB takes it."""
    return {PARTITION_KEY: written(key.pk), SORT_KEY: written(key.sk)}


def read_item(stored: Mapping[str, AttributeValueTypeDef]) -> Item:
    """An item that DynamoDB gave.

    Raises:
        StoreDamaged: it has a type that is never written.
    """
    key = Key(stored[PARTITION_KEY].get("S", ""), stored[SORT_KEY].get("S", ""))
    others = (name for name in stored if name not in {PARTITION_KEY, SORT_KEY})
    return Item(key, {name: _read(key, name, stored[name]) for name in others})


def size_of(key: Key, attributes: Attributes) -> int:
    """The bytes of an item as DynamoDB counts them, a little more for numbers.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    everything: dict[str, Value] = {PARTITION_KEY: key.pk, SORT_KEY: key.sk, **attributes}
    return sum(len(name.encode()) + _size(value) for name, value in everything.items())


def _size(value: Value) -> int:
    if isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    return 2 + len(Decimal(value).as_tuple().digits) // 2


def _read(key: Key, name: str, stored: AttributeValueTypeDef) -> Value:
    if "S" in stored:
        return stored["S"]
    if "B" in stored:
        return bytes(stored["B"])
    if "BOOL" in stored:
        return stored["BOOL"]
    try:
        return Decimal(stored["N"])
    except (KeyError, InvalidOperation) as error:
        raise damaged(key, f"{name} has a type that is never written") from error


def _utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"This value cannot be stored or looked for: {error}.") from error
    return text


MAX_DIGITS = 38
"""Of a number in DynamoDB (see MAX_ITEM_BYTES)."""


def _digits(number: Decimal) -> str:
    if not number.is_finite() or len(number.as_tuple().digits) > MAX_DIGITS:
        raise UsageError(
            f"{number} cannot be stored: numbers have at most {MAX_DIGITS} significant digits."
        )
    return format(number, "f")

"""Conditions and changes of items, written as DynamoDB's expressions.

Names and values never stand in an expression themselves: a placeholder stands for each, so no
value can become syntax and no name can be a reserved word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from codybatch.stores.aws.items import Attributes, Value, written
from codybatch.stores.aws.schema import PARTITION_KEY

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef


class Placeholders:
    """The placeholders of one call, with what they stand for."""

    def __init__(self) -> None:
        """Begin with none."""
        self.names: dict[str, str] = {}
        self.values: dict[str, AttributeValueTypeDef] = {}

    def name(self, name: str) -> str:
        """The placeholder of an attribute's name."""
        placeholder = f"#{name}"
        self.names[placeholder] = name
        return placeholder

    def value(self, value: Value) -> str:
        """A placeholder of a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = written(value)
        return placeholder


Condition = Callable[[Placeholders], str]
"""Writes itself with placeholders."""


def absent(name: str = PARTITION_KEY) -> Condition:
    """The item has no such attribute; without a name: there is no such item."""
    return lambda holders: f"attribute_not_exists({holders.name(name)})"


def present(name: str = PARTITION_KEY) -> Condition:
    """The item has such an attribute; without a name: there is such an item."""
    return lambda holders: f"attribute_exists({holders.name(name)})"


def equals(name: str, value: Value) -> Condition:
    """The attribute is there and has this value."""
    return lambda holders: f"{holders.name(name)} = {holders.value(value)}"


def differs(name: str, value: Value) -> Condition:
    """The attribute has another value, or is not there."""
    return lambda holders: f"{holders.name(name)} <> {holders.value(value)}"


def amounts_to(name: str, amount: int | Decimal) -> Condition:
    """The number is this; one that is missing is 0."""
    return equals(name, amount) if amount else either(absent(name), equals(name, 0))


def one_of(name: str, values: Iterable[Value]) -> Condition:
    """The attribute has one of these values."""
    chosen = tuple(values)

    def write(holders: Placeholders) -> str:
        listed = ", ".join(holders.value(value) for value in chosen)
        return f"{holders.name(name)} IN ({listed})"

    return write


def every(*conditions: Condition) -> Condition:
    """All of them hold."""
    return lambda holders: " AND ".join(f"({one(holders)})" for one in conditions)


def either(*conditions: Condition) -> Condition:
    """At least one of them holds."""
    return lambda holders: " OR ".join(f"({one(holders)})" for one in conditions)


def changes(
    holders: Placeholders,
    put: Attributes,
    add: Attributes,
    remove: Iterable[str],
) -> str:
    """An update expression.

    Args:
        holders: of the call.
        put: attributes that get a value.
        add: numbers that rise by an amount, from 0 where they are missing.
        remove: attributes that go.
    """
    clauses = {
        "SET": [f"{holders.name(name)} = {holders.value(put[name])}" for name in put],
        "ADD": [f"{holders.name(name)} {holders.value(add[name])}" for name in add],
        "REMOVE": [holders.name(name) for name in remove],
    }
    return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)

"""The base of what programs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codybatch.domain.records import JsonObject, Record


class Shape(Record):
    """A record as programs read it."""

    def as_json(self) -> JsonObject:
        """With the names of the wire, in plain JSON types."""
        return self.model_dump(mode="json", by_alias=True)


def as_json(record: Record) -> JsonObject:
    """A record of the domain that programs read as it is."""
    return record.model_dump(mode="json", by_alias=True)


def fields_of(shape: type[Record], record: Record) -> Mapping[str, Any]:
    """The values of the fields that a record and a shape share, by their names."""
    shared = type(record).model_fields.keys() & shape.model_fields.keys()
    return {name: getattr(record, name) for name in shared}

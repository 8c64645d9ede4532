"""The base of every record: frozen, strict about names, camelCase on the wire.

In Python a field is ``were_changes_necessary``; in JSON, in the HTTP API and in the model's
``finish`` tool it is ``wereChangesNecessary``. This one alias generator does the translation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

JsonObject = dict[str, Any]
"""A JSON object kept as it came: messages of the model, tool inputs, JSON Schemas.

These are data of somebody else's making that must survive byte for byte, so they are the one
untyped thing that may travel between modules.
"""


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A point in time: aware, normalised to UTC."""


class Record(BaseModel):
    """A frozen value with camelCase names on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    def with_(self, **changes: Any) -> Self:
        """A copy with ``changes``, validated like a new one.

        Raises:
            pydantic.ValidationError: a value does not fit its field.
        """
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**kept, **(self.model_extra or {}), **changes})

    def to_json(self) -> str:
        """The record as JSON with the names of the wire."""
        return self.model_dump_json(by_alias=True)

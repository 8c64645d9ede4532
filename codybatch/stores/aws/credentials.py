"""Trouble with credentials in DynamoDB: `K#name` has one item, never a credential's value."""

from __future__ import annotations

from datetime import datetime

from codybatch.ports.lists import CredentialTrouble
from codybatch.stores.aws import keys
from codybatch.stores.aws.items import Item, Key, damaged
from codybatch.stores.aws.table import Table


class CredentialRecords:
    """The part of ``Records`` about credentials."""

    _table: Table

    def note_credential_trouble(self, trouble: CredentialTrouble) -> None:
        """See ``Records.note_credential_trouble``."""
        self._table.put(
            _key(trouble.credential),
            {
                "credential": trouble.credential,
                "reason": trouble.reason,
                "since": trouble.since.isoformat(),
                "until": trouble.until.isoformat(),
            },
        )

    def credential_trouble(self, credential: str) -> CredentialTrouble | None:
        """See ``Records.credential_trouble``."""
        item = self._table.get(_key(credential))
        return _read(item) if item else None

    def forget_credential_trouble(self, credential: str) -> None:
        """See ``Records.forget_credential_trouble``."""
        self._table.delete(_key(credential))


def _key(credential: str) -> Key:
    return Key(f"K#{keys.part(credential)}", "-")


def _read(item: Item) -> CredentialTrouble:
    try:
        return CredentialTrouble(
            credential=item.text("credential"),
            reason=item.text("reason"),
            since=datetime.fromisoformat(item.text("since")),
            until=datetime.fromisoformat(item.text("until")),
        )
    except ValueError as error:
        raise damaged(item.key, "a moment cannot be read") from error

"""The embedded store: one SQLite database and one folder of objects under a home folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from codybatch.stores.embedded.blobs import FileBlobs
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.records import EmbeddedRecords


class EmbeddedStore:
    """Records and blobs under ``home``; the disk is not touched before their first use."""

    def __init__(self, home: Path) -> None:
        """Keep where the store is: ``codybatch.db`` and ``blobs`` in ``home``."""
        self.database_path = home / "codybatch.db"
        self._database = Database(self.database_path)
        self.records = EmbeddedRecords(self._database)
        self.blobs = FileBlobs(home / "blobs")

    def open(self) -> None:
        """Make or migrate the database now rather than at its first use.

        Raises:
            StoreTooNew: a newer release wrote it.
            StoreError: it cannot be opened.
        """
        self._database.open()

    @property
    def setbacks(self) -> Mapping[str, Mapping[str, int]]:
        """See ``Store.setbacks``: files are no service."""
        return {}

    def close(self) -> None:
        """Let go of connections; nothing may be called after."""
        self.records.close()

"""Tallies in SQLite."""

from __future__ import annotations

from datetime import date

from codybatch.domain.tallies import DayTally, PromptTally
from codybatch.stores.embedded import tally_table
from codybatch.stores.embedded.database import Database


class TallyRecords:
    """The part of ``Records`` about tallies."""

    _database: Database

    def day_tallies(self, since: date, until: date) -> tuple[DayTally, ...]:
        """See ``Tallies.day_tallies``."""
        with self._database.read() as connection:
            return tally_table.days(connection, since, until)

    def prompt_tallies(self, name: str) -> tuple[PromptTally, ...]:
        """See ``Tallies.prompt_tallies``."""
        with self._database.read() as connection:
            return tally_table.versions(connection, name)

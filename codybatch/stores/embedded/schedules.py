"""Schedules in SQLite."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime

from codybatch.domain.errors import StaleWrite
from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import Schedule
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.embedded import rows
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.pages import page_of
from codybatch.stores.places import AFTER_ALL, checked_limit, microseconds
from codybatch.stores.refused import no_schedule

_LIST = "schedules"
_ID = re.compile(r"[0-9a-z]{26}")


class ScheduleTable:
    """The part of ``Records`` about schedules."""

    _database: Database

    def put_schedule(self, schedule: Schedule) -> Schedule:
        """See ``ScheduleRecords.put_schedule``."""
        with self._database.write() as connection:
            stored = connection.execute(
                "SELECT version FROM schedules WHERE id = ?", (schedule.id,)
            ).fetchone()
            if schedule.version != (stored["version"] if stored else 0):
                raise StaleWrite
            changed = schedule.model_copy(update={"version": schedule.version + 1})
            if stored:
                rows.update(connection, "schedules", schedule.id, _columns(changed))
            else:
                rows.insert(connection, "schedules", {"id": schedule.id, **_columns(changed)})
            return changed

    def schedule(self, schedule: ScheduleId) -> Schedule:
        """See ``ScheduleRecords.schedule``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM schedules WHERE id = ?", (schedule,)
            ).fetchone()
            if found is None:
                raise no_schedule(schedule)
            return _read(found, connection)

    def schedules(self, page: PageRequest = FIRST_PAGE) -> Page[Schedule]:
        """See ``ScheduleRecords.schedules``."""
        limit = checked_limit(page)
        last = cursors.start_of(page, _LIST, _ID) or AFTER_ALL
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT *, id AS place FROM schedules WHERE id < ? ORDER BY id DESC LIMIT ?",
                (last, limit + 1),
            ).fetchall()
            return page_of(found, limit, _LIST, lambda row: _read(row, connection))

    def due_schedules(self, now: datetime, limit: int = 100) -> tuple[Schedule, ...]:
        """See ``ScheduleRecords.due_schedules``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM schedules INDEXED BY schedules_by_waking "
                "WHERE wakes_at IS NOT NULL AND wakes_at <= ? ORDER BY wakes_at LIMIT ?",
                (microseconds(now), limit),
            ).fetchall()
            return tuple(_read(row, connection) for row in found)

    def remove_schedule(self, schedule: ScheduleId) -> bool:
        """See ``ScheduleRecords.remove_schedule``."""
        with self._database.write() as connection:
            taken = connection.execute("DELETE FROM schedules WHERE id = ?", (schedule,))
            return taken.rowcount > 0


def _columns(schedule: Schedule) -> rows.Columns:
    wakes_at = schedule.wakes_at
    return {
        "wakes_at": microseconds(wakes_at) if wakes_at else None,
        "version": schedule.version,
        "document": schedule.model_dump_json(by_alias=True, exclude={"version"}),
    }


def _read(row: sqlite3.Row, connection: sqlite3.Connection) -> Schedule:
    kept = rows.record(Schedule, row["document"], connection)
    return kept.model_copy(update={"version": row["version"]})

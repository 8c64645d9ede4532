"""Schedules in SQLite."""

from __future__ import annotations

from datetime import datetime

from codybatch.domain.errors import StaleWrite
from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import Schedule
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores.embedded import whole
from codybatch.stores.embedded.database import Database
from codybatch.stores.places import microseconds
from codybatch.stores.refused import no_schedule

_TABLE = "schedules"


class ScheduleTable:
    """The part of ``Records`` about schedules."""

    _database: Database

    def put_schedule(self, schedule: Schedule) -> Schedule:
        """See ``ScheduleRecords.put_schedule``."""
        wakes_at = schedule.wakes_at
        waking = {"wakes_at": microseconds(wakes_at) if wakes_at else None}
        changed = whole.put(self._database, _TABLE, schedule, waking)
        if changed is None:
            raise StaleWrite
        return changed

    def schedule(self, schedule: ScheduleId) -> Schedule:
        """See ``ScheduleRecords.schedule``."""
        found = whole.find(self._database, _TABLE, Schedule, schedule)
        if found is None:
            raise no_schedule(schedule)
        return found

    def schedules(self, page: PageRequest = FIRST_PAGE) -> Page[Schedule]:
        """See ``ScheduleRecords.schedules``."""
        return whole.newest_first(self._database, _TABLE, Schedule, page)

    def due_schedules(self, now: datetime, limit: int = 100) -> tuple[Schedule, ...]:
        """See ``ScheduleRecords.due_schedules``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT * FROM schedules INDEXED BY schedules_by_waking "
                "WHERE wakes_at IS NOT NULL AND wakes_at <= ? ORDER BY wakes_at LIMIT ?",
                (microseconds(now), limit),
            ).fetchall()
            return tuple(whole.read(Schedule, row, connection) for row in found)

    def remove_schedule(self, schedule: ScheduleId) -> bool:
        """See ``ScheduleRecords.remove_schedule``."""
        return whole.remove(self._database, _TABLE, schedule)

"""The part of the records port about schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import Schedule
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest


class ScheduleRecords(Protocol):
    """Schedules, each changed whole; promises as ``Records`` does."""

    def put_schedule(self, schedule: Schedule) -> Schedule:
        """Store a schedule where ``schedule.version`` is still the stored one (0: there is none);
        gives it back with its new version.

        Raises:
            StaleWrite: it was changed or removed since.
        """
        ...

    def schedule(self, schedule: ScheduleId) -> Schedule:
        """One schedule.

        Raises:
            UnknownSchedule: there is none.
        """
        ...

    def schedules(self, page: PageRequest = FIRST_PAGE) -> Page[Schedule]:
        """All schedules, newest first (``since``, ``until`` and ``oldest_first`` are not used).

        Raises:
            InvalidCursor: the cursor is forged or of another list.
        """
        ...

    def due_schedules(self, now: datetime, limit: int = 100) -> tuple[Schedule, ...]:
        """Those whose ``wakes_at`` is not after ``now``, the one that waits longest first; what it
        costs does not depend on how many are not due.
        """
        ...

    def remove_schedule(self, schedule: ScheduleId) -> bool:
        """Remove a schedule, whatever its version; False where there is none. Requests that it
        submitted stay.
        """
        ...

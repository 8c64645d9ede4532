"""Schedules in DynamoDB: items of one list, and a list of when somebody must look at which."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from codybatch.domain.errors import StaleWrite
from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import Schedule
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores.aws import keys
from codybatch.stores.aws.expressions import absent, equals
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.kept_jobs import record
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.aws.whole import newest_first
from codybatch.stores.places import microseconds
from codybatch.stores.refused import no_schedule

_LIST = "schedules"
_ALL, _DUE = keys.list_name("SCHEDULES"), keys.list_name("SCHEDULES", "DUE")


class ScheduleRecords:
    """The part of ``Records`` about schedules."""

    _table: Table
    _texts: Texts

    def put_schedule(self, schedule: Schedule) -> Schedule:
        """See ``ScheduleRecords.put_schedule``."""
        item = self._table.get(_key(schedule.id))
        if schedule.version != (item.number("version") if item else 0):
            raise StaleWrite
        changed = schedule.model_copy(update={"version": schedule.version + 1})
        is_same = equals("version", schedule.version) if item else absent()
        document = changed.model_dump_json(by_alias=True, exclude={"version"})
        written = {**self._texts.packed("doc", document), "version": changed.version}
        transaction = Transaction()
        transaction.put(_key(changed.id), written, is_same)
        _move(transaction, self._read_schedule(item) if item else None, changed)
        if not self._table.attempt(transaction, "keep a schedule"):
            raise StaleWrite
        return changed

    def schedule(self, schedule: ScheduleId) -> Schedule:
        """See ``ScheduleRecords.schedule``."""
        item = self._table.get(_key(schedule))
        if item is None:
            raise no_schedule(schedule)
        return self._read_schedule(item)

    def schedules(self, page: PageRequest = FIRST_PAGE) -> Page[Schedule]:
        """See ``ScheduleRecords.schedules``."""
        return newest_first(self._table, _ALL, _LIST, page, self._read_schedule)

    def due_schedules(self, now: datetime, limit: int = 100) -> tuple[Schedule, ...]:
        """See ``ScheduleRecords.due_schedules``."""
        until = Range(_DUE, last=f"{_moment(now)}#~")
        waiting = [
            _key(ScheduleId(item.key.sk.partition("#")[2]))
            for item in islice(self._table.query(until, limit=limit), limit)
        ]
        found = self._table.get_many(waiting)
        schedules = (self._read_schedule(found[key]) for key in waiting if key in found)
        # It may have been moved on since the list was read.
        return tuple(one for one in schedules if one.wakes_at and one.wakes_at <= now)

    def remove_schedule(self, schedule: ScheduleId) -> bool:
        """See ``ScheduleRecords.remove_schedule``."""
        for _ in self._table.tries("remove a schedule"):
            item = self._table.get(_key(schedule))
            if item is None:
                return False
            transaction = Transaction()
            transaction.delete(_key(schedule), equals("version", item.number("version")))
            _move(transaction, self._read_schedule(item), None)
            if self._table.attempt(transaction, "remove a schedule"):
                return True
        raise AssertionError

    def _read_schedule(self, item: Item) -> Schedule:
        kept = record(Schedule, self._texts.text(item, "doc"), item)
        return kept.model_copy(update={"version": item.number("version")})


def _move(transaction: Transaction, before: Schedule | None, after: Schedule | None) -> None:
    """Let the list of due schedules follow a change."""
    was, will_be = (_due(one) if one else None for one in (before, after))
    if was == will_be:
        return
    if was:
        transaction.delete(was)
    if will_be:
        transaction.put(will_be)


def _key(schedule: ScheduleId) -> Key:
    return Key(_ALL, keys.part(schedule) or "-")


def _due(schedule: Schedule) -> Key | None:
    wakes_at = schedule.wakes_at
    return Key(_DUE, f"{_moment(wakes_at)}#{keys.part(schedule.id)}") if wakes_at else None


def _moment(moment: datetime) -> str:
    return f"{max(0, microseconds(moment)):018d}"

"""The contract of schedules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from codybatch.domain.errors import InvalidCursor, StaleWrite, UnknownSchedule
from codybatch.domain.identifiers import ScheduleId
from codybatch.domain.schedules import (
    MissedRuns,
    Overlap,
    RunOutcome,
)
from codybatch.ports import PageRequest, Records
from tests.contracts.examples import NOON, minutes
from tests.contracts.fixtures import StoreFixtures
from tests.contracts.schedule_examples import a_run, a_schedule


class ScheduleContract(StoreFixtures):
    def test_a_schedule_is_read_as_it_was_put(self, records: Records) -> None:
        schedule = a_schedule(
            name="Ünïcode",
            missed=MissedRuns.RUN_ONCE,
            overlap=Overlap.REPLACE,
            runs=(a_run(), a_run(reason="No.", outcome=RunOutcome.REFUSED, request=None)),
            try_again_at=NOON,
            trouble="Nobody answers.",
        )

        stored = records.put_schedule(schedule)

        assert stored == schedule.with_(version=1)
        assert records.schedule(schedule.id) == stored

    def test_each_change_has_the_next_version(self, records: Records) -> None:
        first = records.put_schedule(a_schedule())

        second = records.put_schedule(first.with_(name="Weekly"))

        assert second.version == 2
        assert records.schedule(first.id) == second

    def test_a_stale_writer_is_refused(self, records: Records) -> None:
        first = records.put_schedule(a_schedule())
        second = records.put_schedule(first.with_(name="Weekly"))

        for stale in (first, first.with_(version=0), first.with_(version=9)):
            with pytest.raises(StaleWrite):
                records.put_schedule(stale)
        assert records.schedule(first.id) == second

    def test_of_writers_at_once_one_goes_through(self, records: Records) -> None:
        first = records.put_schedule(a_schedule())

        def write(number: int) -> bool:
            try:
                records.put_schedule(first.with_(name=f"Name {number}"))
            except StaleWrite:
                return False
            return True

        with ThreadPoolExecutor(8) as writers:
            assert list(writers.map(write, range(8))).count(True) == 1
        assert records.schedule(first.id).version == 2

    def test_an_unknown_schedule_is_refused(self, records: Records) -> None:
        with pytest.raises(UnknownSchedule):
            records.schedule(ScheduleId("0" * 26))

    def test_a_removed_schedule_is_gone_and_stays_gone(self, records: Records) -> None:
        stored = records.put_schedule(a_schedule(due_at=NOON))

        assert records.remove_schedule(stored.id)
        assert not records.remove_schedule(stored.id)

        with pytest.raises(UnknownSchedule):
            records.schedule(stored.id)
        with pytest.raises(StaleWrite):
            records.put_schedule(stored)
        assert records.schedules().items == ()
        assert records.due_schedules(NOON) == ()

    def test_the_list_is_newest_first_and_goes_on_while_schedules_are_added(
        self, records: Records
    ) -> None:
        made = [records.put_schedule(a_schedule(NOON + minutes(n))) for n in range(5)]
        first = records.schedules(PageRequest(limit=2))
        records.put_schedule(a_schedule(NOON + minutes(9)))

        second = records.schedules(PageRequest(limit=9, cursor=first.cursor))

        assert first.items == (made[4], made[3])
        assert second.items == (made[2], made[1], made[0])
        assert second.cursor is None

    def test_a_forged_cursor_is_refused(self, records: Records) -> None:
        with pytest.raises(InvalidCursor):
            records.schedules(PageRequest(cursor="forged"))

    def test_due_are_those_whose_time_has_come_the_longest_waiting_first(
        self, records: Records
    ) -> None:
        late, later, now, soon, never = (
            records.put_schedule(a_schedule(due_at=due))
            for due in (
                NOON - minutes(9),
                NOON - minutes(1),
                NOON,
                NOON + timedelta(microseconds=1),
                None,
            )
        )

        assert records.due_schedules(NOON) == (late, later, now)
        assert records.due_schedules(NOON, limit=2) == (late, later)
        assert never not in records.due_schedules(NOON + minutes(999))
        assert soon in records.due_schedules(NOON + minutes(999))

    def test_one_that_is_to_be_tried_again_is_due_then(self, records: Records) -> None:
        stored = records.put_schedule(a_schedule(due_at=NOON, try_again_at=NOON + minutes(1)))

        assert records.due_schedules(NOON) == ()
        assert records.due_schedules(NOON + minutes(1)) == (stored,)

    def test_a_change_of_the_due_time_counts_at_once(self, records: Records) -> None:
        stored = records.put_schedule(a_schedule(due_at=NOON))
        later = records.put_schedule(stored.with_(due_at=NOON + minutes(5)))

        assert records.due_schedules(NOON) == ()
        assert records.due_schedules(NOON + minutes(5)) == (later,)

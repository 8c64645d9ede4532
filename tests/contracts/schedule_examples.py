"""Schedules and their runs, for tests that need some."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ulid import ULID

from codybatch.domain.calendar_rules import CalendarRule
from codybatch.domain.identifiers import RequestId, ScheduleId
from codybatch.domain.requests import RequestOptions
from codybatch.domain.schedules import RequestTemplate, RunOutcome, Schedule, ScheduledRun
from tests.contracts.examples import ALICE, NOON


def a_schedule(at: datetime = NOON, **changes: Any) -> Schedule:
    rule = CalendarRule.parse("30 9 * * MON-FRI", "Europe/Berlin", at)
    fields = {
        "id": ScheduleId(str(ULID.from_datetime(at)).lower()),
        "name": "Nightly",
        "template": RequestTemplate(
            prompt="update",
            variables={"level": "minor"},
            repositories=("acme/api@main",),
            options=RequestOptions(model="claude-sonnet-5-5"),
        ),
        "rule": rule,
        "created_by": ALICE,
        "created_at": at,
        "due_at": rule.next_after(at),
    }
    return Schedule(**{**fields, **changes})


def a_run(due_at: datetime = NOON, **changes: Any) -> ScheduledRun:
    fields = {
        "due_at": due_at,
        "noted_at": due_at,
        "outcome": RunOutcome.STARTED,
        "request": RequestId("0" * 26),
    }
    return ScheduledRun(**{**fields, **changes})

"""Rules in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codybatch.domain.calendar_rules import CalendarRule
from codybatch.services.calendar_words import in_words

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("30 9 * * MON-FRI", "Every weekday at 09:30, Europe/Berlin"),
        ("0 2 * * *", "Every day at 02:00, Europe/Berlin"),
        ("0 2 * * 0-7", "Every day at 02:00, Europe/Berlin"),
        ("0 8,20 * * 6,0", "Every Saturday and Sunday at 08:00 and 20:00, Europe/Berlin"),
        ("10 3 * * 7", "Every Sunday at 03:10, Europe/Berlin"),
        ("0 0 1,15 * *", "On the 1st and 15th of every month at 00:00, Europe/Berlin"),
        ("0 6 2,3,11,22 * *", "On the 2nd, 3rd, 11th and 22nd of every month at 06:00"),
        ("0 6 L * *", "On the last day of every month at 06:00, Europe/Berlin"),
        ("@hourly", "Every full hour, Europe/Berlin"),
        ("5 * * * *", "Every hour at 5 minutes past, Europe/Berlin"),
        ("*/15 * * * *", "Every 15 minutes, Europe/Berlin"),
        ("* * * * *", "Every minute, Europe/Berlin"),
        ("every 6 hours", "Every 6 hours"),
        ("every 1 day", "Every day"),
    ],
)
def test_a_rule_reads_as_people_say_it(written: str, words: str) -> None:
    assert in_words(CalendarRule.parse(written, "Europe/Berlin", NOON)).startswith(words)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("0 0 1 1 *", ("January 1", "00:00")),
        ("0 9-17 * * MON-FRI", ("9 through 17", "Monday through Friday")),
        ("0 9 * * MON#1", ("first Monday", "09:00")),
        ("0 0 LW * *", ("last weekday",)),
        ("0 0 13 * 5", ("13th", "Friday")),
        ("*/7 * * * *", ("seventh minute",)),
        ("5,10 * * * *", ("minutes 5 and 10",)),
        ("0 * * * MON", ("every hour", "Monday")),
    ],
)
def test_what_nobody_says_in_a_few_words_is_told_field_by_field(
    written: str, named: tuple[str, ...]
) -> None:
    words = in_words(CalendarRule.parse(written, "UTC", NOON))

    assert words.endswith(", UTC")
    assert [part for part in named if part not in words] == []

"""Calendar rules: real time zones, the days on which clocks jump, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.domain.calendar_rules import CalendarRule
from codybatch.domain.errors import InvalidSchedule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def shown(text: str, zone: str, after: str, number: int) -> list[str]:
    """The next due moments as a clock in the zone shows them, with its offset.

    Args:
        text: the rule.
        zone: its time zone.
        after: a time of the clock in that zone.
        number: how many.
    """
    at = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    rule = CalendarRule.parse(text, zone, at.astimezone(UTC))
    due = rule.next_ones(at, number)
    return [f"{one.astimezone(ZoneInfo(zone)):%m-%d %H:%M %z}" for one in due]


def test_a_rule_names_times_of_the_clock_on_the_wall_in_its_zone() -> None:
    assert shown("30 9 * * MON-FRI", "Europe/Berlin", "2026-03-26T10:00", 3) == [
        "03-27 09:30 +0100",
        "03-30 09:30 +0200",
        "03-31 09:30 +0200",
    ]


@pytest.mark.parametrize(
    ("zone", "rule", "after", "expected"),
    [
        ("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00", "03-29 03:00 +0200"),
        ("America/New_York", "15 2 * * *", "2026-03-07T12:00", "03-08 03:00 -0400"),
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00", "10-04 02:30 +1100"),
        ("America/Santiago", "0 0 * * *", "2026-09-05T12:00", "09-06 01:00 -0300"),
        ("Pacific/Apia", "0 9 30 12 *", "2011-12-01T12:00", "12-31 00:00 +1400"),
    ],
)
def test_a_time_that_the_clock_skips_is_due_at_the_next_moment_that_exists(
    zone: str, rule: str, after: str, expected: str
) -> None:
    assert shown(rule, zone, after, 1) == [expected]


def test_several_skipped_times_are_due_once_and_the_day_after_as_ever() -> None:
    assert shown("*/15 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 3) == [
        "03-29 03:00 +0200",
        "03-30 02:00 +0200",
        "03-30 02:15 +0200",
    ]


def test_a_skipped_time_that_falls_on_another_one_is_due_once() -> None:
    assert shown("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", 2) == [
        "03-29 03:00 +0200",
        "03-30 02:00 +0200",
    ]


@pytest.mark.parametrize(
    ("zone", "rule", "after", "expected"),
    [
        (
            "Europe/Berlin",
            "30 2 * * *",
            "2026-10-24T12:00",
            ["10-25 02:30 +0200", "10-26 02:30 +0100"],
        ),
        (
            "Europe/Berlin",
            "*/30 2 * * *",
            "2026-10-24T12:00",
            ["10-25 02:00 +0200", "10-25 02:30 +0200", "10-26 02:00 +0100"],
        ),
        (
            "America/New_York",
            "30 1 * * *",
            "2026-10-31T12:00",
            ["11-01 01:30 -0400", "11-02 01:30 -0500"],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2026-04-04T12:00",
            ["04-05 01:45 +1100", "04-06 01:45 +1030"],
        ),
    ],
)
def test_a_time_that_the_clock_shows_twice_is_due_the_first_time_only(
    zone: str, rule: str, after: str, expected: list[str]
) -> None:
    assert shown(rule, zone, after, len(expected)) == expected


def test_between_the_two_showings_of_an_hour_the_second_is_not_due() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45, the first time
    rule = CalendarRule.parse("30 2 * * *", "Europe/Berlin", between)

    assert rule.next_after(between) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_where_every_hour_is_named_real_hours_are_meant() -> None:
    for rule in ("0 * * * *", "0 0-23 * * *", "@hourly"):
        assert shown(rule, "Europe/Berlin", "2026-10-25T01:30", 3) == [
            "10-25 02:00 +0200",
            "10-25 02:00 +0100",
            "10-25 03:00 +0100",
        ]
    assert shown("0 * * * *", "Europe/Berlin", "2026-03-29T00:30", 3) == [
        "03-29 01:00 +0100",
        "03-29 03:00 +0200",
        "03-29 04:00 +0200",
    ]


def test_a_rate_counts_real_time_from_the_minute_it_was_set() -> None:
    at = datetime(2026, 10, 24, 22, 15, 42, tzinfo=UTC)
    rule = CalendarRule.parse("Every  6 Hours", "Europe/Berlin", at)

    assert rule.text == "every 6 hours"
    assert [f"{due:%d %H:%M}" for due in rule.next_ones(at, 3)] == [
        "25 04:15",
        "25 10:15",
        "25 16:15",
    ]
    assert rule.next_after(at + timedelta(days=400)) == datetime(2027, 11, 29, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("every hour", "every hour"),
        ("every 1 day", "every day"),
        ("EVERY 90 MINUTES", "every 90 minutes"),
        ("every 2weeks", "every 2 weeks"),
        ("30  9 * *  mon-fri", "30 9 * * MON-FRI"),
        ("@Daily", "0 0 * * *"),
        ("0 6 L * *", "0 6 L * *"),
    ],
)
def test_a_rule_is_kept_in_one_way_of_writing(written: str, kept: str) -> None:
    assert CalendarRule.parse(written, "UTC", NOON).text == kept


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "Write five fields"),
        ("tomorrow", "Write five fields"),
        ("0 0 * * * *", "Write five fields"),
        ("60 * * * *", "minute (0 to 59)"),
        ("0 24 * * *", "hour (0 to 23)"),
        ("0 0 32 * *", "day of the month"),
        ("0 0 31 2 *", "day of the month"),
        ("0 0 * FOO *", "month (1 to 12"),
        ("0 0 * * 8", "day of the week"),
        ("0 0 29 2 */7#1", "day of the week"),
        ("every 0 minutes", "from every minute"),
        ("every 367 days", "to every 366 days"),
        ("0 0 1 1 *," + "1," * 200, "at most 200 characters"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_would_be_one(written: str, said: str) -> None:
    with pytest.raises(InvalidSchedule) as refused:
        CalendarRule.parse(written, "UTC", NOON)

    assert said in refused.value.message


@pytest.mark.parametrize(
    "zone", ["Berlin", "europe/berlin", "Europe", "../etc/passwd", "", "UTC+1"]
)
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidSchedule, match="is no time zone"):
        CalendarRule.parse("0 0 * * *", zone, NOON)


def test_a_misspelt_time_zone_is_guessed() -> None:
    with pytest.raises(InvalidSchedule, match=r"did you mean Europe/Berlin\?"):
        CalendarRule.parse("0 0 * * *", "Europe/Berlim", NOON)


def test_the_latest_due_moment_is_found_over_years_without_walking_through_them() -> None:
    every_minute = CalendarRule.parse("* * * * *", "UTC", NOON)
    yearly = CalendarRule.parse("0 0 29 2 *", "UTC", NOON)
    long_ago = NOON - timedelta(days=3650)

    assert every_minute.latest(long_ago, NOON) == NOON
    assert yearly.latest(long_ago, NOON) == datetime(2024, 2, 29, tzinfo=UTC)
    assert yearly.latest(datetime(2024, 3, 1, tzinfo=UTC), NOON) is None
    assert yearly.latest(datetime(2024, 2, 29, tzinfo=UTC), NOON) == datetime(
        2024, 2, 29, tzinfo=UTC
    )


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
FIELDS = st.tuples(
    st.sampled_from(["0", "30", "*/20", "5,50", "10-14"]),
    st.sampled_from(["2", "*", "*/6", "1-3", "0,23"]),
    st.sampled_from(["*", "1", "L", "*/10", "29-31"]),
    st.sampled_from(["*", "3", "10-12"]),
    st.sampled_from(["*", "MON-FRI", "0", "7#1"]),
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(deadline=None, max_examples=60)
@given(FIELDS, ZONES, MOMENTS)
def test_due_moments_rise_and_do_not_depend_on_where_one_begins(
    fields: tuple[str, ...], zone: str, moment: datetime
) -> None:
    rule = CalendarRule.parse(" ".join(fields), zone, NOON)

    walked = rule.next_ones(moment, 4)

    assert walked[0] > moment
    assert list(walked) == sorted(set(walked))
    assert [rule.next_after(due) for due in walked[:-1]] == list(walked[1:])
    assert rule.latest(moment, walked[-1]) == walked[-1]
    assert all((due.second, due.microsecond) == (0, 0) for due in walked)


@settings(deadline=None, max_examples=200)
@given(st.text("0123456789*/,-#LW MONSUEvery", max_size=30))
def test_whatever_is_written_is_a_rule_or_is_refused(written: str) -> None:
    try:
        rule = CalendarRule.parse(written, "Europe/Berlin", NOON)
    except InvalidSchedule:
        return
    assert rule.next_after(NOON) is not None

"""Calendar rules: at which moments something is due, in a time zone with its daylight saving.

A rule is a cron expression with five fields or a rate such as ``every 6 hours``. A cron expression
names times of the clock on the wall: one that the clock skips in spring is due once, at the next
moment that exists; one that the clock shows twice in autumn is due the first time only. Where every
hour is named, real hours are meant: none is left out, and both of the doubled ones count. A rate
counts real time from the moment it was set, whatever the clock shows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice, takewhile
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from codybatch.domain.errors import InvalidSchedule
from codybatch.domain.records import Moment, Record

MAX_CHARACTERS = 200
"""Of a rule: the longest sensible list of minutes fits."""
LONGEST_RATE = timedelta(days=366)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
EVERY_HOUR = set(range(24))
_RATE = re.compile(r"every\s+(?:(\d{1,6})\s*)?(minute|hour|day|week)s?", re.IGNORECASE)
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""As crontab(5) has them."""
_FIELDS = {
    "minute": "minute (0 to 59)",
    "hour": "hour (0 to 23)",
    "day-of-month": "day of the month (1 to 31, or L for the last)",
    "month": "month (1 to 12, or JAN to DEC)",
    "day-of-week": "day of the week (0 to 7, or SUN to SAT)",
}
_FORMS = "Write five fields as in cron, such as 30 9 * * MON-FRI, or a rate, such as every 6 hours."


class Rate(Record):
    """So many of a unit of real time."""

    number: int
    unit: str
    """minute, hour, day or week."""

    @property
    def length(self) -> timedelta:
        """How long it is from one due moment to the next."""
        return timedelta(**{f"{self.unit}s": self.number})


class CalendarRule(Record):
    """When something is due."""

    text: str
    """Five fields with single spaces between them, or ``every 6 hours``."""
    time_zone: str = "UTC"
    """Its name in the IANA database, such as ``Europe/Berlin``."""
    counted_from: Moment
    """From when a rate is counted: the minute in which the rule was set."""

    @classmethod
    def parse(cls, written: str, time_zone: str, at: datetime) -> Self:
        """The rule that a person wrote.

        Args:
            written: a cron expression with five fields, ``@daily`` and its kin, or a rate.
            time_zone: a name of the IANA database.
            at: now.

        Raises:
            InvalidSchedule: it cannot be understood, its zone does not exist, or it is never due.
        """
        checked_zone(time_zone)
        text = " ".join(written.split())
        if len(text) > MAX_CHARACTERS:
            raise InvalidSchedule(f"A rule has at most {MAX_CHARACTERS} characters.")
        text = _NICKNAMES.get(text.lower(), text)
        counted_from = at.replace(second=0, microsecond=0)
        found = _rate_of(text)
        if found is None:
            _check_cron(text)
            text = text.upper()
        else:
            text = _rate_text(found)
        rule = cls(text=text, time_zone=time_zone, counted_from=counted_from)
        if rule.next_after(at) is None:
            raise InvalidSchedule(f"The rule {text!r} is never due: no such day exists.")
        return rule

    @property
    def zone(self) -> ZoneInfo:
        """The time zone.

        Raises:
            InvalidSchedule: this machine's database of time zones has none of this name.
        """
        return checked_zone(self.time_zone)

    @property
    def rate(self) -> Rate | None:
        """The rate; None for a cron expression."""
        return _rate_of(self.text)

    def due_after(self, moment: datetime) -> Iterator[datetime]:
        """Every moment (UTC) at which it is due after ``moment``, in their order; without end."""
        rate = self.rate
        if rate is not None:
            return _of_rate(self.counted_from, rate.length, moment)
        if set(parsed(self.text).hours) >= EVERY_HOUR:
            return _of_real_hours(self.text, self.zone, moment)
        return _of_wall_clock(self.text, self.zone, moment)

    def next_after(self, moment: datetime) -> datetime | None:
        """The next moment (UTC) after ``moment``; None where there is none within 50 years."""
        return next(self.due_after(moment), None)

    def next_ones(self, moment: datetime, number: int) -> tuple[datetime, ...]:
        """The next ``number`` moments (UTC) after ``moment``."""
        return tuple(islice(self.due_after(moment), number))

    def latest(self, since: datetime, until: datetime) -> datetime | None:
        """The last moment (UTC) from ``since`` to ``until``, both included; None for none.

        What it takes does not grow with the time between them.
        """
        window = timedelta(hours=2)
        while True:
            start = max(until - window, since - MICROSECOND)
            found = tuple(takewhile(lambda due: due <= until, self.due_after(start)))
            if found:
                return found[-1]
            if start < since:
                return None
            window *= 4


def checked_zone(name: str) -> ZoneInfo:
    """The time zone of this name.

    Raises:
        InvalidSchedule: the database of time zones has none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    near = difflib.get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.6)
    instead = f"did you mean {near[0]}?" if near else "write one like Europe/Berlin, or UTC."
    raise InvalidSchedule(f"{name!r} is no time zone: {instead}")


def parsed(text: str) -> CronSim:
    """The fields of a cron expression as sets of numbers.

    Raises:
        CronSimError: it is none.
    """
    return CronSim(text, datetime(2000, 1, 1))  # noqa: DTZ001  (only the fields are looked at)


def _rate_of(text: str) -> Rate | None:
    found = _RATE.fullmatch(text)
    return Rate(number=int(found[1] or 1), unit=found[2].lower()) if found else None


def _rate_text(rate: Rate) -> str:
    if not MINUTE <= rate.length <= LONGEST_RATE:
        raise InvalidSchedule(
            f"A rate is from every minute to every {LONGEST_RATE.days} days, "
            f"not every {rate.number} {rate.unit}s."
        )
    return f"every {rate.unit}" if rate.number == 1 else f"every {rate.number} {rate.unit}s"


def _check_cron(text: str) -> None:
    fields = len(text.split())
    if fields != len(_FIELDS):
        raise InvalidSchedule(f"{text!r} is no rule. {_FORMS}")
    try:
        parsed(text)
    except CronSimError as error:
        said = str(error).removeprefix("Bad ")
        field = _FIELDS.get(said, "field")
        raise InvalidSchedule(f"The rule {text!r} has a wrong {field}. {_FORMS}") from None


def _of_rate(begin: datetime, length: timedelta, moment: datetime) -> Iterator[datetime]:
    passed = max(0, (moment - begin) // length)
    return (begin + number * length for number in count(passed + 1))


def _of_real_hours(text: str, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    minute, _, *days = text.split()
    for due in CronSim(" ".join((minute, "*", *days)), moment.astimezone(zone)):
        yield due.astimezone(UTC)


def _of_wall_clock(text: str, zone: ZoneInfo, moment: datetime) -> Iterator[datetime]:
    last = moment
    for shown in CronSim(text, moment.astimezone(zone).replace(tzinfo=None)):
        due = _moment_of(shown, zone)
        if due > last:  # not the second time of a doubled hour, nor another of a skipped one
            yield due
            last = due


def _moment_of(shown: datetime, zone: ZoneInfo) -> datetime:
    """When the clock on the wall shows this first; where it never does, when it jumps over it."""
    due = shown.replace(tzinfo=zone).astimezone(UTC)
    if due.astimezone(zone).replace(tzinfo=None) == shown:
        return due
    # With fold=1 the offset after the jump is taken, so that it lies between the two
    # (docs.python.org, "datetime", fold; PEP 495).
    before, after = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), due
    offset = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        between = before + (after - before) // 2
        if between.astimezone(zone).utcoffset() == offset:
            after = between
        else:
            before = between
    return after.replace(microsecond=0)

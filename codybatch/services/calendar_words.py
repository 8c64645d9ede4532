"""Calendar rules in words: ``Every weekday at 09:30, Europe/Berlin``."""

from __future__ import annotations

from itertools import product

from cronsim import CronSim
from cronsim.explain import explain

from codybatch.domain.calendar_rules import EVERY_HOUR, CalendarRule, parsed

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_WEEKDAYS = frozenset(range(1, 6))
_WEEK = frozenset(range(7))
_MONTH = frozenset(range(1, 32))
_YEAR = frozenset(range(1, 13))
_MOST_TIMES = 4
"""More times of a day than that are no longer a list that people read."""


def in_words(rule: CalendarRule) -> str:
    """What the rule says, with its time zone where that matters."""
    if rule.rate is not None:
        return rule.text.capitalize()
    fields = parsed(rule.text)
    return f"{_of_every_hour(fields) or _of_a_day(fields) or explain(rule.text)}, {rule.time_zone}"


def _of_every_hour(fields: CronSim) -> str:
    if set(fields.hours) != EVERY_HOUR or _day(fields) != "Every day":
        return ""
    minutes = sorted(fields.minutes)
    if len(minutes) == 1:
        return f"Every hour at {minutes[0]} minutes past" if minutes[0] else "Every full hour"
    step = minutes[1]
    if 60 % step == 0 and minutes == list(range(0, 60, step)):
        return f"Every {step} minutes" if step > 1 else "Every minute"
    return ""


def _of_a_day(fields: CronSim) -> str:
    day = _day(fields)
    times = [f"{h:02}:{m:02}" for h, m in product(sorted(fields.hours), sorted(fields.minutes))]
    return f"{day} at {_listed(times)}" if day and len(times) <= _MOST_TIMES else ""


def _day(fields: CronSim) -> str:
    """On which days, where that is easily said; else nothing."""
    if set(fields.months) != _YEAR:
        return ""
    every_date = set(fields.days) == _MONTH
    weekdays = {day % 7 if isinstance(day, int) else -1 for day in fields.weekdays}
    if every_date and -1 not in weekdays:
        return f"Every {_weekdays(frozenset(weekdays))}"
    if weekdays != _WEEK or not fields.day_and or len(fields.days) > _MOST_TIMES:
        return ""
    if set(fields.days) == {CronSim.LAST}:
        return "On the last day of every month"
    if min(fields.days) < 0:
        return ""
    dates = [_ordinal(day) for day in sorted(fields.days)]
    return f"On the {_listed(dates)} of every month"


def _weekdays(days: frozenset[int]) -> str:
    if days == _WEEK:
        return "day"
    if days == _WEEKDAYS:
        return "weekday"
    return _listed([_DAYS[day] for day in sorted(days, key=lambda day: (day - 1) % 7)])


def _listed(words: list[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def _ordinal(number: int) -> str:
    ending = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"

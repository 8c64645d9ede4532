"""What a rule that is being written means: in words, and its next runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from codybatch.domain.errors import InvalidSchedule
from codybatch.services.calendar_words import in_words
from codybatch.services.schedule_words import moment_in_words
from codybatch.services.schedules import Schedules


@dataclass(frozen=True)
class RulePreview:
    """A rule as it would be kept."""

    words: str = ""
    next_runs: tuple[str, ...] = ()
    """In the rule's zone, and where that is another one, in that of whoever looks."""
    problem: str = ""
    """Why it cannot be kept."""


def rule_preview(
    service: Schedules, written: str, time_zone: str, now: datetime, zone: tzinfo
) -> RulePreview:
    """What the rule means.

    Args:
        service: knows the time.
        written: the rule, perhaps half of it.
        time_zone: of its times.
        now: the time.
        zone: of whoever looks.
    """
    try:
        rule = service.rule(written, time_zone)
    except InvalidSchedule as error:
        return RulePreview(problem=error.message)
    runs = service.next_runs(rule)
    return RulePreview(in_words(rule), tuple(_run(due, rule.zone, zone, now) for due in runs))


def _run(due: datetime, of_rule: ZoneInfo, zone: tzinfo, now: datetime) -> str:
    there, here = moment_in_words(due, of_rule, now), moment_in_words(due, zone, now)
    return there if there == here else f"{there} ({here} for you)"

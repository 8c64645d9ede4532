"""One schedule in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from codybatch.domain.identifiers import RequestId
from codybatch.domain.schedules import Schedule, ScheduledRun
from codybatch.services.calendar_words import in_words
from codybatch.services.schedule_words import (
    MISSED,
    OVERLAP,
    moment_in_words,
    next_in_words,
    prompt_in_words,
    publication_in_words,
)
from codybatch.services.schedules import Schedules
from codybatch.services.wording import money
from codybatch.ui.errands import Errand
from codybatch.ui.pace import BUSY_SECONDS
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.schedules.listing import last_badge, pace, run_badge
from codybatch.ui.words import Badge

PAUSED = Badge("Paused", ":material/pause_circle:", "yellow")


@dataclass(frozen=True)
class PastRun:
    """One run, and what became of it."""

    badge: Badge
    due: str
    """When it was due, or that a person asked for it."""
    reason: str
    request: RequestId | None


@dataclass(frozen=True)
class ScheduleView:
    """One schedule as a page shows it."""

    schedule: Schedule
    name: str
    badges: tuple[Badge, ...]
    meta: str
    facts: tuple[tuple[str, str], ...]
    next_runs: tuple[str, ...]
    trouble: str
    submits: tuple[tuple[str, str], ...]
    """What it submits, and by which rules, as names and values."""
    past: tuple[PastRun, ...]
    refresh_seconds: float | None
    errand: Errand | None = None
    """What is being done with it, or was done and not put away."""

    def with_errand(self, errand: Errand | None) -> ScheduleView:
        """The same with what is being done, which is looked at again until it has ended."""
        busy = errand is not None and errand.is_active
        pace = BUSY_SECONDS if busy else self.refresh_seconds
        return replace(self, errand=errand, refresh_seconds=pace)


def schedule_view(
    service: Schedules, clean: Clean, written_id: str, now: datetime, zone: tzinfo
) -> ScheduleView:
    """A schedule as it stands at this moment.

    Args:
        service: whose schedule.
        clean: takes secrets out of texts.
        written_id: its id or name, from an address.
        now: the time.
        zone: of whoever looks.

    Raises:
        UnknownSchedule: there is none.
    """
    one = service.find(written_id)
    rule = in_words(one.rule)
    cap = one.template.request_cost_cap_usd
    due = () if one.paused else service.next_runs(one.rule)
    return ScheduleView(
        schedule=one,
        name=shown_on_one_line(one.name, clean),
        badges=(PAUSED,) if one.paused else (),
        meta=f"{rule} · by {shown_on_one_line(one.created_by, clean)}",
        facts=(
            ("Next run", next_in_words(one, zone, now)),
            ("Last run", moment_in_words(one.runs[0].noted_at, zone, now) if one.runs else "never"),
            ("Repositories", str(len(one.template.repositories))),
            ("A run costs at most", money(cap) if cap else "no cap of its own"),
        ),
        next_runs=tuple(moment_in_words(moment, zone, now) for moment in due),
        trouble=shown(one.trouble, clean),
        submits=_submits(one, clean),
        past=tuple(_past(service, run, clean, now, zone) for run in one.runs),
        refresh_seconds=pace((one,), [last_badge(service, one)]),
    )


def _submits(schedule: Schedule, clean: Clean) -> tuple[tuple[str, str], ...]:
    template = schedule.template
    variables = "\n".join(f"{name} = {value}" for name, value in template.variables.items())
    pairs = (
        ("Prompt", prompt_in_words(template)),
        ("Variables", shown(variables, clean)),
        ("Repositories", "\n".join(template.repositories)),
        ("Model", template.options.model),
        ("Publishes", publication_in_words(template)),
        ("Rule", f"{schedule.rule.text} ({schedule.rule.time_zone})"),
        ("Missed", MISSED[schedule.missed]),
        ("Overlap", OVERLAP[schedule.overlap]),
    )
    return tuple((name, shown(value, clean)) for name, value in pairs if value)


def _past(
    service: Schedules, run: ScheduledRun, clean: Clean, now: datetime, zone: tzinfo
) -> PastRun:
    begun = f"Asked for by {shown_on_one_line(run.by, clean)}," if run.by else "Due"
    return PastRun(
        badge=run_badge(service, run),
        due=f"{begun} {moment_in_words(run.due_at, zone, now)}",
        reason=shown(run.reason, clean),
        request=run.request,
    )

"""The first page in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING, Budget
from codybatch.domain.states import JobState
from codybatch.domain.tallies import DayTally, total
from codybatch.services.experiment_needs import ExperimentNeed
from codybatch.services.overview import DAYS, Overview
from codybatch.services.wording import counted, money, sentence
from codybatch.ui.navigation import EXPERIMENT, JOB, REQUEST
from codybatch.ui.pace import refresh_seconds_of
from codybatch.ui.plain_text import Clean, literal, shown_on_one_line
from codybatch.ui.requests.listing import RequestRow, request_row
from codybatch.ui.rows import Row
from codybatch.ui.words import STATE_BADGES, Badge, moment_of, outcome

IDLE_SECONDS = 10.0
"""While nothing runs something may still be submitted elsewhere: this page is left open."""
_TO_JUDGE = Badge("To judge", ":material/rate_review:", "blue")
_WITHHELD = Badge("Withheld", ":material/lock:", "orange")


@dataclass(frozen=True)
class Tile:
    """One number with how it went over the last days."""

    label: str
    value: str
    note: str
    days: tuple[float, ...]
    help: str


@dataclass(frozen=True)
class Bar:
    """One day of a small chart."""

    label: str
    """``Mon 24 Nov: $4.67``."""
    part: float
    """0 to 1 of the highest."""


@dataclass(frozen=True)
class Front:
    """The first page at one moment."""

    is_new: bool
    tiles: tuple[Tile, ...]
    needs: tuple[Row, ...]
    more: str
    """What else needs a person and is not named; nothing where all is."""
    to_judge: int
    running: tuple[Row, ...]
    recent: tuple[RequestRow, ...]
    spend: tuple[Bar, ...]
    spent_in_all: str
    refresh_seconds: float | None


def front(found: Overview, clean: Clean, now: datetime, zone: tzinfo = UTC) -> Front:
    """The first page.

    Args:
        found: how things stand.
        clean: takes secrets out.
        now: what time it is.
        zone: of the person who looks.
    """
    words = _Words(clean, now, zone)
    needs = _needs(found, words)
    return Front(
        is_new=found.is_new,
        tiles=_tiles(found),
        needs=needs,
        more=_more(found),
        to_judge=found.flags.unjudged,
        running=tuple(words.row(job, STATE_BADGES[job.state]) for job in found.running),
        recent=tuple(request_row(request, clean, now, zone) for request in found.recent),
        spend=_bars(found.days),
        spent_in_all=money(sum((one.spent_usd for one in found.days), start=NOTHING)),
        refresh_seconds=refresh_seconds_of([found.counts]) or IDLE_SECONDS,
    )


@dataclass(frozen=True)
class _Words:
    """How a job reads on a row of this page."""

    clean: Clean
    now: datetime
    zone: tzinfo

    def row(self, job: Job, badge: Badge, why: str = "", page: str = JOB) -> Row:
        name = job.repository
        doing = why or job.title or sentence(job, self.now)
        return Row(
            id=job.id,
            page=page,
            label=f":gray[{literal(name.owner)}/]**{literal(name.name)}**",
            note=shown_on_one_line(doing, self.clean, longest=120),
            badge=badge,
            cells=(outcome(job), money(max(job.cost_usd, job.progress.cost_usd))),
            when=moment_of(job.ended_at or job.created_at, self.now, self.zone),
            parameters={"id": job.request if page == REQUEST else job.id},
        )

    def experiment(self, need: ExperimentNeed) -> Row:
        """An experiment that waits for its budget or a service, or for verdicts."""
        one = need.experiment
        why = f"{counted(need.unjudged, 'result')} to judge" if need.unjudged else one.trouble
        return Row(
            id=one.id,
            page=EXPERIMENT,
            label=f":gray[Experiment] **{literal(shown_on_one_line(one.name, self.clean))}**",
            note=shown_on_one_line(why, self.clean, longest=120),
            badge=_TO_JUDGE if need.unjudged else STATE_BADGES[JobState.WAITING],
            cells=(counted(one.cells, "cell"), money(one.spent_usd)),
            when=moment_of(one.created_at, self.now, self.zone),
            parameters={"id": one.id},
        )


def _needs(found: Overview, words: _Words) -> tuple[Row, ...]:
    """What waits for a person, what stops work first; a job once."""
    rows = [
        *(words.experiment(need) for need in found.experiments),
        *(words.row(job, STATE_BADGES[job.state], page=REQUEST) for job in found.waiting),
        *(words.row(job, STATE_BADGES[JobState.FAILED]) for job in found.failed),
        *(words.row(job, _WITHHELD) for job in found.withheld),
        *(words.row(job, _TO_JUDGE) for job in found.unjudged),
    ]
    return tuple({row.id: row for row in reversed(rows)}.values())[::-1]


def _more(found: Overview) -> str:
    named = len(found.unjudged) + sum(need.unjudged for need in found.experiments)
    others = (
        (found.flags.unjudged - named, "job to judge", "jobs to judge"),
        (found.flags.withheld - len(found.withheld), "withheld patch", "withheld patches"),
    )
    told = [counted(number, one, many) for number, one, many in others if number > 0]
    return f"And {' and '.join(told)} more." if told else ""


def _tiles(found: Overview) -> tuple[Tile, ...]:
    counts, lately = found.counts, total(found.days)
    waiting = f"{counts.queued} queued, {counts.waiting} waiting"
    ended = counted(lately.ended, "job")
    return (
        Tile(
            "Running now",
            f"{counts.running:,}",
            waiting,
            _series(found.days, lambda one: one.tally.ended),
            f"The bars: jobs that ended on each of the last {DAYS} days.",
        ),
        Tile(
            "Success",
            _percent(lately.success),
            f"of {ended} in {DAYS} days",
            _series(found.days, lambda one: one.tally.success),
            "Jobs that succeeded, of those that nobody cancelled.",
        ),
        Tile(
            "Acceptance",
            _percent(lately.acceptance),
            f"of {counted(lately.judged, 'verdict')} in {DAYS} days",
            _series(found.days, lambda one: one.tally.acceptance),
            "Verdicts that accept, of all verdicts.",
        ),
        Tile(
            "Spent today",
            money(found.today.spent_usd),
            _cap(found.today),
            _series(found.days, lambda one: float(one.spent_usd)),
            "By the price table, on this UTC day. What running jobs have set aside comes on top.",
        ),
    )


def _cap(today: Budget) -> str:
    return f"of {money(today.cap_usd)} a day" if today.cap_usd is not None else "no cap a day"


def _percent(part: float | None) -> str:
    return "\N{EN DASH}" if part is None else f"{part:.0%}"


def _series(
    days: Iterable[DayTally], value: Callable[[DayTally], float | None]
) -> tuple[float, ...]:
    return tuple(float(value(day) or 0) for day in days)


def _bars(days: Sequence[DayTally]) -> tuple[Bar, ...]:
    highest = max((one.spent_usd for one in days), default=NOTHING) or 1
    return tuple(
        Bar(
            f"{one.day:%a} {one.day.day} {one.day:%b}: {money(one.spent_usd)}",
            float(one.spent_usd / highest),
        )
        for one in days
    )

"""The list of experiments in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.identifiers import ExperimentId
from codybatch.ports import PageRequest, Partition, PartitionKind, Records
from codybatch.services.experiments import Experiments
from codybatch.services.wording import counted, money
from codybatch.ui.experiments.words import STATE_BADGES
from codybatch.ui.pace import BUSY_SECONDS, WAITING_SECONDS
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import Badge, Moment, moment_of

ROWS = 25
"""Rows of one page."""
Brief = Callable[[ExperimentId], str]
"""What an experiment came to, in short; nothing where that is not known."""


@dataclass(frozen=True)
class ExperimentQuery:
    """What the list is asked for; it stands in the page's address."""

    words: str = ""
    """That an experiment must hold, all of them, in its name, question or arms."""
    page: int = 1


@dataclass(frozen=True)
class ExperimentRow:
    """One experiment; its words are anybody's."""

    id: ExperimentId
    badge: Badge
    name: str
    about: str
    progress: str
    cost: str
    brief: str
    when: Moment


@dataclass(frozen=True)
class ExperimentList:
    """A page of experiments, newest first."""

    rows: tuple[ExperimentRow, ...]
    found: int
    """On all pages."""
    is_filtered: bool
    refresh_seconds: float | None


def experiment_list(
    service: Experiments,
    clean: Clean,
    now: datetime,
    asked: ExperimentQuery = ExperimentQuery(),
    zone: tzinfo = UTC,
    brief: Brief = lambda _: "",
) -> ExperimentList:
    """The list as it stands at this moment.

    Args:
        service: whose experiments.
        clean: takes secrets out of names.
        now: the time.
        asked: what the list is asked for.
        zone: of whoever looks.
        brief: tells what it came to, where that is known.
    """
    found = [one for one in service.list() if _holds(one, asked.words)]
    shown = found[(asked.page - 1) * ROWS : asked.page * ROWS]
    records = service.records
    return ExperimentList(
        rows=tuple(_row(one, records, clean, now, zone, brief(one.id)) for one in shown),
        found=len(found),
        is_filtered=bool(asked.words.strip()),
        refresh_seconds=_pace(shown),
    )


def _holds(one: Experiment, words: str) -> bool:
    told = " ".join((one.name, one.question, *(arm.name for arm in one.arms))).casefold()
    return all(word in told for word in words.casefold().split())


def _pace(shown: Iterable[Experiment]) -> float | None:
    states = {one.state for one in shown}
    if ExperimentState.RUNNING in states:
        return BUSY_SECONDS * 2
    return WAITING_SECONDS if ExperimentState.WAITING in states else None


def _row(
    one: Experiment, records: Records, clean: Clean, now: datetime, zone: tzinfo, brief: str
) -> ExperimentRow:
    arms = ", ".join(arm.name for arm in one.arms[:_NAMED])
    more = f" and {len(one.arms) - _NAMED} more" if len(one.arms) > _NAMED else ""
    cap = f" of {money(one.budget_usd)}" if one.budget_usd is not None else ""
    return ExperimentRow(
        id=one.id,
        badge=STATE_BADGES[one.state],
        name=shown_on_one_line(one.name, clean),
        about=f"{shown_on_one_line(f'{arms}{more}', clean)} over {_size(one)}",
        progress=_progress(one, records),
        cost=f"{money(one.spent_usd)}{cap}",
        brief=shown_on_one_line(brief, clean),
        when=moment_of(one.created_at, now, zone),
    )


_NAMED = 3
"""Arms that are named in a row."""


def _size(one: Experiment) -> str:
    """How many repositories, and how often each: on one line, wherever it breaks."""
    repositories = counted(len(one.repositories), "repository", "repositories")
    times = f" \N{MULTIPLICATION SIGN} {one.repetitions}" if one.repetitions > 1 else ""
    return f"{repositories}{times}".replace(" ", "\N{NO-BREAK SPACE}")


def _progress(one: Experiment, records: Records) -> str:
    """How many cells have ended; of those that rest, how many there are."""
    if not one.is_active:
        return counted(one.cells, "cell")
    return f"{ended_jobs(one.id, records):,} of {counted(one.cells, 'cell')}"


def ended_jobs(experiment: ExperimentId, records: Records) -> int:
    """How many jobs of an experiment have ended, by the counts of its requests."""
    partition, cursor, ended = Partition(PartitionKind.EXPERIMENT, experiment), None, 0
    while True:
        page = records.list_requests(partition, PageRequest(_PAGE, cursor))
        ended += sum(request.counts.ended for request in page.items)
        cursor = page.cursor
        if cursor is None:
            return ended


_PAGE = 1000

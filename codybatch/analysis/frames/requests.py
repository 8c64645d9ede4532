"""The frame of requests."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

from codybatch.analysis.frames.column import (
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    WHOLE_IF_ANY,
    YES_OR_NO,
    Column,
    Frame,
    amount,
)
from codybatch.domain.requests import Request
from codybatch.domain.states import JobState

_STATES: dict[JobState, str] = {
    JobState.QUEUED: "Jobs that wait for their turn.",
    JobState.RUNNING: "Jobs at work.",
    JobState.WAITING: "Jobs that wait for a reason to be gone.",
    JobState.SUCCEEDED: "Jobs that succeeded.",
    JobState.PARTIAL: "Jobs that a limit ended; what they did is kept.",
    JobState.FAILED: "Jobs that failed.",
    JobState.CANCELLED: "Jobs that a person cancelled.",
}


def _in_state(state: JobState) -> Callable[[Request], int]:
    return lambda request: request.counts.of(state)


def _estimated(name: str) -> Callable[[Request], float | None]:
    def value(request: Request) -> float | None:
        found: Decimal | None = getattr(request.estimate, name, None)
        return amount(found)

    return value


def _of_cell(name: str) -> Callable[[Request], Any]:
    return lambda request: getattr(request.origin.cell, name, None)


_WHAT_WAS_ASKED: tuple[Column[Request], ...] = (
    Column("request", TEXT, "Id of the request: joins with `jobs()`.", attrgetter("id")),
    Column("title", TEXT, "Its title.", attrgetter("title"), is_foreign=True),
    Column("prompt", TEXT, "Name of the prompt.", attrgetter("prompt.name")),
    Column("prompt_version", WHOLE, "Version of the prompt.", attrgetter("prompt.version")),
    Column("kind", TEXT, "`change`, `audit` or `ask`.", attrgetter("kind")),
    Column("requester", TEXT, "Who submitted it.", attrgetter("requester"), is_foreign=True),
    Column("created_at", MOMENT, "When it was submitted.", attrgetter("created_at")),
    Column("model", TEXT, "Name of the model.", attrgetter("options.model"), is_foreign=True),
    Column(
        "effort",
        TEXT,
        "How hard the model was asked to think; missing where nobody said.",
        attrgetter("options.effort"),
    ),
    Column("max_turns", WHOLE, "Replies that a job may take.", attrgetter("options.max_turns")),
    Column("max_minutes", WHOLE, "Minutes that a job may work.", attrgetter("options.max_minutes")),
    Column(
        "publish",
        TEXT,
        "What was asked for: `none`, `branch`, `draft` or `ready`.",
        attrgetter("options.publish"),
    ),
    Column(
        "is_rehearsal",
        YES_OR_NO,
        "Whether all but its first job were held.",
        attrgetter("options.rehearse"),
    ),
    Column(
        "origin",
        TEXT,
        "What made it: `person`, `retry`, `follow_up`, `schedule` or `experiment`.",
        attrgetter("origin.kind"),
    ),
    Column("continues", TEXT, "Id of the request that it continues.", attrgetter("origin.request")),
    Column("schedule", TEXT, "Id of its schedule.", attrgetter("origin.schedule")),
    Column("experiment", TEXT, "Id of its experiment.", _of_cell("experiment")),
    Column("arm", TEXT, "The key of its arm of the experiment.", _of_cell("arm"), is_foreign=True),
    Column(
        "repetition", WHOLE_IF_ANY, "Its repetition of the cell, from 1.", _of_cell("repetition")
    ),
)

_HOW_IT_STANDS: tuple[Column[Request], ...] = (
    Column("jobs", WHOLE, "Its jobs, one a repository.", attrgetter("counts.total")),
    Column(
        "skipped",
        WHOLE,
        "Repositories left out, where a pull request of the prompt was open.",
        lambda one: len(one.skipped),
    ),
    *(Column(state.value, WHOLE, meaning, _in_state(state)) for state, meaning in _STATES.items()),
    Column(
        "spent_usd", NUMBER, "US dollars spent so far.", lambda one: float(one.budget.spent_usd)
    ),
    Column(
        "reserved_usd",
        NUMBER,
        "US dollars set aside for replies under way.",
        lambda one: float(one.budget.reserved_usd),
    ),
    Column(
        "cap_usd",
        NUMBER,
        "US dollars that it may cost; missing where there is no cap.",
        lambda one: amount(one.budget.cap_usd),
    ),
    Column(
        "job_cap_usd",
        NUMBER,
        "US dollars that each job may cost; missing where there is no cap.",
        lambda one: amount(one.options.job_cost_cap_usd),
    ),
    Column(
        "estimate_low_usd",
        NUMBER,
        "US dollars that it was estimated at: low.",
        _estimated("low_usd"),
    ),
    Column(
        "estimate_usd",
        NUMBER,
        "US dollars that it was estimated at: likely.",
        _estimated("likely_usd"),
    ),
    Column(
        "estimate_high_usd",
        NUMBER,
        "US dollars that it was estimated at: high.",
        _estimated("high_usd"),
    ),
)

REQUESTS: Frame[Request] = Frame(
    name="requests",
    row="A row is a request, newest first.",
    columns=(*_WHAT_WAS_ASKED, *_HOW_IT_STANDS),
)

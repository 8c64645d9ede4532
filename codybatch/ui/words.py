"""How states, money, times and sizes read on a page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from codybatch.domain.jobs import Job, Patch
from codybatch.domain.money import CENT
from codybatch.domain.publication import WITHHELD_SENTENCES, PublicationKind
from codybatch.domain.states import ENDINGS, WAITING_TEXTS, JobState, Phase

MINUS = "\N{MINUS SIGN}"


class Badge(NamedTuple):
    """A state as an icon, a word and a colour: never a colour alone."""

    label: str
    icon: str
    color: str


STATE_BADGES: dict[JobState, Badge] = {
    JobState.QUEUED: Badge("Queued", ":material/schedule:", "gray"),
    JobState.RUNNING: Badge("Running", ":material/progress_activity:", "blue"),
    JobState.WAITING: Badge("Waiting", ":material/pause_circle:", "yellow"),
    JobState.SUCCEEDED: Badge("Succeeded", ":material/check_circle:", "green"),
    JobState.PARTIAL: Badge("Partial", ":material/rule:", "orange"),
    JobState.FAILED: Badge("Failed", ":material/error:", "red"),
    JobState.CANCELLED: Badge("Cancelled", ":material/block:", "gray"),
}

_PHASES = {
    Phase.STARTING: "Starting",
    Phase.CLONING: "Cloning",
    Phase.PROFILING: "Reading the repository",
    Phase.CONVERSING: "Claude is at work",
    Phase.CHECKING: "Checking the patch",
    Phase.PUBLISHING: "Publishing",
}


def money(amount: Decimal) -> str:
    """Dollars and cents: ``$0.84``, ``< $0.01``, ``$0``."""
    if amount == 0:
        return "$0"
    return "< $0.01" if amount < CENT else f"${amount.quantize(CENT):,}"


def duration(seconds: float) -> str:
    """A length of time: ``42 s``, ``6 m 12 s``, ``2 h 05 m``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} m"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, and after a day the date (UTC)."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    return f"{moment:%d %b %Y %H:%M} UTC"


def lines_changed(patch: Patch | None) -> str:
    """Lines added and removed, with a real minus sign; nothing where there is no patch."""
    return f"+{patch.additions} {MINUS}{patch.deletions}" if patch else ""


def doing(job: Job) -> str:
    """What a job does now, or how it ended, in one sentence."""
    if job.waiting is not None:
        return WAITING_TEXTS[job.waiting.reason].sentence
    if job.ended_because is not None:
        return ENDINGS[job.ended_because].sentence
    if job.state is not JobState.RUNNING:
        return "Waits for its turn."
    turn = f" · turn {job.progress.turn}" if job.progress.turn else ""
    tool = f" · {job.progress.last_tool}" if job.progress.last_tool else ""
    return _PHASES.get(job.phase or Phase.STARTING, "Starting") + turn + tool


def next_step(job: Job) -> str:
    """What a person can do about it."""
    if job.waiting is not None:
        return WAITING_TEXTS[job.waiting.reason].next_step
    return ENDINGS[job.ended_because].next_step if job.ended_because else ""


def necessity(job: Job) -> str:
    """Whether changes were necessary, in words."""
    if job.were_changes_necessary is None:
        return "Not said"
    return "Yes" if job.were_changes_necessary else "No change was needed"


def publication(job: Job) -> str:
    """What became of the patch, in one line."""
    made = job.publication
    if made.kind is PublicationKind.WITHHELD:
        return " ".join(WITHHELD_SENTENCES[reason] for reason in made.reasons)
    if made.kind is PublicationKind.BRANCH_PUSHED:
        return f"Branch {made.branch} is pushed."
    if made.pull_request is not None:
        kind = "Draft pull request" if made.pull_request.draft else "Pull request"
        return f"{kind} #{made.pull_request.number} is {made.pull_request.state}."
    return made.detail or "Not published: the request did not ask for it."

"""How states, times and places read on a page."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Literal, NamedTuple

from codybatch.domain.findings import Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateRule
from codybatch.domain.states import JobState
from codybatch.services.wording import MINUS, lines_changed

Color = Literal["gray", "blue", "yellow", "green", "orange", "red"]


class Badge(NamedTuple):
    """A state as an icon, a word and a colour: never a colour alone."""

    label: str
    icon: str
    color: Color


STATE_BADGES: dict[JobState, Badge] = {
    JobState.QUEUED: Badge("Queued", ":material/schedule:", "gray"),
    JobState.RUNNING: Badge("Running", ":material/progress_activity:", "blue"),
    JobState.WAITING: Badge("Waiting", ":material/pause_circle:", "yellow"),
    JobState.SUCCEEDED: Badge("Succeeded", ":material/check_circle:", "green"),
    JobState.PARTIAL: Badge("Partial", ":material/rule:", "orange"),
    JobState.FAILED: Badge("Failed", ":material/error:", "red"),
    JobState.CANCELLED: Badge("Cancelled", ":material/block:", "gray"),
}

_SEVERITY_COLORS: dict[Severity, Color] = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "orange",
    Severity.LOW: "yellow",
    Severity.INFO: "gray",
}

GATE_RULES: dict[GateRule, str] = {
    GateRule.SECRET: "Secret",
    GateRule.SYMLINK: "Symbolic link",
    GateRule.MODE: "File mode",
    GateRule.BINARY: "Binary file",
    GateRule.SUBMODULE: "Submodule",
    GateRule.SIZE: "Size",
    GateRule.SENSITIVE_PATH: "Sensitive path",
    GateRule.INVISIBLE_CHARACTER: "Invisible character",
    GateRule.IGNORED_FILE: "Ignored file",
}


def severity_badge(severity: Severity) -> Badge:
    """How bad a finding is, as an icon and a word."""
    return Badge(severity.value.capitalize(), ":material/flag:", _SEVERITY_COLORS[severity])


def duration(seconds: float) -> str:
    """A length of time: ``42 s``, ``6 m 12 s``, ``2 h 05 m``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} m"


class Moment(NamedTuple):
    """A time as a person reads it."""

    shortly: str
    """How long ago, or the day: ``12 min ago``, ``21 Nov 18:40``."""
    exactly: str
    """With its seconds and its zone, for a tooltip."""
    written: str
    """For machines: ISO 8601."""


def moment_of(moment: datetime, now: datetime, zone: tzinfo = UTC) -> Moment:
    """A time in somebody's zone."""
    there = moment.astimezone(zone)
    exactly = f"{there.day} {there:%b %Y %H:%M:%S %Z}"
    return Moment(ago(moment, now, zone), exactly, there.isoformat(timespec="seconds"))


def ago(moment: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """How long ago (or in how long); a day away the date in somebody's zone, which ``Moment``
    names.
    """
    minutes = int((now - moment).total_seconds() / 60)
    if abs(minutes) >= 24 * 60:
        return _date(moment.astimezone(zone), now.astimezone(zone))
    if minutes == 0:
        return "just now" if moment <= now else "in a moment"
    count = abs(minutes)
    length = f"{count} min" if count < 60 else f"{count // 60} h"
    return f"{length} ago" if minutes > 0 else f"in {length}"


def _date(there: datetime, now: datetime) -> str:
    year = "" if there.year == now.year else f" {there.year}"
    return f"{there.day} {there:%b}{year} {there:%H:%M}"


def tokens(count: int) -> str:
    """A number of tokens: ``812``, ``412 k``, ``1.9 M``."""
    if count < 1000:
        return str(count)
    if count < 999_500:
        return f"{count / 1000:.0f} k" if count >= 9_950 else f"{count / 1000:.1f} k"
    return f"{count / 1_000_000:.1f} M"


def signed(number: int) -> str:
    """A change with its sign, a real minus sign: ``+352``, ``0``."""
    return f"+{number:,}" if number > 0 else f"{number:,}".replace("-", MINUS)


def outcome(job: Job) -> str:
    """What came out of a job, in a word or two: lines changed, findings; nothing while it works."""
    if job.patch is not None:
        return lines_changed(job.patch)
    if job.findings:
        return f"{len(job.findings)} finding{'s' if len(job.findings) > 1 else ''}"
    if job.state is JobState.SUCCEEDED:
        return {Kind.CHANGE: "no change", Kind.AUDIT: "no finding", Kind.ASK: "answer"}[job.kind]
    return ""


def necessity(job: Job) -> str:
    """Whether changes were necessary, in words; nothing while nobody can know."""
    if job.were_changes_necessary is None:
        return ""
    if job.kind is Kind.AUDIT:
        return "Changes are called for" if job.were_changes_necessary else "No change is called for"
    return "Changes were necessary" if job.were_changes_necessary else "No change was needed"

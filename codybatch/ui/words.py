"""How states, times and places read on a page."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from codybatch.domain.findings import Severity
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import GateRule
from codybatch.domain.states import JobState
from codybatch.services.wording import lines_changed

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


def place(path: str, start: int | None = None, end: int | None = None) -> str:
    """Where in a file: ``a.py``, ``a.py:3`` or ``a.py:3-7``."""
    if start is None:
        return path
    return f"{path}:{start}" if end in {None, start} else f"{path}:{start}-{end}"


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

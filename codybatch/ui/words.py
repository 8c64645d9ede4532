"""How states, money, times and sizes read on a page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from codybatch.domain.findings import Severity
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.money import CENT
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import WITHHELD_SENTENCES, GateRule, PublicationKind
from codybatch.domain.states import ENDINGS, WAITING_TEXTS, JobState, Phase

MINUS = "\N{MINUS SIGN}"
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

_PHASES = {
    Phase.STARTING: "Starting",
    Phase.CLONING: "Cloning",
    Phase.PROFILING: "Reading the repository",
    Phase.CONVERSING: "Claude is at work",
    Phase.CHECKING: "Checking the patch",
    Phase.PUBLISHING: "Publishing",
}


def severity_badge(severity: Severity) -> Badge:
    """How bad a finding is, as an icon and a word."""
    return Badge(severity.value.capitalize(), ":material/flag:", _SEVERITY_COLORS[severity])


def place(path: str, start: int | None = None, end: int | None = None) -> str:
    """Where in a file: ``a.py``, ``a.py:3`` or ``a.py:3-7``."""
    if start is None:
        return path
    return f"{path}:{start}" if end in {None, start} else f"{path}:{start}-{end}"


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


def lines_changed(patch: Patch) -> str:
    """Lines added and removed, with a real minus sign."""
    return f"+{patch.additions} {MINUS}{patch.deletions}"


def outcome(job: Job) -> str:
    """What came out of a job, in a word or two: lines changed, findings; nothing while it works."""
    if job.patch is not None:
        return lines_changed(job.patch)
    if job.findings:
        return f"{len(job.findings)} finding{'s' if len(job.findings) > 1 else ''}"
    if job.state is JobState.SUCCEEDED:
        return {Kind.CHANGE: "no change", Kind.AUDIT: "no finding", Kind.ASK: "answer"}[job.kind]
    return ""


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
    """Whether changes were necessary, in words; nothing while nobody can know."""
    if job.were_changes_necessary is None:
        return ""
    if job.kind is Kind.AUDIT:
        return "Changes are called for" if job.were_changes_necessary else "No change is called for"
    return "Changes were necessary" if job.were_changes_necessary else "No change was needed"


def publication(job: Job) -> str:
    """What became of the patch, in a line or two; nothing where there is none to publish yet."""
    made = job.publication
    if made.kind is PublicationKind.WITHHELD:
        return _joined(*(WITHHELD_SENTENCES[reason] for reason in made.reasons), made.detail)
    if made.kind is PublicationKind.BRANCH_PUSHED:
        return _joined(f"The branch {made.branch} is pushed.", made.detail)
    if made.pull_request is not None:
        kind = "Draft pull request" if made.pull_request.draft else "Pull request"
        state = made.pull_request.state
        return _joined(f"{kind} #{made.pull_request.number} is {state}.", made.detail)
    if made.detail or job.patch is None or not job.state.is_terminal:
        return made.detail
    asked = ": the request did not ask for it" if job.state is JobState.SUCCEEDED else ""
    return f"Not published{asked}."


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)

"""How jobs read, wherever a person meets them: one wording for the command line and the pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from codybatch.domain.jobs import Job, Patch
from codybatch.domain.money import CENT
from codybatch.domain.publication import (
    WITHHELD_SENTENCES,
    PublicationKind,
    PullRequest,
    WithheldReason,
)
from codybatch.domain.states import ENDINGS, WAITING_TEXTS, EndedBecause, JobState, Phase

MINUS = "\N{MINUS SIGN}"
_HUNDREDTH_OF_A_CENT = Decimal("0.0001")

PHASES: dict[Phase, str] = {
    Phase.STARTING: "Starting",
    Phase.CLONING: "Cloning",
    Phase.PROFILING: "Reading the repository",
    Phase.CONVERSING: "Claude is at work",
    Phase.CHECKING: "Checking the patch",
    Phase.PUBLISHING: "Publishing",
}

_WITHHELD_IN_SHORT: dict[WithheldReason, str] = {
    WithheldReason.GATE: "the gate asks a person to look",
    WithheldReason.NOT_OWNED: "not ours to push; patch here",
    WithheldReason.PATCH_DOES_NOT_APPLY: "the patch does not apply",
    WithheldReason.BRANCH_NOT_OURS: "somebody else changed the branch",
    WithheldReason.BASE_CONFLICT: "conflicts with the base branch",
    WithheldReason.PULL_REQUEST_CLOSED: "a person closed the pull request",
    WithheldReason.CODE_HOST_REFUSED: "the code host refused",
    WithheldReason.NOT_FINISHED: "the job did not finish",
    WithheldReason.GIT_FAILED: "git failed",
}

_CHECKS_TOLD = {
    "success": "Its checks passed.",
    "failure": "Its checks failed.",
    "pending": "Its checks run.",
}
_WITHHELD_NEXT: dict[WithheldReason, str] = {
    WithheldReason.GATE: "Look at it: `codybatch jobs diff {job}`; then "
    "`codybatch jobs publish {job} --override`, or reject it.",
    WithheldReason.NOT_OWNED: "Take the patch: `codybatch jobs patch {job}`.",
    WithheldReason.PATCH_DOES_NOT_APPLY: "Retry the job: `codybatch jobs retry {job}`.",
    WithheldReason.BRANCH_NOT_OURS: "Take the patch: `codybatch jobs patch {job}`.",
    WithheldReason.BASE_CONFLICT: "Begin anew from there: `codybatch jobs retry {job}`.",
    WithheldReason.PULL_REQUEST_CLOSED: "Submit the prompt again for a pull request of its own.",
    WithheldReason.CODE_HOST_REFUSED: "Mend what it names, then `codybatch jobs publish {job}`.",
    WithheldReason.NOT_FINISHED: "Look at it: `codybatch jobs diff {job}`; then "
    "`codybatch jobs publish {job} --override`, or retry it.",
    WithheldReason.GIT_FAILED: "Try again: `codybatch jobs publish {job}`.",
}


def money(amount: Decimal) -> str:
    """Dollars and cents: ``$0.84``, ``< $0.01`` or ``$0``."""
    if amount == 0:
        return "$0"
    return "< $0.01" if amount < CENT else f"${amount.quantize(CENT):,}"


def exact_money(amount: Decimal) -> str:
    """Dollars to a hundredth of a cent, for where a job's cost is explained."""
    return f"${amount.quantize(_HUNDREDTH_OF_A_CENT):,}"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 job``, ``12,000 jobs``.

    Args:
        number: how many.
        one: what a single one is called.
        many: what several are called, where it is not the same with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def lines_changed(patch: Patch) -> str:
    """Lines added and removed, with a real minus sign."""
    return f"+{patch.additions} {MINUS}{patch.deletions}"


def place(path: str, start: int | None = None, end: int | None = None) -> str:
    """Where in a file: ``a.py``, ``a.py:3`` or ``a.py:3-7``."""
    if start is None:
        return path
    return f"{path}:{start}" if end in {None, start} else f"{path}:{start}-{end}"


def sentence(job: Job, now: datetime) -> str:
    """What a job does now, why and until when it waits, or how it ended.

    Args:
        job: the job.
        now: what time it is, so that a day other than today is named.
    """
    if job.waiting is not None:
        why = WAITING_TEXTS[job.waiting.reason].sentence
        until = job.waiting.until
        return _joined(why, f"It waits until {_moment(until, now)}." if until else "")
    if job.ended_because is EndedBecause.CANCELLED:
        return job.ended_detail or ENDINGS[job.ended_because].sentence
    if job.ended_because is not None:
        return ENDINGS[job.ended_because].sentence
    return at_work(job) if job.state is JobState.RUNNING else "Waits for its turn."


def detail(job: Job) -> str:
    """What exactly was wrong, where ``sentence`` does not say so already."""
    if job.waiting is not None:
        return job.waiting.detail
    return "" if job.ended_because is EndedBecause.CANCELLED else job.ended_detail


def at_work(job: Job) -> str:
    """What a running job does right now: phase, turn and last tool."""
    turn = f"turn {job.progress.turn}" if job.progress.turn else ""
    parts = (PHASES[job.phase or Phase.STARTING], turn, job.progress.last_tool)
    return " · ".join(part for part in parts if part)


def next_step(job: Job) -> str:
    """What a person can do about it."""
    if job.waiting is not None:
        return WAITING_TEXTS[job.waiting.reason].next_step
    return ENDINGS[job.ended_because].next_step if job.ended_because else ""


def publication(job: Job) -> str:
    """What became of the patch, in a line or two; nothing where there is none to publish yet."""
    made = job.publication
    if made.kind is PublicationKind.WITHHELD:
        return _joined(*(WITHHELD_SENTENCES[reason] for reason in made.reasons), made.detail)
    passed = f"{made.overridden_by} let it pass." if made.overridden_by else ""
    if made.kind is PublicationKind.BRANCH_PUSHED:
        return _joined(f"The branch {made.branch} is pushed.", made.detail, passed)
    if made.pull_request is not None:
        return _joined(*_standing(made.pull_request), made.detail, passed)
    if made.detail or job.patch is None or not job.state.is_terminal:
        return made.detail
    asked = ": the request did not ask for it" if job.state is JobState.SUCCEEDED else ""
    return f"Not published{asked}."


def _standing(pull: PullRequest) -> tuple[str, ...]:
    """How a pull request stands, a sentence each."""
    kind = "Draft pull request" if pull.draft else "Pull request"
    told = [f"{kind} #{pull.number} is {pull.state}."]
    if pull.state == "open":
        told.append(_CHECKS_TOLD.get(pull.checks or "", ""))
        told.append("It conflicts with its base." if pull.mergeable is False else "")
    return tuple(told)


def withheld_next_step(job: Job) -> str:
    """What a person can do about a patch that is withheld; nothing where it is not."""
    if job.publication.kind is not PublicationKind.WITHHELD:
        return ""
    return " ".join(_WITHHELD_NEXT[one].format(job=job.id) for one in job.publication.reasons)


def publication_in_short(job: Job) -> str:
    """What became of the patch, for a cell of a table: an address, a branch, or why it is held."""
    made = job.publication
    if made.kind is PublicationKind.WITHHELD:
        why = ", ".join(_WITHHELD_IN_SHORT[reason] for reason in made.reasons)
        return f"withheld: {why}" if why else "withheld"
    if made.kind is PublicationKind.BRANCH_PUSHED:
        return f"branch {made.branch}"
    return made.url or ""


def _moment(moment: datetime, now: datetime) -> str:
    is_today = moment.date() == now.astimezone(moment.tzinfo).date()
    return f"{moment:%H:%M} UTC" if is_today else f"{moment:%d %b %Y %H:%M} UTC"


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)

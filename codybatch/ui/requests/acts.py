"""What a person can do with a request now, and what each act means before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from codybatch.domain.findings import Verdict
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING
from codybatch.domain.requests import Request
from codybatch.domain.states import JobState, WaitingReason
from codybatch.services.jobs import needs_person as waits_for_person
from codybatch.services.wording import counted, money


class RequestAct(StrEnum):
    """An act on a whole request."""

    RELEASE = "release"
    RAISE_BUDGET = "raise_budget"
    REVIEW = "review"
    RETRY = "retry"
    FOLLOW_UP = "follow_up"
    CANCEL = "cancel"


LABELS: dict[RequestAct, tuple[str, str]] = {
    RequestAct.RELEASE: ("Release", ":material/play_arrow:"),
    RequestAct.RAISE_BUDGET: ("Raise budget", ":material/savings:"),
    RequestAct.REVIEW: ("Review", ":material/rate_review:"),
    RequestAct.RETRY: ("Retry", ":material/replay:"),
    RequestAct.FOLLOW_UP: ("Follow up", ":material/add_comment:"),
    RequestAct.CANCEL: ("Cancel", ":material/stop_circle:"),
}
"""What each act's button says, and its icon."""


@dataclass(frozen=True)
class RequestActs:
    """What can be done: at most one thing first, and the rest."""

    primary: RequestAct | None = None
    others: tuple[RequestAct, ...] = ()


def acts_of(request: Request, jobs: Sequence[Job]) -> RequestActs:
    """What can be done with a request."""
    counts = request.counts
    going = counts.total - counts.ended
    waits = {job.waiting.reason for job in jobs if job.waiting}
    possible = (
        (RequestAct.RELEASE, WaitingReason.HELD in waits),
        (RequestAct.RAISE_BUDGET, WaitingReason.REQUEST_BUDGET in waits),
        (RequestAct.REVIEW, not going and any(job.has_result for job in jobs)),
        (RequestAct.RETRY, not going and counts.succeeded < counts.total),
        (RequestAct.FOLLOW_UP, not going and bool(counts.succeeded + counts.partial)),
        (RequestAct.CANCEL, bool(going) and not all(job.cancel_requested for job in _going(jobs))),
    )
    acts = [act for act, is_possible in possible if is_possible]
    first = next((act for act in acts if act in _FIRST), None)
    return RequestActs(first, tuple(act for act in acts if act is not first))


_FIRST = (RequestAct.RELEASE, RequestAct.RAISE_BUDGET, RequestAct.REVIEW)


def _going(jobs: Sequence[Job]) -> list[Job]:
    return [job for job in jobs if not job.state.is_terminal]


def is_active(job: Job) -> bool:
    """Whether it has not ended."""
    return not job.state.is_terminal


def needs_person(job: Job, verdicts: Sequence[Verdict]) -> bool:
    """Whether it goes on, or is finished with, only once somebody did something."""
    if not job.state.is_terminal:
        return waits_for_person(job)
    asks = job.has_result or job.is_withheld or job.state is JobState.FAILED
    return asks and not verdicts


@dataclass(frozen=True)
class Warned:
    """What an act does, before it is done."""

    question: str
    lines: tuple[str, ...]
    act: str


def before_cancel(jobs: Sequence[Job]) -> Warned:
    """What cancelling a request stops, what stays, and what was spent."""
    going = _going(jobs)
    running = sum(job.state is JobState.RUNNING for job in going)
    ended = len(jobs) - len(going)
    spent = sum((max(job.cost_usd, job.progress.cost_usd) for job in jobs), start=NOTHING)
    lines = (
        f"{counted(running, 'job')} at work stops within seconds; what it did is kept and shown."
        if running == 1
        else f"{running} jobs at work stop within seconds; what they did is kept and shown."
        if running
        else "None of them has begun.",
        f"{counted(ended, 'ended job stays', 'ended jobs stay')} as they are." if ended else "",
        f"Spent so far: {money(spent)}. A reply that is under way is paid for."
        if spent
        else "Nothing was spent.",
    )
    what = counted(len(going), "job")
    question = f"Cancel {what} of “{jobs[0].request_title}”?"
    return Warned(question, tuple(filter(None, lines)), f"Cancel {what}")


def before_release(request: Request, jobs: Sequence[Job]) -> Warned:
    """What releasing a rehearsal runs, and what it may cost."""
    held = sum(_is_held(job) for job in jobs)
    first = next((job for job in jobs if job.state.is_terminal), None)
    cap = request.budget.cap_usd
    lines = (
        f"The first job, on {first.repository.full_name}, cost {money(first.cost_usd)}; each of "
        "the others may cost as much."
        if first
        else "The first job has not ended yet.",
        f"The whole request stops at {money(cap)}." if cap is not None else "",
    )
    what = counted(held, "held job")
    return Warned(f"Run {what}?", tuple(filter(None, lines)), f"Run {what}")


def before_retry(request: Request, jobs: Sequence[Job]) -> Warned:
    """What a retry of all that did not succeed does."""
    failed = [job for job in jobs if job.state.is_terminal and job.state is not JobState.SUCCEEDED]
    spent = sum((job.cost_usd for job in failed), start=NOTHING)
    cap = request.budget.cap_usd
    lines = (
        "A new request runs them again with the same prompt and options, in the same branches.",
        "What is here stays as it is.",
        f"They cost {money(spent)} the first time.",
        f"The new request stops at {money(cap)}." if cap is not None else "",
    )
    what = counted(len(failed), "job")
    return Warned(f"Retry {what}?", tuple(filter(None, lines)), f"Retry {what}")


def before_follow_up(jobs: Sequence[Job]) -> Warned:
    """What a follow-up on all jobs does."""
    begun = sum(job.state.is_terminal for job in jobs)
    cost = sum((job.cost_usd for job in jobs), start=NOTHING)
    lines = (
        "Claude begins with the changes that are here, and is told what was asked.",
        "What it does goes to the same branches and pull requests.",
        f"The jobs of this request cost {money(cost)} together.",
    )
    return Warned(f"Follow up on {counted(begun, 'job')}", lines, "Follow up")


def _is_held(job: Job) -> bool:
    return job.waiting is not None and job.waiting.reason is WaitingReason.HELD

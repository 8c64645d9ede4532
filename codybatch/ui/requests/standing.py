"""How a request stands, by the counts of its jobs: a badge, a sentence, and what partial means."""

from __future__ import annotations

from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.services.wording import counted
from codybatch.ui.words import STATE_BADGES, Badge

_VERBS: dict[JobState, tuple[str, str]] = {
    JobState.SUCCEEDED: ("succeeded", "succeeded"),
    JobState.PARTIAL: ("ended early", "ended early"),
    JobState.FAILED: ("failed", "failed"),
    JobState.CANCELLED: ("was cancelled", "were cancelled"),
    JobState.RUNNING: ("runs", "run"),
    JobState.WAITING: ("waits", "wait"),
    JobState.QUEUED: ("is queued", "are queued"),
}


def state_of(counts: JobCounts) -> JobState:
    """The state of a request as a whole: it runs while any job may go on by itself, and has ended
    in one word where all its jobs have; mixed endings are partial.
    """
    if counts.running or (counts.queued and counts.ended):
        return JobState.RUNNING
    if counts.queued:
        return JobState.QUEUED
    if counts.waiting:
        return JobState.WAITING
    return next((state for state in JobState if counts.of(state) == counts.total), JobState.PARTIAL)


def badge_of(counts: JobCounts) -> Badge:
    """The state of a request as an icon and a word."""
    return STATE_BADGES[state_of(counts)]


def standing(counts: JobCounts) -> str:
    """How far it came: ``3 of 5 jobs have ended: 2 succeeded, 1 failed. 1 runs, 1 waits``."""
    ended = _named(counts, ended=True)
    going = _named(counts, ended=False)
    if not ended:
        return f"{counted(counts.total, 'job')}: {going}."
    have = "has" if counts.total == 1 else "have"
    head = f"{counts.ended} of {counted(counts.total, 'job')} {have} ended"
    return f"{head}: {ended}." + (f" {going}." if going else "")


def explanation(counts: JobCounts) -> str:
    """What it means that a request came to different ends; nothing where it did not."""
    lost = counts.failed + counts.partial + counts.cancelled
    if counts.ended < counts.total or not lost or lost == counts.failed == counts.total:
        return ""
    kept = counts.total - lost
    told = [
        f"{counted(kept, 'result is', 'results are')} complete and can be judged and published "
        "whatever became of the others."
        if kept
        else "",
        f"{counted(counts.partial, 'job')} ended early at a limit: what was done is kept and shown."
        if counts.partial
        else "",
        f"{counted(counts.failed, 'job')} failed: its page says why."
        if counts.failed == 1
        else f"{counts.failed} jobs failed: their pages say why."
        if counts.failed
        else "",
        f"{counted(counts.cancelled, 'job')} {_VERBS[JobState.CANCELLED][counts.cancelled > 1]}."
        if counts.cancelled
        else "",
        "“Retry” runs those that did not succeed again, in the same branches.",
    ]
    return " ".join(sentence for sentence in told if sentence)


def _named(counts: JobCounts, *, ended: bool) -> str:
    return ", ".join(
        f"{counts.of(state)} {verbs[counts.of(state) > 1]}"
        for state, verbs in _VERBS.items()
        if state.is_terminal is ended and counts.of(state)
    )

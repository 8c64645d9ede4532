"""Schedules in words, for people at a terminal and in the workbench."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import ExistingPullRequest
from codybatch.domain.schedules import (
    MissedRuns,
    Overlap,
    RequestTemplate,
    RunOutcome,
    Schedule,
    ScheduledRun,
)
from codybatch.services.proposed import PROPOSING

MISSED = {
    MissedRuns.SKIP: "Runs that were missed are left out",
    MissedRuns.RUN_ONCE: "Runs that were missed are made up for by one, as soon as possible",
}
OVERLAP = {
    Overlap.SKIP: "A run is left out while the request before it has not ended",
    Overlap.ALLOW: "A run begins even where the request before it has not ended",
    Overlap.REPLACE: "A run cancels the request before it where that has not ended",
}
_OUTCOMES = {
    RunOutcome.STARTED: "Started",
    RunOutcome.SKIPPED: "Skipped",
    RunOutcome.MISSED: "Missed",
    RunOutcome.REFUSED: "Not submitted",
}
PUBLISHED = {
    PublishMode.NONE: "Nothing",
    PublishMode.BRANCH: "A branch",
    PublishMode.DRAFT: "A draft pull request",
    PublishMode.READY: "A pull request",
}
"""How far publication goes."""
_OPEN_ONES = {
    ExistingPullRequest.SKIP: "repositories whose last pull request is still open are left out",
    ExistingPullRequest.UPDATE: "a pull request that is still open is updated",
    ExistingPullRequest.ANOTHER: "another pull request is opened beside one that is still open",
}


def outcome_in_words(outcome: RunOutcome) -> str:
    """What became of a run, in a word or two."""
    return _OUTCOMES[outcome]


def run_in_words(run: ScheduledRun) -> str:
    """What became of a run, and why."""
    begun = f"{_OUTCOMES[run.outcome]}{f' by {run.by}' if run.by else ''}"
    return f"{begun}: {run.reason or f'request {run.request}'}"


def moment_in_words(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """A moment as a clock in a zone shows it: ``tomorrow 09:30``, ``Mon 23 Nov 09:30``."""
    there, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = {
        today: "today",
        today + timedelta(days=1): "tomorrow",
        today - timedelta(days=1): "yesterday",
    }
    day = days.get(there.date())
    if day is None:
        year = "" if there.year == today.year else f" {there.year}"
        day = f"{there:%a} {there.day} {there:%b}{year}"
    return f"{day} {there:%H:%M}"


def next_in_words(schedule: Schedule, zone: tzinfo, now: datetime) -> str:
    """When it runs next, or why it does not.

    Args:
        schedule: which.
        zone: of whoever reads it.
        now: the time.
    """
    if schedule.paused:
        return "paused"
    if schedule.due_at is None:
        return "never again"
    if schedule.try_again_at is not None:
        return f"tries again {moment_in_words(schedule.try_again_at, zone, now)}"
    return "now" if schedule.due_at <= now else moment_in_words(schedule.due_at, zone, now)


def prompt_in_words(template: RequestTemplate) -> str:
    """Which prompt, and which version of it."""
    name, _, version = template.prompt.partition("@")
    return f"{name}, version {version}" if version else f"{name}, the latest version"


def publication_in_words(template: RequestTemplate) -> str:
    """How far its requests publish, and what they do about pull requests that are open."""
    options = template.options
    mode, choice = PUBLISHED[options.publish], options.existing_pull_request
    return f"{mode}; {_OPEN_ONES[choice]}" if choice and options.publish in PROPOSING else mode

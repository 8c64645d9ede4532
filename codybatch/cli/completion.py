"""What the shell offers where an option takes one of a few words (``--install-completion``)."""

from __future__ import annotations

from collections.abc import Iterable


def states(incomplete: str) -> list[str]:
    """States of jobs."""
    from codybatch.domain.states import JobState

    return _beginning(JobState, incomplete)


def kinds(incomplete: str) -> list[str]:
    """Kinds of prompts."""
    from codybatch.domain.prompts import Kind

    return _beginning(Kind, incomplete)


def efforts(incomplete: str) -> list[str]:
    """How hard the model can think."""
    from codybatch.domain.requests import Effort

    return _beginning(Effort, incomplete)


def publish_modes(incomplete: str) -> list[str]:
    """How far publication can go."""
    from codybatch.domain.publication import PublishMode

    return _beginning(PublishMode, incomplete)


def ways_to_publish(incomplete: str) -> list[str]:
    """How far a person can have a patch published."""
    return [mode for mode in publish_modes(incomplete) if mode != "none"]


def choices_where_one_is_open(incomplete: str) -> list[str]:
    """What can be done where the prompt has an open pull request already."""
    from codybatch.domain.requests import ExistingPullRequest

    return _beginning(ExistingPullRequest, incomplete)


def choices_for_missed_runs(incomplete: str) -> list[str]:
    """What can be done about a schedule's missed runs."""
    from codybatch.domain.schedules import MissedRuns

    return _beginning(MissedRuns, incomplete)


def choices_where_runs_overlap(incomplete: str) -> list[str]:
    """What can be done where a schedule's last request has not ended."""
    from codybatch.domain.schedules import Overlap

    return _beginning(Overlap, incomplete)


def metrics(incomplete: str) -> list[str]:
    """What experiments can be decided by."""
    from codybatch.domain.experiments import Metric

    return _beginning(Metric, incomplete)


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return [str(word) for word in words if word.startswith(incomplete)]

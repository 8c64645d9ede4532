"""What is compared: how often each arm was accepted on each repository.

An arm is one prompt with its model and options. Its jobs on one repository are its repetitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Outcome(StrEnum):
    """What became of one job of an arm."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ERROR = "error"
    """It ended without anything to judge."""
    UNJUDGED = "unjudged"
    """It ended, and nobody said what they think of it."""
    MISSING = "missing"
    """It was planned, and there is no such job, or it has not ended."""


class Errors(StrEnum):
    """What jobs count as that ended without anything to judge."""

    NOT_ACCEPTED = "not accepted"
    """In the main analysis: who runs a prompt gets nothing from such a job."""
    EXCLUDED = "excluded"
    """To see whether errors alone make the difference."""


@dataclass(frozen=True, slots=True)
class Trials:
    """An arm's repetitions on one repository, as far as they count."""

    repository: str
    accepted: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.accepted <= self.count or not self.count:
            raise ValueError(
                f"{self.repository}: {self.accepted} of {self.count} cannot be accepted."
            )

    @property
    def rate(self) -> Fraction:
        """The part that was accepted."""
        return Fraction(self.accepted, self.count)


@dataclass(frozen=True, slots=True)
class Health:
    """What an arm's jobs came to, over all repositories."""

    planned: int
    accepted: int
    rejected: int
    errors: int
    unjudged: int
    missing: int

    @property
    def lacking(self) -> int:
        """Jobs that say nothing in the main analysis."""
        return self.unjudged + self.missing


Outcomes = Mapping[str, Sequence[Outcome]]
"""The outcome of each repetition, by repository."""


def counted(outcomes: Outcomes, errors: Errors = Errors.NOT_ACCEPTED) -> tuple[Trials, ...]:
    """The trials of an arm, sorted by repository; one where nothing counts is left out."""
    told = []
    for repository, repetitions in sorted(outcomes.items()):
        accepted = sum(one is Outcome.ACCEPTED for one in repetitions)
        count = accepted + sum(one is Outcome.REJECTED for one in repetitions)
        if errors is Errors.NOT_ACCEPTED:
            count += sum(one is Outcome.ERROR for one in repetitions)
        if count:
            told.append(Trials(repository, accepted, count))
    return tuple(told)


def health(outcomes: Outcomes) -> Health:
    """How many jobs of an arm say something, and why the others do not."""
    every = [one for repetitions in outcomes.values() for one in repetitions]
    return Health(
        planned=len(every),
        accepted=every.count(Outcome.ACCEPTED),
        rejected=every.count(Outcome.REJECTED),
        errors=every.count(Outcome.ERROR),
        unjudged=every.count(Outcome.UNJUDGED),
        missing=every.count(Outcome.MISSING),
    )


def owner(repository: str) -> str:
    """Who owns it: the cluster of repositories that are forks or copies of each other.

    Names of owners differ by more than their capitals: GitHub keeps one account for both.
    """
    return repository.partition("/")[0].casefold()

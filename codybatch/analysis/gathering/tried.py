"""One repetition of an arm on a repository, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState


@dataclass(frozen=True, slots=True)
class Votes:
    """What all raters of one job think of it together."""

    accepts: int
    rejects: int
    rating: float | None
    """The mean of those that were given."""

    @property
    def is_disputed(self) -> bool:
        """Whether as many accept as reject."""
        return bool(self.accepts) and self.accepts == self.rejects


def votes_of(verdicts: Sequence[Verdict]) -> Votes:
    """The raters' verdicts, counted."""
    accepts = sum(one.decision is Decision.ACCEPT for one in verdicts)
    ratings = [one.rating for one in verdicts if one.rating is not None]
    mean = sum(ratings) / len(ratings) if ratings else None
    return Votes(accepts, len(verdicts) - accepts, mean)


@dataclass(frozen=True)
class Tried:
    """One repetition, as it is recorded."""

    repetition: int
    """From 1."""
    job: Job | None
    """None where there is none (yet)."""
    verdicts: tuple[Verdict, ...] = ()
    """By rater."""
    unavailable: str = ""
    """Why there will be no job; empty where there may be."""

    @cached_property
    def ended(self) -> Job | None:
        """The job, where it ended by itself: one that a person cancelled says nothing."""
        job = self.job
        if job is None or not job.state.is_terminal:
            return None
        return None if job.state is JobState.CANCELLED and not self.verdicts else job

    @cached_property
    def votes(self) -> Votes:
        """What all raters think of it together."""
        return votes_of(self.verdicts)

    @cached_property
    def outcome(self) -> Outcome:
        """What became of it.

        Where several raters judged, the majority decides; where as many accept as reject, nobody
        may count on it: it is not accepted, and shown as a tie. A job that ended well and that
        nobody judged is unjudged, whether it changed something or found nothing to change.
        """
        job = self.ended
        if job is None:
            return Outcome.MISSING
        if self.verdicts:
            is_accepted = self.votes.accepts > self.votes.rejects
            return Outcome.ACCEPTED if is_accepted else Outcome.REJECTED
        is_result = job.has_result or job.state is JobState.SUCCEEDED
        return Outcome.UNJUDGED if is_result else Outcome.ERROR

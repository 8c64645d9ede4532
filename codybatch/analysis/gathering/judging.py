"""What became of one repetition, from its job and the verdicts of all its raters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.analysis.gathering.material import Contender, Material, Tried
from codybatch.analysis.statistics.comparison import Measured
from codybatch.analysis.statistics.trials import Outcome, Outcomes
from codybatch.domain.experiments import Metric
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.states import JobState

_BY_VERDICTS = frozenset({Metric.ACCEPTED, Metric.RATING})


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


def outcome_of(tried: Tried) -> Outcome:
    """What became of one repetition.

    Where several raters judged, the majority decides; where as many accept as reject, nobody may
    count on it: it is not accepted, and shown as what raters did not agree on. A job that ended
    well and that nobody judged is unjudged, whether it changed something or found nothing to
    change.
    """
    job = tried.ended
    if job is None:
        return Outcome.MISSING
    if tried.verdicts:
        votes = votes_of(tried.verdicts)
        return Outcome.ACCEPTED if votes.accepts > votes.rejects else Outcome.REJECTED
    is_result = job.has_result or job.state is JobState.SUCCEEDED
    return Outcome.UNJUDGED if is_result else Outcome.ERROR


def outcomes_of(contender: Contender, *, without_disputed: bool = False) -> Outcomes:
    """What became of each repetition of an arm, by repository.

    Args:
        contender: the arm.
        without_disputed: whether what raters did not agree on says nothing, instead of counting as
            not accepted.
    """

    def one(tried: Tried) -> Outcome:
        if without_disputed and votes_of(tried.verdicts).is_disputed:
            return Outcome.MISSING
        return outcome_of(tried)

    return {name: [one(tried) for tried in each] for name, each in contender.tried.items()}


def said_by(contender: Contender) -> dict[str, list[bool | None]]:
    """What each repetition that ended said of whether changes are necessary, by repository."""
    return {
        name: [job.were_changes_necessary for tried in each if (job := tried.ended)]
        for name, each in contender.tried.items()
    }


def ratings_of(contender: Contender) -> Measured:
    """The mean rating of each repetition that was rated, by repository."""
    return {
        name: [rating for tried in each if (rating := votes_of(tried.verdicts).rating) is not None]
        for name, each in contender.tried.items()
    }


def amounts_of(contender: Contender, metric: Metric) -> Measured:
    """What each repetition that ended cost (US dollars) or took (seconds), by repository."""
    return {
        name: [
            float(job.cost_usd) if metric is Metric.COST else job.seconds_worked
            for tried in each
            if (job := tried.ended)
        ]
        for name, each in contender.tried.items()
    }


def is_unfinished(tried: Tried, metric: Metric, *, more_to_come: bool) -> bool:
    """Whether something that ``metric`` needs is still to come of a repetition.

    Args:
        tried: the repetition.
        metric: the verdicts are only waited for where they are what is measured.
        more_to_come: whether a job that is not there yet will be.
    """
    if tried.job is None:
        return more_to_come and not tried.unavailable
    if not tried.job.state.is_terminal:
        return True
    return metric in _BY_VERDICTS and outcome_of(tried) is Outcome.UNJUDGED


def unfinished_of(material: Material, metric: Metric) -> int:
    """Repetitions of which something is still to come."""
    return sum(
        is_unfinished(tried, metric, more_to_come=material.more_to_come)
        for contender in material.contenders
        for _, tried in contender.every()
    )

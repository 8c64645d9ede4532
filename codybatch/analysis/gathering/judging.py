"""What became of one repetition, from its job and the verdicts of all its raters."""

from __future__ import annotations

from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.statistics.comparison import Measured
from codybatch.analysis.statistics.trials import Outcome, Outcomes
from codybatch.domain.experiments import Metric

_BY_VERDICTS = frozenset({Metric.ACCEPTED, Metric.RATING})


def outcomes_of(contender: Contender, *, without_disputed: bool = False) -> Outcomes:
    """What became of each repetition of an arm, by repository.

    Args:
        contender: the arm.
        without_disputed: whether jobs on which raters are tied say nothing, instead of counting
            as not accepted.
    """

    def one(tried: Tried) -> Outcome:
        if without_disputed and tried.votes.is_disputed:
            return Outcome.MISSING
        return tried.outcome

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
        name: [rating for tried in each if (rating := tried.votes.rating) is not None]
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
    return metric in _BY_VERDICTS and tried.outcome is Outcome.UNJUDGED


def unfinished_of(material: Material, metric: Metric) -> int:
    """Repetitions of which something is still to come."""
    return sum(
        is_unfinished(tried, metric, more_to_come=material.more_to_come)
        for contender in material.contenders
        for _, tried in contender.every()
    )

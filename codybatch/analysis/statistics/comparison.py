"""A against B on one metric: the effect, what may be concluded, and what to be careful about."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.answers import ALPHA, LEVEL, CannotBeSaid, Number, withheld
from codybatch.analysis.statistics.cautions import (
    about_errors,
    about_health,
    about_repetitions,
    about_repositories,
    about_unpaired,
)
from codybatch.analysis.statistics.clusters import Clusters
from codybatch.analysis.statistics.conclusion import Conclusion, conclude
from codybatch.analysis.statistics.effect import (
    Effect,
    effect_on_amounts,
    effect_on_means,
    effect_on_rates,
)
from codybatch.analysis.statistics.pairs import Pairs, Seen, by_repository, means, side_by_side
from codybatch.analysis.statistics.plan import Plan, Role
from codybatch.analysis.statistics.sentences import of_effect
from codybatch.analysis.statistics.sign_flip import SEED
from codybatch.analysis.statistics.trials import Errors, Health, Outcomes, Trials, counted, health
from codybatch.analysis.statistics.wilson import Share
from codybatch.domain.experiments import Metric

Measured = Mapping[str, Sequence[float]]
"""What was measured of each repetition, by repository: a rating, US dollars, seconds."""


@dataclass(frozen=True, slots=True)
class Question:
    """How a comparison is made: decided before, and the same for all of an experiment."""

    plan: Plan
    unfinished: int
    """Jobs whose result or verdict is still to come: while there are any, no p-value is given."""
    cluster_of: Callable[[str], Hashable] | None = None
    """The cluster of a repository, such as ``trials.owner`` where there are forks; None where each
    stands alone."""
    level: float = LEVEL
    alpha: float = ALPHA
    seed: int = SEED

    def clusters(self, repositories: Sequence[str]) -> Clusters | None:
        """Of these repositories, in their order."""
        return None if self.cluster_of is None else [self.cluster_of(one) for one in repositories]


@dataclass(frozen=True, slots=True)
class OnRepository:
    """What both came to on one repository, in the unit of the metric."""

    repository: str
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a comparison of how often both were accepted tells besides."""

    rate_a: Share | CannotBeSaid
    rate_b: Share | CannotBeSaid
    health_a: Health
    health_b: Health
    without_errors: Effect | CannotBeSaid
    """Were jobs that ended in an error left out: does the answer hang on them?"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer to one question about two arms."""

    metric: Metric
    role: Role
    a: str
    """A's name."""
    b: str
    effect: Effect | CannotBeSaid
    conclusion: Conclusion
    cautions: tuple[str, ...]
    """A sentence each: where the data says little, or may mislead."""
    by_repository: tuple[OnRepository, ...]
    """Where B did worst against A first."""
    unfinished: int
    acceptance: Acceptance | None = None
    """Where that is the metric."""

    @property
    def sentence(self) -> str:
        """All of it in plain words."""
        return of_effect(
            self.effect, self.metric, self.role, (self.a, self.b), self.conclusion, self.unfinished
        )


def compare_acceptance(
    a: tuple[str, Outcomes], b: tuple[str, Outcomes], question: Question
) -> Comparison:
    """How much more often B is accepted than A.

    Args:
        a: its name and its outcomes.
        b: the same of the other.
        question: how it is asked.
    """
    pairs = _pairs(a[1], b[1], Errors.NOT_ACCEPTED)
    compared = _compare_rates(Metric.ACCEPTED, (a[0], b[0]), pairs, question)
    excluded = _pairs(a[1], b[1], Errors.EXCLUDED)
    otherwise = _compare_rates(Metric.ACCEPTED, (a[0], b[0]), excluded, question)
    health_a, health_b = health(a[1]), health(b[1])
    errors, clusters = health_a.errors + health_b.errors, question.clusters(pairs.repositories)
    cautions = (
        *about_health((a[0], health_a), (b[0], health_b)),
        *about_errors(errors, compared.conclusion, otherwise.conclusion),
    )
    details = Acceptance(
        acceptance(pairs.a, clusters, question.level),
        acceptance(pairs.b, clusters, question.level),
        health_a,
        health_b,
        otherwise.effect,
    )
    return replace(compared, cautions=(*compared.cautions, *cautions), acceptance=details)


def compare_correctness(
    a: tuple[str, Sequence[Trials]], b: tuple[str, Sequence[Trials]], question: Question
) -> Comparison:
    """How much more often B saw rightly whether changes are necessary.

    Args:
        a: its name, and how often it was right (``necessity.correct``).
        b: the same of the other.
        question: how it is asked.
    """
    pairs = side_by_side(by_repository(a[1]), by_repository(b[1]))
    return _compare_rates(Metric.CORRECT, (a[0], b[0]), pairs, question)


def compare_ratings(
    a: tuple[str, Measured], b: tuple[str, Measured], question: Question
) -> Comparison:
    """How much higher B is rated.

    Args:
        a: its name, and all ratings (1 to 5) of all repetitions, by repository.
        b: the same of the other.
        question: how it is asked.
    """
    pairs = side_by_side(means(a[1]), means(b[1]))
    clusters = question.clusters(pairs.repositories)
    effect = effect_on_means(pairs.a, pairs.b, clusters, question.level, question.seed)
    repetitions = _lengths(pairs, a[1], b[1])
    rates = list(pairs.a), list(pairs.b)
    names = a[0], b[0]
    return _told(Metric.RATING, names, pairs, rates, repetitions, effect=effect, question=question)


def compare_amounts(
    metric: Metric, a: tuple[str, Measured], b: tuple[str, Measured], question: Question
) -> Comparison:
    """How many times as much B costs or takes.

    Args:
        metric: costs or durations.
        a: its name, and the US dollars or seconds of all repetitions, by repository.
        b: the same of the other.
        question: how it is asked.
    """
    pairs = side_by_side(means(a[1]), means(b[1]))
    amounts = [float(one) for one in pairs.a], [float(one) for one in pairs.b]
    clusters = question.clusters(pairs.repositories)
    effect = effect_on_amounts(*amounts, clusters, question.level, question.seed)
    repetitions = _lengths(pairs, a[1], b[1])
    names = a[0], b[0]
    return _told(metric, names, pairs, amounts, repetitions, effect=effect, question=question)


def _pairs(a: Outcomes, b: Outcomes, errors: Errors) -> Pairs[Trials]:
    return side_by_side(by_repository(counted(a, errors)), by_repository(counted(b, errors)))


def _compare_rates(
    metric: Metric, names: tuple[str, str], pairs: Pairs[Trials], question: Question
) -> Comparison:
    clusters = question.clusters(pairs.repositories)
    effect = effect_on_rates(pairs.a, pairs.b, clusters, question.level, question.seed)
    rates = [one.rate for one in pairs.a], [one.rate for one in pairs.b]
    repetitions = [one.count for one in (*pairs.a, *pairs.b)]
    return _told(metric, names, pairs, rates, repetitions, effect=effect, question=question)


def _told(
    metric: Metric,
    names: tuple[str, str],
    pairs: Pairs[Seen],
    values: tuple[Sequence[Number], Sequence[Number]],
    repetitions: Sequence[int],
    *,
    effect: Effect | CannotBeSaid,
    question: Question,
) -> Comparison:
    effect = _held_back(effect, question)
    return Comparison(
        metric=metric,
        role=question.plan.role(metric),
        a=names[0],
        b=names[1],
        effect=effect,
        conclusion=conclude(effect, metric, question.unfinished, question.alpha),
        cautions=(
            *about_repositories(effect, question.alpha),
            *about_repetitions(repetitions),
            *about_unpaired(pairs.only_a, pairs.only_b),
        ),
        by_repository=_by_repository(pairs, *values, metric),
        unfinished=question.unfinished,
    )


def _held_back(effect: Effect | CannotBeSaid, question: Question) -> Effect | CannotBeSaid:
    """Without its p-values while jobs are unfinished."""
    why = withheld(question.unfinished)
    if why is None or isinstance(effect, CannotBeSaid):
        return effect
    return replace(effect, p=why, checks=())


def _lengths(pairs: Pairs[Seen], a: Measured, b: Measured) -> list[int]:
    return [len(arm[name]) for arm in (a, b) for name in pairs.repositories]


def _by_repository(
    pairs: Pairs[Seen], a: Sequence[Number], b: Sequence[Number], metric: Metric
) -> tuple[OnRepository, ...]:
    rows = [
        OnRepository(name, float(x), float(y))
        for name, x, y in zip(pairs.repositories, a, b, strict=True)
    ]
    side = -1 if metric.less_is_better else 1
    return tuple(sorted(rows, key=lambda row: (side * (row.b - row.a), row.repository)))

"""Each arm against the baseline, on every metric that something is known of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from codybatch.analysis.gathering.judging import (
    amounts_of,
    outcomes_of,
    ratings_of,
    said_by,
    unfinished_of,
)
from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.statistics import necessity
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.comparison import (
    Comparison,
    Question,
    compare_acceptance,
    compare_amounts,
    compare_correctness,
    compare_ratings,
)
from codybatch.analysis.statistics.pairs import Pairs, by_repository, side_by_side
from codybatch.analysis.statistics.plan import Plan
from codybatch.analysis.statistics.power import Spread, spread
from codybatch.analysis.statistics.several import corrected
from codybatch.analysis.statistics.trials import Trials, counted, owner
from codybatch.domain.experiments import Metric

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparisons of all arms with the baseline."""

    by_arm: dict[str, tuple[Comparison, ...]]
    """The metric that decides first."""
    equal_arms: dict[str, Comparison]
    """Of each arm of an A/A run: with the one that it repeats, by the metric that decides."""


def compared(material: Material) -> Compared:
    """Compare all arms with the baseline, and each repeated arm with the one that it repeats.

    Of all arms together, repeats of the baseline left aside, p-values are corrected (Holm).
    """
    baseline = material.baseline
    others = [one for one in material.contenders[1:] if one.equal_to != baseline.name]
    twins = [one for one in material.contenders[1:] if one.equal_to == baseline.name]
    by_arm: dict[str, list[Comparison]] = {one.name: [] for one in material.contenders[1:]}
    for metric in metrics_of(material):
        question = question_of(material, metric)
        told = [compare_on(metric, material, baseline, one, question) for one in others]
        for comparison in corrected(told):
            by_arm[comparison.b].append(comparison)
        for one in twins:
            by_arm[one.name].append(compare_on(metric, material, baseline, one, question))
    question = question_of(material, material.metric)
    equal_arms = {
        one.name: by_arm[one.name][0]
        if one.equal_to == baseline.name
        else compare_on(material.metric, material, material.contender(one.equal_to), one, question)
        for one in material.contenders
        if one.equal_to is not None
    }
    return Compared({name: tuple(each) for name, each in by_arm.items()}, equal_arms)


def metrics_of(material: Material) -> Iterator[Metric]:
    """The metric that decides, then all others that something is known of."""
    yield material.metric
    for metric in Metric:
        if metric is not material.metric and _is_known(material, metric):
            yield metric


def _is_known(material: Material, metric: Metric) -> bool:
    if metric is Metric.CORRECT:
        return bool(material.truth)
    if metric is Metric.RATING:
        return any(any(ratings_of(one).values()) for one in material.contenders)
    return True


def question_of(material: Material, metric: Metric) -> Question:
    """How a comparison on ``metric`` is made."""
    return Question(
        plan=plan_of(material),
        unfinished=unfinished_of(material, metric),
        cluster_of=owner if material.clustered_by_owner else None,
    )


def plan_of(material: Material) -> Plan:
    """What decides. Where nothing was settled before, the metric that was asked for does, and a
    caution says so.
    """
    if material.metric_chosen_at is None:
        return Plan(material.metric, _BEFORE_ALL)
    primary = material.settled_metric or material.metric
    return Plan(primary, material.metric_chosen_at, first_result_at(material))


def first_result_at(material: Material) -> datetime | None:
    """When the first job ended; None while none has."""
    return min((job.ended_at for job in material.jobs() if job.ended_at), default=None)


def compare_on(
    metric: Metric, material: Material, a: Contender, b: Contender, question: Question
) -> Comparison:
    """B against A, on one metric."""
    if metric is Metric.ACCEPTED:
        return _by_acceptance(a, b, question)
    if metric is Metric.RATING:
        return compare_ratings((a.name, ratings_of(a)), (b.name, ratings_of(b)), question)
    if metric is Metric.CORRECT:
        x, y = (necessity.correct(said_by(one), material.truth) for one in (a, b))
        return compare_correctness((a.name, x), (b.name, y), question)
    amounts = (a.name, amounts_of(a, metric)), (b.name, amounts_of(b, metric))
    return compare_amounts(metric, *amounts, question)


def _by_acceptance(a: Contender, b: Contender, question: Question) -> Comparison:
    """With a caution where the answer hangs on jobs on which raters are tied."""
    told = compare_acceptance((a.name, outcomes_of(a)), (b.name, outcomes_of(b)), question)
    disputed = sum(tried.votes.is_disputed for arm in (a, b) for _, tried in arm.every())
    if not disputed:
        return told
    x, y = (outcomes_of(one, without_disputed=True) for one in (a, b))
    without = compare_acceptance((a.name, x), (b.name, y), question)
    jobs = "1 job" if disputed == 1 else f"{disputed} jobs"
    caution = f"On {jobs} raters were tied; a tie counts as not accepted."
    if without.conclusion is not told.conclusion:
        caution += f" Without these it is: {without.conclusion.value}."
    return replace(told, cautions=(*told.cautions, caution))


def trials_of(
    metric: Metric, material: Material, a: Contender, b: Contender
) -> Pairs[Trials] | CannotBeSaid:
    """How often both did well, where that is what the metric measures."""
    if metric is Metric.ACCEPTED:
        of_a, of_b = (counted(outcomes_of(one)) for one in (a, b))
    elif metric is Metric.CORRECT:
        of_a, of_b = (necessity.correct(said_by(one), material.truth) for one in (a, b))
    else:
        return CannotBeSaid(f"What it takes is worked out for shares, and {metric} is none.")
    return side_by_side(by_repository(of_a), by_repository(of_b))


def spread_of(
    metric: Metric, material: Material, a: Contender, b: Contender
) -> Spread | CannotBeSaid:
    """How much both vary."""
    pairs = trials_of(metric, material, a, b)
    return pairs if isinstance(pairs, CannotBeSaid) else spread(pairs.a, pairs.b)

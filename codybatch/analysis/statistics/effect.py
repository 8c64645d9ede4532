"""By how much B differs from A, with the interval and the test that fit the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.answers import (
    LEVEL,
    Answer,
    CannotBeSaid,
    Interval,
    Number,
    PValue,
)
from codybatch.analysis.statistics.clusters import Clusters, total
from codybatch.analysis.statistics.durkalski import durkalski
from codybatch.analysis.statistics.mcnemar import (
    PairedTable,
    exact,
    mid_p,
    newcombe,
    paired_table,
    square_and_add,
)
from codybatch.analysis.statistics.mean_difference import mean_difference, t_test
from codybatch.analysis.statistics.ratios import geometric_ratio, log_ratios, mean_ratio
from codybatch.analysis.statistics.sides import Sides, sides, sign_test, wilcoxon
from codybatch.analysis.statistics.sign_flip import SEED, sign_flip
from codybatch.analysis.statistics.trials import Trials


@dataclass(frozen=True)
class Effect(Answer):
    """What was seen, and the tests of it."""

    value: float
    """B minus A; of costs and durations B over A."""
    interval: Interval | CannotBeSaid
    method: str
    """Of the interval."""
    p: PValue | CannotBeSaid
    """Of the test that decides."""
    checks: tuple[PValue, ...]
    """Other tests of the same, which decide nothing: they show whether it hangs on the method."""
    sides: Sides
    repositories: int
    left_out: int = 0
    """Repositories where either has no number that can be compared."""


def effect_on_rates(
    a: Sequence[Trials],
    b: Sequence[Trials],
    clusters: Clusters | None = None,
    level: float = LEVEL,
    seed: int = SEED,
) -> Effect | CannotBeSaid:
    """How much more often B was accepted (-1 to 1).

    With one repetition and no clusters: Newcombe's interval and McNemar's mid-p test. Otherwise
    Student's t on the repositories' differences and the sign-flip test; where all differ by the
    same, so that t has nothing to go by, the interval is made of those of A and B.

    Args:
        a: a repository each.
        b: of the same repositories in the same order.
        clusters: of the repositories; None where each stands alone.
        level: of the interval.
        seed: of what is drawn at random.
    """
    if not a:
        return CannotBeSaid("No repository has verdicts on both.")
    differences = [y.rate - x.rate for x, y in zip(a, b, strict=True)]
    value, counted = float(total(differences) / len(a)), sides(differences, clusters)
    table = paired_table(a, b)
    if clusters is None and isinstance(table, PairedTable):
        checks = (exact(table),)
        bounds = newcombe(table, level)
        return Effect(value, bounds, "Newcombe", mid_p(table), checks, counted, len(a))
    mean = mean_difference(differences, clusters, level)
    flipped, method = sign_flip(differences, clusters, seed), "paired t"
    others = [durkalski(differences, clusters), sign_test(counted)]
    interval: Interval | CannotBeSaid
    if isinstance(mean, CannotBeSaid):
        interval, method = _from_both(a, b, clusters, level), "square-and-add"
    else:
        interval = mean.interval.within(-1.0, 1.0)
        others.insert(0, t_test(mean))
    return Effect(value, interval, method, flipped, _said(others), counted, len(a))


def effect_on_means(
    a: Sequence[Number],
    b: Sequence[Number],
    clusters: Clusters | None = None,
    level: float = LEVEL,
    seed: int = SEED,
) -> Effect | CannotBeSaid:
    """How much higher B was rated, in steps of the rating: a mean for each repository.

    Other arguments as above.
    """
    if not a:
        return CannotBeSaid("No repository has ratings of both.")
    differences = [total((y, -x)) for x, y in zip(a, b, strict=True)]
    mean, counted = mean_difference(differences, clusters, level), sides(differences, clusters)
    others = [wilcoxon(differences, clusters, seed), sign_test(counted)]
    interval: Interval | CannotBeSaid
    if isinstance(mean, CannotBeSaid):
        interval = mean
    else:
        interval = mean.interval
        others.insert(0, t_test(mean))
    flipped = sign_flip(differences, clusters, seed)
    value = float(total(differences) / len(a))
    return Effect(value, interval, "paired t", flipped, _said(others), counted, len(a))


def effect_on_amounts(
    a: Sequence[float],
    b: Sequence[float],
    clusters: Clusters | None = None,
    level: float = LEVEL,
    seed: int = SEED,
) -> Effect | CannotBeSaid:
    """B over A, of what is spent: dollars or seconds, a mean for each repository.

    Other arguments as above.
    """
    logs, theirs = log_ratios(a, b, clusters)
    if not logs:
        return CannotBeSaid("No repository has a positive number for both.")
    counted, others = sides(logs, theirs), [sign_test(sides(logs, theirs))]
    ratio = geometric_ratio(a, b, clusters, level)
    interval: Interval | CannotBeSaid
    if isinstance(ratio, CannotBeSaid):
        value, interval = mean_ratio(logs), ratio
    else:
        value, interval = ratio.value, ratio.interval
        others.insert(0, t_test(ratio.logarithms))
    if isinstance(value, CannotBeSaid):
        return value
    flipped, left_out = sign_flip(logs, theirs, seed), len(a) - len(logs)
    method, checks = "paired t of logarithms", tuple(others)
    return Effect(value, interval, method, flipped, checks, counted, len(logs), left_out)


def _from_both(
    a: Sequence[Trials], b: Sequence[Trials], clusters: Clusters | None, level: float
) -> Interval | CannotBeSaid:
    """From the intervals of each: too wide rather than too narrow."""
    rates: list[tuple[float, Interval]] = []
    for arm in (a, b):
        rate = acceptance(arm, clusters, level)
        if isinstance(rate, CannotBeSaid):
            return rate
        if isinstance(rate.interval, CannotBeSaid):
            return rate.interval
        rates.append((rate.value, rate.interval))
    return square_and_add(rates[0], rates[1])


def _said(answers: Sequence[PValue | CannotBeSaid]) -> tuple[PValue, ...]:
    return tuple(one for one in answers if isinstance(one, PValue))

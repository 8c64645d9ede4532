"""How many repositories or repetitions a difference needs before it is likely to be seen.

Miller 2024, Adding Error Bars to Evals, arXiv 2411.00640, section 5:
``N = (z + z')^2 (w2 + sA / rA + sB / rB) / delta^2``, where w2 is how much the true differences of
repositories vary and s how much repetitions on one do. The formula takes the normal distribution
for Student's t, which promises too much for few repositories; the numbers here are by the
noncentral t, and the formula's stands beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist, variance

from codybatch.analysis.statistics.answers import ALPHA, Answer, CannotBeSaid
from codybatch.analysis.statistics.distributions import (
    noncentral_t_above,
    normal_quantile,
    t_quantile,
)
from codybatch.analysis.statistics.trials import Trials

POWER = 0.80
"""How likely a difference is to be shown that is there, unless something else is asked for."""
_MOST = 1_000_000
"""Repositories or repetitions beyond which the answer is that it cannot be done."""

_NO_SPREAD = CannotBeSaid("Nothing varies in what was seen: that does not say what is needed.")


@dataclass(frozen=True)
class Spread(Answer):
    """How much the rates of A and B vary (0 to 1 each)."""

    repetitions_a: float
    """Between repetitions on one repository."""
    repetitions_b: float
    between: float
    """Between the repositories' true differences."""

    def of_mean(self, repetitions_a: float, repetitions_b: float) -> float:
        """The variance of one repository's difference."""
        repeated = self.repetitions_a / repetitions_a + self.repetitions_b / repetitions_b
        return self.between + repeated


def spread(a: Sequence[Trials], b: Sequence[Trials]) -> Spread | CannotBeSaid:
    """How much both vary, from what was seen.

    With one repetition the two kinds cannot be told apart: all stands as between repositories.

    Args:
        a: a repository each.
        b: of the same repositories in the same order.
    """
    if len(a) < 2:
        return CannotBeSaid("There are fewer than two repositories with both.")
    of_a, of_b = _within(a), _within(b)
    differences = [y.rate - x.rate for x, y in zip(a, b, strict=True)]
    noise = _noise(a, of_a) + _noise(b, of_b)
    between = max(0.0, float(variance(differences)) - noise)
    return Spread(of_a, of_b, between)


def _within(trials: Sequence[Trials]) -> float:
    """The mean of ``p (1 - p) r / (r - 1)`` over the repositories with repetitions; else 0."""
    each = [
        float(one.rate * (1 - one.rate)) * one.count / (one.count - 1)
        for one in trials
        if one.count > 1
    ]
    return sum(each) / len(each) if each else 0.0


def _noise(trials: Sequence[Trials], within: float) -> float:
    return within * sum(1 / one.count for one in trials) / len(trials)


@dataclass(frozen=True)
class RepositoriesNeeded(Answer):
    """So many repositories show the difference with the chance that was asked for."""

    repositories: int
    by_formula: float
    """Miller's number, which is a little too small."""
    difference: float
    repetitions: int


def repositories_needed(
    difference: float,
    varying: Spread,
    repetitions: int,
    power: float = POWER,
    alpha: float = ALPHA,
) -> RepositoriesNeeded | CannotBeSaid:
    """How many repositories are needed.

    Args:
        difference: of the rates (0 to 1), the smallest that matters.
        varying: how much both vary.
        repetitions: on each repository, of A and of B.
        power: how likely the difference is to be shown, if it is there.
        alpha: the largest p-value that counts as shown.
    """
    one = varying.of_mean(repetitions, repetitions)
    if not difference:
        return CannotBeSaid("No number of repositories shows a difference of nothing.")
    if not one:
        return _NO_SPREAD
    by_formula = _reach(power, alpha) ** 2 * one / difference**2
    if by_formula > _MOST:
        return CannotBeSaid(f"More than {_MOST:,} repositories are needed.")
    needed = max(2, ceil(by_formula - 1e-9))
    while power_of(difference, one / needed, needed, alpha) < power:
        needed += 1
    return RepositoriesNeeded(needed, by_formula, difference, repetitions)


def repetitions_needed(
    difference: float,
    varying: Spread,
    repositories: int,
    power: float = POWER,
    alpha: float = ALPHA,
) -> int | CannotBeSaid:
    """How many repetitions on each of so many repositories are needed; arguments as above.

    There may be no such number: repetitions do nothing about what repositories differ by.
    """
    if repositories < 2:
        return CannotBeSaid("Repetitions on one repository say nothing about others.")
    if not difference:
        return CannotBeSaid("No number of repetitions shows a difference of nothing.")
    if not varying.of_mean(1, 1):
        return _NO_SPREAD

    def is_enough(repetitions: int) -> bool:
        variance_of_mean = varying.of_mean(repetitions, repetitions) / repositories
        return power_of(difference, variance_of_mean, repositories, alpha) >= power

    if not is_enough(_MOST):
        return CannotBeSaid(
            f"No number of repetitions is enough: on {repositories} repositories what these "
            "differ by hides the difference. More repositories are needed."
        )
    low, high = 0, _MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def detectable(
    varying: Spread,
    repositories: int,
    repetitions: int,
    power: float = POWER,
    alpha: float = ALPHA,
) -> float | CannotBeSaid:
    """The smallest difference of the rates (0 to 1) that is shown with the chance asked for.

    Arguments as above.
    """
    if repositories < 2:
        return CannotBeSaid("One repository shows no difference, however large.")
    error = sqrt(varying.of_mean(repetitions, repetitions) / repositories)
    if not error:
        return _NO_SPREAD
    low, high = 0.0, error
    while power_of(high, error**2, repositories, alpha) < power:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        is_enough = power_of(middle, error**2, repositories, alpha) >= power
        low, high = (low, middle) if is_enough else (middle, high)
    return high


def detectable_by_formula(
    varying: Spread,
    repositories: int,
    repetitions: int,
    power: float = POWER,
    alpha: float = ALPHA,
) -> float:
    """The same by Miller's formula."""
    return _reach(power, alpha) * sqrt(varying.of_mean(repetitions, repetitions) / repositories)


def power_of(
    difference: float, variance_of_mean: float, repositories: int, alpha: float = ALPHA
) -> float:
    """How likely a difference is to be shown by Student's t, if it is there and that large."""
    if not variance_of_mean:
        return 1.0
    shift = abs(difference) / sqrt(variance_of_mean)
    if shift > 30:
        return 1.0
    freedom = repositories - 1
    return noncentral_t_above(t_quantile(1 - alpha, freedom), freedom, shift)


def _reach(power: float, alpha: float) -> float:
    return normal_quantile(1 - alpha) + NormalDist().inv_cdf(power)

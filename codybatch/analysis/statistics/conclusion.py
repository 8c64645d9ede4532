"""What may be concluded from an effect: one rule, whatever the metric.

A difference is shown where the p-value that decides is at most ``alpha``, the interval leaves out
"no difference", and at least as many repositories differ as an exact test needs. All three, so that
what is called shown does not hang on the method. What is not shown is not shown to be equal either.
"""

from __future__ import annotations

from enum import StrEnum

from codybatch.analysis.statistics.answers import ALPHA, CannotBeSaid
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.sign_flip import least_differing
from codybatch.domain.experiments import Metric


class Conclusion(StrEnum):
    """Which is better, on one metric."""

    B_BETTER = "B is better"
    A_BETTER = "A is better"
    NO_DIFFERENCE_SHOWN = "no difference shown"
    NOT_YET = "not yet"
    """Jobs are not finished."""
    CANNOT_BE_SAID = "cannot be said"


def conclude(
    effect: Effect | CannotBeSaid, metric: Metric, unfinished: int, alpha: float = ALPHA
) -> Conclusion:
    """What may be concluded.

    Args:
        effect: of B against A; its p-value corrected where several arms are compared.
        metric: that it was measured by.
        unfinished: jobs whose result or verdict is still to come.
        alpha: the largest p-value that counts as a difference shown.
    """
    if unfinished:
        return Conclusion.NOT_YET
    if isinstance(effect, CannotBeSaid) or isinstance(effect.p, CannotBeSaid):
        return Conclusion.CANNOT_BE_SAID
    if effect.repositories < 2:
        return Conclusion.CANNOT_BE_SAID
    same = 1.0 if metric.less_is_better else 0.0
    leaves_out = isinstance(effect.interval, CannotBeSaid) or effect.interval.excludes(same)
    differing = effect.sides.differing >= least_differing(alpha)
    if effect.p.value > alpha or not leaves_out or not differing:
        return Conclusion.NO_DIFFERENCE_SHOWN
    more = effect.value > same
    return Conclusion.B_BETTER if more is not metric.less_is_better else Conclusion.A_BETTER

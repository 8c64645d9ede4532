"""Several arms against one baseline: of many, one shines by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from codybatch.analysis.statistics.answers import ALPHA, PValue
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import conclude
from codybatch.analysis.statistics.corrections import holm
from codybatch.analysis.statistics.effect import Effect


def corrected(comparisons: Sequence[Comparison], alpha: float = ALPHA) -> tuple[Comparison, ...]:
    """The same comparisons, with Holm's p-values and what may be concluded by these.

    A comparison without a p-value stays as it is, and corrects nobody else's: it was not tested.
    The p-value before correction stands first among the checks.

    Args:
        comparisons: of all arms with the same baseline, on the same metric.
        alpha: the largest p-value that counts as a difference shown.
    """
    told = {
        at: (one.effect, one.effect.p)
        for at, one in enumerate(comparisons)
        if isinstance(one.effect, Effect) and isinstance(one.effect.p, PValue)
    }
    p_values = dict(zip(told, holm([p.value for _, p in told.values()]), strict=True))
    answers = list(comparisons)
    for at, (effect, p) in told.items():
        method = p.method if len(told) == 1 else f"{p.method}, Holm of {len(told)}"
        adjusted = replace(
            effect, p=PValue(p_values[at], method, p.statistic), checks=(p, *effect.checks)
        )
        one = comparisons[at]
        concluded = conclude(adjusted, one.metric, one.unfinished, alpha)
        answers[at] = replace(one, effect=adjusted, conclusion=concluded)
    return tuple(answers)

"""The interval of a number that is worked out from sums over repositories, such as sum by sum.

Repositories are drawn again and again with all that belongs to them, and the number is worked out
each time: bias-corrected and accelerated bootstrap, Efron 1987, J Am Stat Assoc 82:171.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isfinite
from statistics import NormalDist
from typing import TYPE_CHECKING

from codybatch.analysis.statistics.answers import LEVEL, CannotBeSaid, Interval
from codybatch.analysis.statistics.distributions import normal_below
from codybatch.analysis.statistics.sign_flip import SEED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sums = NDArray[np.float64]
    """The columns' sums along the last axis."""
    Numbers = NDArray[np.float64]
    """What comes of them; infinite or not a number where nothing does."""

RESAMPLES = 9_999
LEAST_REPOSITORIES = 6
"""With fewer there are at most 126 different draws, and their quantiles say nothing."""

_STEADY = CannotBeSaid("All repositories agree: how far others would differ cannot be said.")
_OPEN = CannotBeSaid("It has no bound: it rests on too few repositories.")


def bca_of_sums(
    rows: Sequence[Sequence[float]],
    statistic: Callable[[Sums], Numbers],
    seed: int = SEED,
    level: float = LEVEL,
) -> Interval | CannotBeSaid:
    """The interval of ``statistic`` of the columns' sums.

    Args:
        rows: a repository each, a column for each sum.
        statistic: works on all draws at once, the columns along the last axis.
        seed: of the draws.
        level: of the interval.
    """
    if len(rows) < LEAST_REPOSITORIES:
        return CannotBeSaid(
            f"{len(rows)} repositories are too few to draw from: {LEAST_REPOSITORIES} are needed."
        )
    import numpy as np  # noqa: PLC0415

    table = np.array(rows, dtype=np.float64)
    count = len(table)
    draws = _draws(count, seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = float(statistic(table.sum(axis=0)))
        drawn = np.sort(statistic(draws @ table))
        without = statistic(table.sum(axis=0) - table)
    if not isfinite(seen) or not np.isfinite(without).all():
        return _OPEN
    below = float(((drawn < seen).mean() + (drawn <= seen).mean()) / 2)
    if not 0 < below < 1 or np.ptp(without) <= 1e-12 * abs(seen):
        return _STEADY
    low, high = (float(drawn[at]) for at in _places(below, _acceleration(without), level))
    return Interval(low, high, level) if isfinite(low) and isfinite(high) else _OPEN


@lru_cache(maxsize=4)
def _draws(count: int, seed: int) -> Numbers:
    """How often each of so many repositories is drawn, a row a draw: the same for every arm."""
    import numpy as np  # noqa: PLC0415

    drawn = np.random.default_rng(seed).multinomial(count, [1 / count] * count, RESAMPLES)
    return drawn.astype(np.float64)


def _acceleration(without: Numbers) -> float:
    """How fast the standard error changes with the value, from the jackknife."""
    rests = without.mean() - without
    return float((rests**3).sum() / (6 * (rests**2).sum() ** 1.5))


def _places(below: float, acceleration: float, level: float) -> tuple[int, int]:
    """Which of the sorted draws are the bounds."""
    shift = NormalDist().inv_cdf(below)

    def place(tail: float) -> int:
        moved = shift + NormalDist().inv_cdf(tail)
        slowed = max(1 - acceleration * moved, 1e-9)  # beyond lies the outermost draw
        part = normal_below(shift + moved / slowed)
        return min(RESAMPLES - 1, max(0, round(part * RESAMPLES - 0.5)))

    low, high = sorted((place((1 - level) / 2), place((1 + level) / 2)))
    return low, high

"""Whether B differs from A, assuming nothing but that without a difference A and B are alike.

Then each repository's difference might as well have had the other sign. The p-value is the part of
all such choices of signs that give a sum at least as far from 0 (Fisher 1935, The Design of
Experiments, 21). Exact wherever that can be counted; otherwise by random choices, with the choice
that was seen among them (Phipson and Smyth 2010, Stat Appl Genet Mol Biol 9:39).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd, lcm, log2

from codybatch.analysis.statistics.answers import CannotBeSaid, Number, PValue
from codybatch.analysis.statistics.clusters import Clusters, summed

SEED = 20_260_301
"""Of everything that is drawn at random: the same data gives the same answer."""
FLIPS = 20_000
"""Random choices where there are too many to count: the error of a p-value of .05 is .0015."""
_COUNTED = 20
"""So many differences have 2 ** 20 choices of signs, which takes some hundredths of a second."""
_SUMS = 1_000_000
_STEPS = 50_000_000
"""Sums that are kept apart at most, and additions that are made: a tenth of a second."""
_ROUNDING = 1e-12
"""Sums this close, as a part of the largest, are equal: floats add in any order."""


def sign_flip(
    differences: Sequence[Number], clusters: Clusters | None = None, seed: int = SEED
) -> PValue | CannotBeSaid:
    """The two-sided p-value that the mean of the differences is not 0.

    Args:
        differences: B minus A, a repository each.
        clusters: of the repositories, which are flipped together; None where each stands alone.
        seed: of the random choices, where there are too many to count.
    """
    if not differences:
        return CannotBeSaid("No repository has both.")
    sums = [one for one in summed(differences, clusters) if one]
    seen = abs(sum(sums, Fraction()))
    if not seen:  # every choice of signs is as far from 0; also where nothing differs
        return PValue(1.0, "sign-flip, exact")
    whole = _as_integers([*map(abs, sums), seen])
    if sum(whole[:-1]) <= min(_SUMS, _STEPS // len(sums)):
        return PValue(_counted_by_sum(whole[:-1], whole[-1]), "sign-flip, exact")
    sizes, bound = [float(abs(one)) for one in sums], float(seen)
    if len(sizes) <= _COUNTED:
        return PValue(_counted_one_by_one(sizes, bound), "sign-flip, exact")
    return PValue(_drawn(sizes, bound, seed), f"sign-flip, {FLIPS:,} random choices")


def least_p(differing: int) -> float:
    """The smallest p-value that so many differing repositories can give: all to the same side."""
    return min(1.0, 2.0 ** (1 - differing))


def least_differing(alpha: float) -> int:
    """How many repositories must differ before a p-value can be as small as ``alpha``."""
    return max(1, ceil(1 - log2(alpha)))


def _as_integers(sizes: Sequence[Fraction]) -> list[int]:
    """The same sizes in the largest unit in which all are whole."""
    scale = lcm(*(one.denominator for one in sizes))
    whole = [one.numerator * (scale // one.denominator) for one in sizes]
    unit = gcd(*whole)
    return [one // unit for one in whole]


def _counted_by_sum(sizes: Sequence[int], seen: int) -> float:
    """Sums the chances of all totals, of which there are few where sizes are small integers."""
    import numpy as np  # noqa: PLC0415

    most = sum(sizes)
    chances = np.zeros(most + 1)  # of the sum of those with a plus
    chances[0] = 1.0
    for size in sizes:
        chances *= 0.5
        chances[size:] += chances[: most + 1 - size].copy()
    far = np.abs(2 * np.arange(most + 1) - most) >= seen
    return min(1.0, float(chances[far].sum()))


def _counted_one_by_one(sizes: Sequence[float], seen: float) -> float:
    """Looks at every choice of signs, the first one's kept: the others mirror them."""
    import numpy as np  # noqa: PLC0415

    totals = np.array([sizes[0]])
    for size in sizes[1:]:
        totals = np.concatenate([totals - size, totals + size])
    return float((np.abs(totals) >= seen - _ROUNDING * sum(sizes)).mean())


def _drawn(sizes: Sequence[float], seen: float, seed: int) -> float:
    """Looks at random choices of signs."""
    import numpy as np  # noqa: PLC0415

    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(FLIPS, len(sizes)))
    far = np.abs(signs @ np.array(sizes)) >= seen - _ROUNDING * sum(sizes)
    return float((far.sum() + 1) / (FLIPS + 1))

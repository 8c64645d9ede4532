"""How far any number of raters agree beyond chance, whoever rated what.

Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, University of Pennsylvania; 2019,
Content Analysis, 4th edition, chapter 12.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import permutations, product

from codybatch.analysis.statistics.answers import Answer, CannotBeSaid


class Scale(StrEnum):
    """What the distance of two ratings means."""

    NOMINAL = "nominal"
    """Equal or not: for accept and reject."""
    ORDINAL = "ordinal"
    """How many ratings stand between: for 1 to 5."""
    INTERVAL = "interval"
    """Their difference."""


@dataclass(frozen=True)
class Alpha(Answer):
    """1 is perfect agreement, 0 what chance gives; below .667 little can be built on it."""

    value: float
    units: int
    """Things with two ratings or more; others say nothing of agreement."""
    ratings: int
    """Of these."""


_Distance = Callable[[int, int], Fraction]


def krippendorffs_alpha(
    units: Sequence[Sequence[int | None]], scale: Scale
) -> Alpha | CannotBeSaid:
    """Alpha of all raters.

    Args:
        units: the ratings of each thing, by whoever rated it; None for a missing one.
        scale: of the ratings.
    """
    given = [[one for one in unit if one is not None] for unit in units]
    pairable = [unit for unit in given if len(unit) > 1]
    if not pairable:
        return CannotBeSaid("Nothing was rated by two raters.")
    counts = Counter(one for unit in pairable for one in unit)
    if len(counts) == 1:
        return CannotBeSaid("All ratings are the same: nothing tells agreement from chance.")
    distance, every = _distance(scale, counts), sum(counts.values())
    observed = sum(
        (sum(distance(*pair) for pair in permutations(unit, 2)) / (len(unit) - 1))
        for unit in pairable
    )
    expected = sum(
        (
            counts[one] * counts[other] * distance(one, other)
            for one, other in product(counts, counts)
        ),
        Fraction(),
    )
    return Alpha(float(1 - (every - 1) * observed / expected), len(pairable), every)


def _distance(scale: Scale, counts: Counter[int]) -> _Distance:
    """The squared distance of two ratings."""
    if scale is Scale.NOMINAL:
        return lambda one, other: Fraction(one != other)
    if scale is Scale.INTERVAL:
        return lambda one, other: Fraction((one - other) ** 2)

    def ordinal(one: int, other: int) -> Fraction:
        low, high = sorted((one, other))
        between = sum(count for rating, count in counts.items() if low <= rating <= high)
        return (between - Fraction(counts[low] + counts[high], 2)) ** 2

    return ordinal

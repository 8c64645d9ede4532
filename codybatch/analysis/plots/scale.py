"""Axes: from values to places, with round numbers to read them by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOG_FROM_RATIO = 50.0
"""Where the largest positive value is so many times the smallest, decades are shown alike."""


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high`` over a width."""

    low: float
    high: float
    start: float
    stop: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Where a value stands; what lies outside stands at the edge."""
        inside = min(max(value, self.low), self.high)
        if self.is_log:
            share = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def bins(self, number: int) -> list[float]:
        """The edges of so many bins that are as wide as each other where they are drawn."""
        if self.is_log:
            ratio = self.high / self.low
            return [self.low * ratio ** (step / number) for step in range(number + 1)]
        width = self.high - self.low
        return [self.low + width * step / number for step in range(number + 1)]

    def ticks(self, most: int = 6) -> list[float]:
        """Round values within the axis, a few of them."""
        if self.is_log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            step = max(1, math.ceil((last - first) / most))
            found = [10.0**power for power in range(first, last + 1, step)]
        else:
            step_size = _round_step((self.high - self.low) / most)
            first = math.ceil(self.low / step_size)
            last = math.floor(self.high / step_size + 1e-9)
            found = [number * step_size for number in range(first, last + 1)]
        return [tick for tick in found if self.low <= tick <= self.high * (1 + 1e-9)]


def scale_for(values: Sequence[float], start: float, stop: float) -> Scale:
    """An axis that holds some values, from 0 where they do not span several decades.

    Args:
        values: at least one; none is negative.
        start: where it begins.
        stop: where it ends.
    """
    high = max(values)
    positive = [value for value in values if value > 0]
    low = min(positive, default=0.0)
    if len(positive) == len(values) and high / low >= LOG_FROM_RATIO:
        return Scale(low, high, start, stop, is_log=True)
    return Scale(0.0, high if high > 0 else 1.0, start, stop)


def _round_step(rough: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))

"""What every question is answered with: numbers that are finite, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from codybatch.domain.unsaid import CannotBeSaid

__all__ = ["ALPHA", "FEW", "LEVEL", "Answer", "CannotBeSaid", "Interval", "Number"]
__all__ += ["PValue", "withheld"]

LEVEL = 0.95
"""Of every interval, unless another is asked for."""
ALPHA = 0.05
"""The largest p-value that counts as a difference shown."""

Number = int | float | Fraction
"""Shares of repetitions are fractions, so that what is equal is found to be equal."""

FEW = 10
"""Fewer repositories than this are called few: intervals by Student's t and by the bootstrap then
rest on the shape of what they cannot see."""


class Answer:
    """The base of every answer: a number in it that is not finite is a mistake of ours."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, float) and not isfinite(value):
                raise ArithmeticError(f"{type(self).__name__}.{name} is {value}.")


@dataclass(frozen=True)
class Interval(Answer):
    """Where the true value lies, in ``level`` of all such intervals."""

    low: float
    high: float
    level: float = LEVEL

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low <= self.high:
            raise ArithmeticError(f"The interval from {self.low} to {self.high} is upside down.")

    def excludes(self, value: float) -> bool:
        """Whether ``value`` lies outside."""
        return not self.low <= value <= self.high

    def within(self, least: float, most: float) -> Interval:
        """The part of it that is possible at all."""
        low, high = (min(max(bound, least), most) for bound in (self.low, self.high))
        return Interval(low, high, self.level)


@dataclass(frozen=True)
class PValue(Answer):
    """How often chance alone makes a difference at least as large, were there none (0 to 1)."""

    value: float
    method: str
    statistic: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.value <= 1:
            raise ArithmeticError(f"{self.method} gives a p-value of {self.value}.")


def withheld(unfinished: int) -> CannotBeSaid | None:
    """Why no p-value is given yet: looking again and again until one is small finds what is not
    there (Armitage, McPherson and Rowe 1969, J R Stat Soc A 132:235).

    Args:
        unfinished: jobs that still run or wait, or whose verdict is still to come.
    """
    if unfinished < 0:
        raise ValueError(f"{unfinished} jobs cannot be unfinished.")
    if not unfinished:
        return None
    jobs = "1 job is" if unfinished == 1 else f"{unfinished} jobs are"
    return CannotBeSaid(f"{jobs} not finished or not judged: a p-value is given when all are.")

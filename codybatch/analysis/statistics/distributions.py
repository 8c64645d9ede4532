"""The distributions that tests and intervals need; scipy is imported where one is asked for."""

from __future__ import annotations

from math import comb, erfc, sqrt
from statistics import NormalDist


def normal_quantile(level: float) -> float:
    """How many standard errors an interval of ``level`` (0 to 1) reaches to each side."""
    return NormalDist().inv_cdf((1 + level) / 2)


def normal_below(z: float) -> float:
    """The part of a standard normal distribution below ``z``."""
    return erfc(-z / sqrt(2)) / 2


def t_quantile(level: float, freedom: int) -> float:
    """The same as ``normal_quantile`` for Student's t with ``freedom`` degrees of freedom."""
    from scipy.special import stdtrit  # noqa: PLC0415

    return float(stdtrit(freedom, (1 + level) / 2))


def t_two_sided(t: float, freedom: int) -> float:
    """The part of Student's t at least as far from 0 as ``t``."""
    from scipy.special import stdtr  # noqa: PLC0415

    return 2 * float(stdtr(freedom, -abs(t)))


def noncentral_t_above(t: float, freedom: int, shift: float) -> float:
    """The part above ``t`` of the noncentral t with noncentrality ``shift``."""
    from scipy.special import nctdtr  # noqa: PLC0415

    return float(1 - nctdtr(freedom, shift, t))


def chi_squared_above(x: float) -> float:
    """The part above ``x`` of chi squared with 1 degree of freedom."""
    return erfc(sqrt(x / 2))


def fair_coin_at_most(heads: int, tosses: int) -> float:
    """The chance of at most so many heads of a fair coin."""
    ways = every = 1
    for k in range(1, heads + 1):
        ways = ways * (tosses - k + 1) // k
        every += ways
    return float(every / 2**tosses)


def fair_coin_exactly(heads: int, tosses: int) -> float:
    """The chance of exactly so many heads of a fair coin."""
    return float(comb(tosses, heads) / 2**tosses)

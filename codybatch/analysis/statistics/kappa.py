"""How far two raters agree beyond what chance would have them agree.

Cohen 1960, Educ Psychol Meas 20:37; weighted: Cohen 1968, Psychol Bull 70:213; its standard error:
Fleiss, Cohen and Everitt 1969, Psychol Bull 72:323.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt

from codybatch.analysis.statistics.answers import LEVEL, Answer, CannotBeSaid, Interval
from codybatch.analysis.statistics.distributions import normal_quantile


class Weights(StrEnum):
    """How much a disagreement counts."""

    SAME = "same"
    """All alike: for accept and reject."""
    QUADRATIC = "quadratic"
    """By the square of the steps between: for ratings."""


@dataclass(frozen=True)
class Kappa(Answer):
    """1 is perfect agreement, 0 what chance gives."""

    value: float
    interval: Interval | CannotBeSaid
    agreement: float
    """The part of the things on which both said the same."""
    rated: int


Table = Sequence[Sequence[int]]
"""How often the first rater said the row and the second the column, in the same order."""


def rating_table(
    first: Iterable[Hashable | None],
    second: Iterable[Hashable | None],
    categories: Sequence[Hashable],
) -> Table:
    """The table of what both rated.

    Args:
        first: a rating for each thing; None where there is none.
        second: the same of the other rater, in the same order.
        categories: all that could be said, in order.
    """
    table = [[0] * len(categories) for _ in categories]
    places = {category: at for at, category in enumerate(categories)}
    for one, other in zip(first, second, strict=True):
        if one is not None and other is not None:
            table[places[one]][places[other]] += 1
    return table


def cohens_kappa(
    table: Table, weights: Weights = Weights.SAME, level: float = LEVEL
) -> Kappa | CannotBeSaid:
    """Kappa of two raters.

    Args:
        table: of things that are independent: one for each job or repository.
        weights: quadratic for ratings.
        level: of the interval.
    """
    rated = sum(map(sum, table))
    if not rated:
        return CannotBeSaid("Both raters rated nothing in common.")
    parts = [[Fraction(one, rated) for one in row] for row in table]
    rows = [sum(row) for row in parts]
    columns = [sum(column) for column in zip(*parts, strict=True)]
    worth = _worth(len(table), weights)
    seen = _weighed(worth, parts)
    chance = _weighed(worth, [[row * column for column in columns] for row in rows])
    if chance == 1:
        return CannotBeSaid(
            "Both raters always said the same one thing: nothing tells it from chance."
        )
    kappa = (seen - chance) / (1 - chance)
    of_rows = [sum(c * w for c, w in zip(columns, line, strict=True)) for line in worth]
    of_columns = [
        sum(r * line[at] for r, line in zip(rows, worth, strict=True)) for at in range(len(worth))
    ]
    spread = sum(
        parts[i][j] * (worth[i][j] - (of_rows[i] + of_columns[j]) * (1 - kappa)) ** 2
        for i in range(len(table))
        for j in range(len(table))
    )
    variance = (spread - (kappa - chance * (1 - kappa)) ** 2) / (rated * (1 - chance) ** 2)
    agreement = sum(parts[at][at] for at in range(len(table)))
    return Kappa(float(kappa), _interval(kappa, variance, level), float(agreement), rated)


def _worth(count: int, weights: Weights) -> list[list[Fraction]]:
    """What each pair of ratings is worth: 1 for the same, 0 for the farthest."""
    if weights is Weights.SAME or count < 2:
        return [[Fraction(i == j) for j in range(count)] for i in range(count)]
    return [[1 - Fraction(i - j, count - 1) ** 2 for j in range(count)] for i in range(count)]


def _weighed(worth: list[list[Fraction]], parts: Sequence[Sequence[Fraction | int]]) -> Fraction:
    pairs = zip(worth, parts, strict=True)
    return sum((w * p for line, row in pairs for w, p in zip(line, row, strict=True)), Fraction())


def _interval(kappa: Fraction, variance: Fraction, level: float) -> Interval | CannotBeSaid:
    if variance <= 0:
        return CannotBeSaid("Too little disagreement was seen to say how sure this is.")
    reach = normal_quantile(level) * sqrt(variance)
    return Interval(float(kappa) - reach, float(kappa) + reach, level).within(-1.0, 1.0)

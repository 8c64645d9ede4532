"""Several questions at once: one in twenty would be answered yes by chance alone.

Holm holds the chance of any false alarm among all; it is for comparing prompts with a baseline.
Benjamini and Hochberg hold the part of false alarms among what was found; it is for exploring.
"""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's p-values, in the same order: Holm 1979, Scand J Stat 6:65."""
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(_ranked(p_values)):
        least = max(least, (len(p_values) - rank) * p_values[at])
        adjusted[at] = min(1.0, least)
    return tuple(adjusted)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Their p-values, in the same order: Benjamini and Hochberg 1995, J R Stat Soc B 57:289."""
    adjusted, most, count = [0.0] * len(p_values), 1.0, len(p_values)
    for rank, at in reversed(list(enumerate(_ranked(p_values), start=1))):
        most = min(most, p_values[at] * count / rank)
        adjusted[at] = most
    return tuple(adjusted)


def _ranked(p_values: Sequence[float]) -> list[int]:
    for one in p_values:
        if not 0 <= one <= 1:
            raise ValueError(f"{one} is no p-value.")
    return sorted(range(len(p_values)), key=lambda at: p_values[at])

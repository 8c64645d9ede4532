"""Two arms side by side, repository by repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from codybatch.analysis.statistics.clusters import total
from codybatch.analysis.statistics.trials import Trials

Seen = TypeVar("Seen")
"""What is known of an arm on one repository."""


@dataclass(frozen=True, slots=True)
class Pairs(Generic[Seen]):
    """What both arms have, in the same order."""

    repositories: tuple[str, ...]
    a: tuple[Seen, ...]
    b: tuple[Seen, ...]
    only_a: tuple[str, ...]
    """Repositories that only A has; they are not compared."""
    only_b: tuple[str, ...]


def side_by_side(a: Mapping[str, Seen], b: Mapping[str, Seen]) -> Pairs[Seen]:
    """The repositories that both have, sorted by name."""
    both = tuple(sorted(a.keys() & b.keys()))
    return Pairs(
        repositories=both,
        a=tuple(a[name] for name in both),
        b=tuple(b[name] for name in both),
        only_a=tuple(sorted(a.keys() - b.keys())),
        only_b=tuple(sorted(b.keys() - a.keys())),
    )


def by_repository(trials: Iterable[Trials]) -> dict[str, Trials]:
    """The trials of an arm under the names of their repositories."""
    return {one.repository: one for one in trials}


def means(measured: Mapping[str, Sequence[float]]) -> dict[str, Fraction]:
    """The exact mean of each repository's repetitions; one without any is left out."""
    return {name: total(each) / len(each) for name, each in measured.items() if each}

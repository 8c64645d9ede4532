"""Whether a prompt sees where changes are necessary (``wereChangesNecessary``).

Against what a person found where one did: precision, recall and kappa. Elsewhere only how far
prompts, or repetitions of one, agree; they may agree on what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from codybatch.analysis.statistics.answers import LEVEL, CannotBeSaid
from codybatch.analysis.statistics.kappa import Kappa, cohens_kappa
from codybatch.analysis.statistics.trials import Trials
from codybatch.analysis.statistics.wilson import Share, clustered_share

Said = Mapping[str, Sequence[bool | None]]
"""What each repetition said, by repository; None where it said neither."""
Truth = Mapping[str, bool]
"""What a person found, by repository."""


@dataclass(frozen=True, slots=True)
class Necessity:
    """An arm against what a person found, over the repositories where one did."""

    true_yes: int
    """Jobs that said that changes are necessary, where they are."""
    false_yes: int
    false_no: int
    true_no: int
    neither: int
    """Jobs that said neither; they count as wrong in no table, and in ``correct``."""
    precision: Share | CannotBeSaid
    """Of those that said yes, the part that was right."""
    recall: Share | CannotBeSaid
    """Of those where changes are necessary, the part that said yes."""
    kappa: Kappa | CannotBeSaid


def against_truth(said: Said, truth: Truth, level: float = LEVEL) -> Necessity | CannotBeSaid:
    """The table of what an arm said against what is true.

    Args:
        said: of one arm.
        truth: repositories that stand in only one of the two are left aside.
        level: of the intervals.
    """
    known = sorted(said.keys() & truth.keys())
    if not known:
        return CannotBeSaid("No person said of any of these repositories what is true.")
    yes = {name: sum(one is True for one in said[name]) for name in known}
    no = {name: sum(one is False for one in said[name]) for name in known}
    needy, others = [n for n in known if truth[n]], [n for n in known if not truth[n]]
    table = [
        [sum(yes[name] for name in needy), sum(no[name] for name in needy)],
        [sum(yes[name] for name in others), sum(no[name] for name in others)],
    ]
    told = [name for name in known if yes[name]]
    asked = [name for name in needy if yes[name] + no[name]]
    return Necessity(
        true_yes=table[0][0],
        false_yes=table[1][0],
        false_no=table[0][1],
        true_no=table[1][1],
        neither=sum(one is None for name in known for one in said[name]),
        precision=_share({n: yes[n] if truth[n] else 0 for n in told}, yes, level),
        recall=_share({n: yes[n] for n in asked}, {n: yes[n] + no[n] for n in asked}, level),
        kappa=_kappa(table, all(len(said[name]) == 1 for name in known), level),
    )


def correct(said: Said, truth: Truth) -> tuple[Trials, ...]:
    """How often an arm was right on each repository: compared like what was accepted."""
    known = sorted(name for name in said.keys() & truth.keys() if said[name])
    return tuple(
        Trials(name, sum(one is truth[name] for one in said[name]), len(said[name]))
        for name in known
    )


def agreement(a: Said, b: Said, level: float = LEVEL) -> Share | CannotBeSaid:
    """The chance that a job of A and one of B say the same of a repository."""
    told_a, told_b = _told(a), _told(b)
    shares = []
    for name in sorted(told_a.keys() & told_b.keys()):
        (yes_a, no_a), (yes_b, no_b) = told_a[name], told_b[name]
        same = yes_a * yes_b + no_a * no_b
        shares.append(Fraction(same, (yes_a + no_a) * (yes_b + no_b)))
    return _mean(shares, "Of no repository both said whether changes are necessary.", level)


def steadiness(said: Said, level: float = LEVEL) -> Share | CannotBeSaid:
    """The chance that two repetitions of an arm say the same of a repository."""
    shares = [
        Fraction(comb(yes, 2) + comb(no, 2), comb(yes + no, 2))
        for _, (yes, no) in sorted(_told(said).items())
        if yes + no > 1
    ]
    return _mean(shares, "No repository has two repetitions that said it.", level)


def _told(said: Said) -> dict[str, tuple[int, int]]:
    """How often yes and no was said of each repository of which either was."""
    counts = {
        name: (sum(one is True for one in every), sum(one is False for one in every))
        for name, every in said.items()
    }
    return {name: count for name, count in counts.items() if any(count)}


def _mean(shares: Sequence[Fraction], none: str, level: float) -> Share | CannotBeSaid:
    if not shares:
        return CannotBeSaid(none)
    return clustered_share(shares, [1] * len(shares), len(shares), level=level)


def _share(hits: Mapping[str, int], sizes: Mapping[str, int], level: float) -> Share | CannotBeSaid:
    """A share of jobs, with repetitions as what they are: clustered."""
    names = list(hits)
    whole = [sizes[name] for name in names]
    return clustered_share([hits[name] for name in names], whole, sum(whole), level=level)


def _kappa(table: list[list[int]], single: bool, level: float) -> Kappa | CannotBeSaid:
    kappa = cohens_kappa(table, level=level)
    if single or isinstance(kappa, CannotBeSaid):
        return kappa
    reason = "Repetitions on one repository resemble each other: an interval would be too narrow."
    return Kappa(kappa.value, CannotBeSaid(reason), kappa.agreement, kappa.rated)

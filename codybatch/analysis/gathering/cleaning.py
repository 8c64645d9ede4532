"""Names that people gave, without the secrets that may stand in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.gathering.tried import Tried
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import Person
from codybatch.services.findings import Clean


def cleaned(material: Material, clean: Clean) -> Material:
    """The same with the names of arms and raters clean, and what was noticed of them.

    Args:
        material: all of it.
        clean: takes secrets out of a text.
    """
    arms = _told_apart([one.name for one in material.contenders], clean)
    raters = _told_apart(sorted(_raters(material)), clean)
    return replace(
        material,
        contenders=tuple(_contender(one, arms, raters, clean) for one in material.contenders),
        notices=tuple(map(clean, material.notices)),
    )


def _told_apart(names: list[str], clean: Clean) -> dict[str, str]:
    """Each name without its secrets; those that are the same then get numbers."""
    counts = Counter(map(clean, names))
    numbers: Counter[str] = Counter()
    found = {}
    for name in names:
        shown = clean(name)
        numbers[shown] += 1
        found[name] = shown if counts[shown] == 1 else f"{shown} ({numbers[shown]})"
    return found


def _raters(material: Material) -> set[str]:
    every = (tried for contender in material.contenders for _, tried in contender.every())
    return {verdict.rater for tried in every for verdict in tried.verdicts}


def _contender(
    one: Contender, arms: dict[str, str], raters: dict[str, str], clean: Clean
) -> Contender:
    return replace(
        one,
        name=arms[one.name],
        tried={
            repository: tuple(_tried(each, raters) for each in repetitions)
            for repository, repetitions in one.tried.items()
        },
        equal_to=arms.get(one.equal_to, clean(one.equal_to)) if one.equal_to else None,
    )


def _tried(one: Tried, raters: dict[str, str]) -> Tried:
    return replace(one, verdicts=tuple(_verdict(each, raters) for each in one.verdicts))


def _verdict(one: Verdict, raters: dict[str, str]) -> Verdict:
    name = raters[one.rater]
    return one if name == one.rater else one.with_(rater=Person(name))

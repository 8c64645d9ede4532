"""The answer in a sentence: which arm is shown to be better, or why none is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codybatch.analysis.gathering.comparing import trials_of
from codybatch.analysis.gathering.concluding import UNDECIDED, Concluded
from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.report.contents import Upshot
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.plan import Role
from codybatch.analysis.statistics.power import Spread, detectable, repositories_needed, spread
from codybatch.analysis.statistics.sentences import of_detectable, of_needed

_WORTH_SHOWING = 0.10
"""The difference of shares for which what it takes is told, where none was shown."""


def upshot_of(material: Material, comparisons: Mapping[str, Comparison]) -> Upshot:
    """The answer.

    Args:
        material: what was compared.
        comparisons: of each arm with the baseline, by the metric that decides.
    """
    baseline = material.baseline
    tested = {
        one.name: comparisons[one.name]
        for one in material.contenders[1:]
        if one.equal_to != baseline.name
    }
    reasons = tuple(one.sentence for one in tested.values())
    why_not = _why_nothing_is_decided(list(tested.values()))
    if why_not:
        settle = tuple(_would_settle(material, tested))
        return Upshot(None, (), (), UNDECIDED, "", why_not, reasons, settle)
    found = Concluded(baseline.name, tuple(tested.values()))
    return Upshot(
        winner=found.winner,
        better=found.better,
        worse=found.worse,
        badge=found.badge,
        brief=found.brief,
        sentence=found.sentence,
        reasons=reasons,
        would_settle=() if found.winner else tuple(_would_settle(material, tested)),
    )


def _why_nothing_is_decided(comparisons: Sequence[Comparison]) -> str:
    """Why no arm may be called better, whatever the comparisons show; empty where it may."""
    if not comparisons:
        return "Nothing is compared: there is one arm only."
    unfinished = comparisons[0].unfinished
    if unfinished:
        jobs = "1 job is" if unfinished == 1 else f"{unfinished} jobs are"
        return f"Nothing is concluded yet: {jobs} not finished or not judged."
    if comparisons[0].role is Role.CHOSEN_LATE:
        return "Nothing is decided: what decides was chosen after the first results were there."
    if comparisons[0].role is Role.SECONDARY:
        return "Nothing is decided by this metric: it describes, and another one decides."
    return ""


def _would_settle(material: Material, tested: Mapping[str, Comparison]) -> Iterator[str]:
    """What could have been shown, and what it would take to show more."""
    open_ones = [
        name for name, one in tested.items() if one.conclusion is Conclusion.NO_DIFFERENCE_SHOWN
    ]
    for name in open_ones:
        told = list(_of_one(material, material.contender(name)))
        begin = f"{name}: " if len(tested) > 1 else ""
        yield from (begin + one for one in told)


def _of_one(material: Material, contender: Contender) -> Iterator[str]:
    pairs = trials_of(material.metric, material, material.baseline, contender)
    varying = pairs if isinstance(pairs, CannotBeSaid) else spread(pairs.a, pairs.b)
    if isinstance(pairs, CannotBeSaid):
        yield "Four times as many repositories would make the interval about half as wide."
        return
    if not isinstance(varying, Spread):
        return
    repositories, repetitions = len(pairs.repositories), material.repetitions
    yield of_detectable(detectable(varying, repositories, repetitions), repositories)
    needed = repositories_needed(_WORTH_SHOWING, varying, repetitions)
    if isinstance(needed, CannotBeSaid) or needed.repositories > repositories:
        yield of_needed(needed)

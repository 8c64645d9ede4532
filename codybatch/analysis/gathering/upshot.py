"""The answer in a sentence: which arm is shown to be better, or why none is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codybatch.analysis.gathering.comparing import trials_of
from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.report.contents import Upshot
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect
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
    winner, sentence = _concluded(baseline.name, list(tested.values()))
    settle: tuple[str, ...] = ()
    if winner is None:
        settle = tuple(_would_settle(material, tested))
    return Upshot(winner, sentence, reasons, settle)


def _concluded(baseline: str, comparisons: Sequence[Comparison]) -> tuple[str | None, str]:
    if not comparisons:
        return None, "Nothing is compared: there is one arm only."
    unfinished = comparisons[0].unfinished
    if unfinished:
        jobs = "1 job is" if unfinished == 1 else f"{unfinished} jobs are"
        return None, f"Nothing is concluded yet: {jobs} not finished or not judged."
    if comparisons[0].role is Role.CHOSEN_LATE:
        return None, (
            "Nothing is decided: what decides was chosen after the first results were there."
        )
    if comparisons[0].role is Role.SECONDARY:
        return None, "Nothing is decided by this metric: it describes, and another one decides."
    return _of_conclusions(baseline, comparisons)


def _of_conclusions(baseline: str, comparisons: Sequence[Comparison]) -> tuple[str | None, str]:
    better = [one for one in comparisons if one.conclusion is Conclusion.B_BETTER]
    worse = [one for one in comparisons if one.conclusion is Conclusion.A_BETTER]
    unsaid = [one for one in comparisons if one.conclusion is Conclusion.CANNOT_BE_SAID]
    if len(better) == 1:
        return better[0].b, f"{better[0].b} is better than {baseline}.{_others(comparisons)}"
    if better:
        best = max(better, key=_size)
        names = _listed([one.b for one in better])
        return best.b, (
            f"{names} are better than {baseline}. Of these {best.b} differs most; whether it is "
            "better than the others was not tested."
        )
    if len(worse) == len(comparisons):
        verb = "is" if len(worse) == 1 else "are all"
        return baseline, (
            f"{baseline} is better: {_listed([one.b for one in worse])} {verb} worse than it."
        )
    if len(unsaid) == len(comparisons):
        return None, "Nothing can be concluded: the results do not allow a comparison."
    if worse:
        names = _listed([one.b for one in worse])
        return None, f"No arm is shown to be better than {baseline}; {names} did worse than it."
    other = comparisons[0].b if len(comparisons) == 1 else "any other arm"
    return None, f"No difference shown between {baseline} and {other}."


def _others(comparisons: Sequence[Comparison]) -> str:
    """What is to be said of the arms besides a single winner."""
    same = [one.b for one in comparisons if one.conclusion is Conclusion.NO_DIFFERENCE_SHOWN]
    worse = [one.b for one in comparisons if one.conclusion is Conclusion.A_BETTER]
    told = f" Of {_listed(same)} no difference is shown." if same else ""
    return told + (f" {_listed(worse)} did worse." if worse else "")


def _size(comparison: Comparison) -> float:
    """How large an effect is, whichever way is better."""
    effect = comparison.effect
    if not isinstance(effect, Effect):
        return 0.0
    return -effect.value if comparison.metric.less_is_better else effect.value


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


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
